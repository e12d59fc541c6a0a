/*
 * How many messages per second an emitter gets confirmed.
 *
 *     bench_emitter amqp://guest:guest@localhost [MESSAGES] [BYTES] [WINDOW] [NAME]
 *
 * The messages carry a name that a log takes (event.created unless given), so they are durable when confirmed.
 */
#include "base/clock.h"
#include "base/random.h"
#include "msgqueue/event_emitter.h"

#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_MESSAGES = 200000,
    BODY_BYTES = 300,
    BODY_BYTES_MAX = 65536,
    CONNECT_MS = 10000
};

static char body[BODY_BYTES_MAX];
static const char *name = "event.created";
static _Atomic long n_confirmed, n_failed;

static void done(void *context, const struct error *error)
{
    (void)context;
    if (error)
        n_failed++;
    else
        n_confirmed++;
}

static void rest(void)
{
    (void)poll(NULL, 0, 1);
}

static bool emit(struct event_emitter *emitter, long number, size_t body_bytes, struct error *error)
{
    struct envelope envelope = {.source = "bench",
                                .subject = "0123456789abcdef01234567",
                                .time_ms = clock_wall_ms(),
                                .body = body,
                                .body_bytes = body_bytes};

    snprintf(envelope.name, sizeof(envelope.name), "%s", name);
    snprintf(envelope.id, sizeof(envelope.id), "bench:%ld", number);
    while (!event_emitter_emit(emitter, &envelope, done, NULL, error)) {
        if (error->code != ERROR_BUSY)
            return false;
        rest();
    }
    return true;
}

static bool measure(struct event_emitter *emitter, long n_messages, size_t body_bytes,
                    struct error *error)
{
    int64_t start_us = clock_monotonic_us();
    double seconds;

    for (long i = 0; i < n_messages; i++) {
        if (!emit(emitter, i, body_bytes, error))
            return false;
    }
    while (n_confirmed + n_failed < n_messages)
        rest();
    seconds = (double)(clock_monotonic_us() - start_us) / 1e6;
    printf("%ld messages of %zu bytes: %ld confirmed, %ld failed, %.2f s, %.0f/s\n", n_messages,
           body_bytes, n_confirmed, n_failed, seconds, (double)n_confirmed / seconds);
    return true;
}

static bool connected(struct event_emitter *emitter, struct error *error)
{
    int64_t until_ms = clock_monotonic_ms() + CONNECT_MS;

    while (!event_emitter_check(emitter, error)) {
        if (clock_monotonic_ms() > until_ms)
            return false;
        rest();
    }
    return true;
}

static long number_of(int argc, char **argv, int index, long otherwise)
{
    return index < argc ? strtol(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct event_emitter_options options = {
        .backend = "amqp",
        .url = argc > 1 ? argv[1] : "",
        .connection_name = "bench_emitter",
        .window = (int)number_of(argc, argv, 4, 0),
    };
    long body_bytes = number_of(argc, argv, 3, BODY_BYTES);
    CLEANUP(event_emitter_freep) struct event_emitter *emitter = NULL;
    struct error error = {0};

    memset(body, 'x', sizeof(body));
    if (argc > 5)
        name = argv[5];
    if (body_bytes < 0 || body_bytes > BODY_BYTES_MAX || !random_init(&error) ||
        !event_emitter_open(&options, &emitter, &error) || !connected(emitter, &error) ||
        !measure(emitter, number_of(argc, argv, 2, N_MESSAGES), (size_t)body_bytes, &error)) {
        fprintf(stderr, "bench_emitter: %s\n", error.text);
        return 1;
    }
    return 0;
}
