/* The smallest service: two parts that say when they start and stop, and fail as the environment says. */
#include "base/cleanup.h"
#include "base/log.h"
#include "service/service.h"

#include <stdlib.h>

struct tiny {
    long unavailable; /* so many more starts of the second part fail for a while */
    long broken;      /* its start fails for good */
    int64_t drain_ms; /* as configured */
};

static long number_of(const char *variable)
{
    const char *text = getenv(variable);

    return text ? strtol(text, NULL, 10) : 0;
}

static void configure(void *context, const struct config *config)
{
    struct tiny *tiny = context;

    tiny->drain_ms = config->drain_ms;
    tiny->unavailable = number_of("TINY_UNAVAILABLE");
    tiny->broken = number_of("TINY_BROKEN");
}

static bool start_first(void *context, struct error *error)
{
    (void)context;
    (void)error;
    log_info("first started");
    return true;
}

static void stop_first(void *context)
{
    (void)context;
    log_info("first stopped");
}

static bool start_second(void *context, struct error *error)
{
    struct tiny *tiny = context;

    if (tiny->broken)
        return error_set(error, ERROR_INVALID, "it makes no sense");
    if (tiny->unavailable > 0) {
        tiny->unavailable--;
        return error_set(error, ERROR_UNAVAILABLE, "the server is away");
    }
    log_info("second started");
    return true;
}

static void stop_second(void *context)
{
    (void)context;
    log_info("second stopped");
}

static void reload(void *context)
{
    (void)context;
    log_info("read again");
}

static bool start_third(void *context, struct error *error)
{
    (void)error;
    service_on_hangup(reload, context);
    return true;
}

static void serving(void *context)
{
    (void)context;
    log_info("serving");
}

static void drain(void *context)
{
    const struct tiny *tiny = context;

    log_info("draining", LOG_NUMBER("drain_ms", tiny->drain_ms));
}

static const struct service_part parts[] = {
    {"first", start_first, stop_first},
    {"second", start_second, stop_second},
    {"third", start_third, NULL},
};

int main(int argc, char *argv[])
{
    static struct tiny tiny;
    const struct service service = {
        .kind = CONFIG_EVENTSERVICE,
        .parts = parts,
        .n_parts = ARRAY_SIZE(parts),
        .context = &tiny,
        .configure = configure,
        .serving = serving,
        .drain = drain,
    };

    return service_main(&service, argc, argv);
}
