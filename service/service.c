#include "service/service.h"

#include "base/backoff.h"
#include "base/log.h"
#include "base/random.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_FIRST_MS = 50,
    RETRY_MOST_MS = 1000
};

/* A run of the process: how far it has come, and the signal that ends it. */
struct run {
    const struct service *service;
    size_t n_started;
    sigset_t ends;    /* signals that end it */
    sigset_t signals; /* all that we take */
    int signal;       /* 0: none yet */
};

/* What a hangup asks for; main's thread only. */
static struct {
    void (*reload)(void *context); /* NULL: nothing */
    void *context;
} hangup;

/* ---- signals ---- */

/* Before any thread is started: they inherit the mask, so the signals are left to us. */
static void take_signals(struct run *run)
{
    sigemptyset(&run->ends);
    sigaddset(&run->ends, SIGTERM);
    sigaddset(&run->ends, SIGINT);
    run->signals = run->ends;
    sigaddset(&run->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &run->signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a write to a gone peer says so itself */
}

void service_on_hangup(void (*reload)(void *context), void *context)
{
    hangup.reload = reload;
    hangup.context = context;
}

static void wait_for_end(struct run *run)
{
    int signal = 0;

    while (signal != SIGTERM && signal != SIGINT) {
        signal = sigwaitinfo(&run->signals, NULL);
        if (signal == SIGHUP && hangup.reload)
            hangup.reload(hangup.context);
    }
    run->signal = signal;
}

/* A hangup meanwhile waits until all parts run. */
static bool end_within(struct run *run, int32_t wait_ms)
{
    const struct timespec wait = {.tv_sec = wait_ms / 1000,
                                  .tv_nsec = (long)(wait_ms % 1000) * 1000000};
    int signal = sigtimedwait(&run->ends, NULL, &wait);

    if (signal > 0)
        run->signal = signal;
    return signal > 0;
}

/* ---- parts ---- */

enum start {
    START_DONE,
    START_INTERRUPTED,
    START_FAILED
};

static bool is_worth_a_retry(enum error_code code)
{
    return code == ERROR_UNAVAILABLE || code == ERROR_OUTCOME_UNKNOWN || code == ERROR_BUSY;
}

static enum start start_part(struct run *run, const struct service_part *part)
{
    struct backoff backoff = {.first_ms = RETRY_FIRST_MS, .most_ms = RETRY_MOST_MS};
    struct error error = {0};

    if (end_within(run, 0))
        return START_INTERRUPTED;
    while (!part->start(run->service->context, &error)) {
        if (!is_worth_a_retry(error.code)) {
            log_error("cannot start", LOG_TEXT("part", part->name), LOG_CAUSE(&error));
            return START_FAILED;
        }
        if (backoff.attempts == 0)
            log_warning("waiting", LOG_TEXT("part", part->name), LOG_CAUSE(&error));
        if (end_within(run, backoff_next_ms(&backoff, random_u64())))
            return START_INTERRUPTED;
        error = (struct error){0};
    }
    if (backoff.attempts > 0)
        log_info("waited long enough", LOG_TEXT("part", part->name));
    return START_DONE;
}

static enum start start_parts(struct run *run)
{
    enum start start = START_DONE;

    while (start == START_DONE && run->n_started < run->service->n_parts) {
        start = start_part(run, &run->service->parts[run->n_started]);
        if (start == START_DONE)
            run->n_started++;
    }
    return start;
}

static void stop_parts(struct run *run)
{
    while (run->n_started > 0) {
        const struct service_part *part = &run->service->parts[--run->n_started];

        if (part->stop)
            part->stop(run->service->context);
    }
}

/* ---- the process ---- */

static void serve(struct run *run)
{
    const struct service *service = run->service;

    if (service->serving)
        service->serving(service->context);
    wait_for_end(run);
    log_info("stopping", LOG_TEXT("signal", strsignal(run->signal)));
    if (service->drain)
        service->drain(service->context);
}

static int live(struct run *run, const struct config *config)
{
    enum start start;

    log_info("starting", LOG_TEXT("version", EVENTS_VERSION), LOG_NUMBER("pid", getpid()));
    if (run->service->configure)
        run->service->configure(run->service->context, config);
    start = start_parts(run);
    if (start == START_DONE)
        serve(run);
    if (start == START_INTERRUPTED)
        log_info("stopping", LOG_TEXT("signal", strsignal(run->signal)));
    stop_parts(run);
    log_info("stopped");
    return start == START_FAILED ? EXIT_FAILURE : EXIT_SUCCESS;
}

static enum log_level level_of(const char *name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"debug", LOG_DEBUG}, {"warning", LOG_WARNING}, {"error", LOG_ERROR}};

    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        if (strcmp(levels[i].name, name) == 0)
            return levels[i].level;
    }
    return LOG_INFO;
}

static void set_up_log(const struct config *config)
{
    bool json = strcmp(config->log_format, "json") == 0;

    log_setup(level_of(config->log_level), json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT,
              config->service_name);
}

static int answer(const struct config *config, enum config_request request)
{
    config_answer(config, request, stdout);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

enum {
    ARENAS_MAX = 2,
    MAPPED_FROM_BYTES = 128 * 1024 /* the allocator's own first value */
};

/*
 * Hundreds of threads that allocate little: an arena for each few of them would only hold pages back. Where
 * nothing is said, the first large reply of the database that is freed makes all later ones of its size holes
 * in an arena.
 */
static void keep_memory_small(void)
{
    mallopt(M_ARENA_MAX, ARENAS_MAX);
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
}

int service_main(const struct service *service, int argc, char *argv[])
{
    static struct config config; /* the log borrows its name until the process has ended */
    struct run run = {.service = service};
    enum config_request request;
    struct error error = {0};

    keep_memory_small();
    take_signals(&run);
    if (!random_init(&error)) {
        log_error("cannot start", LOG_CAUSE(&error));
        return EXIT_FAILURE;
    }
    if (!config_load(service->kind, argc, argv, environ, &config, &request, &error)) {
        log_error("configuration refused", LOG_CAUSE(&error));
        return CONFIG_EXIT_STATUS;
    }
    if (request != CONFIG_RUN)
        return answer(&config, request);
    set_up_log(&config);
    return live(&run, &config);
}
