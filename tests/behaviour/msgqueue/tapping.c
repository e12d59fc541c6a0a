#include "tests/behaviour/msgqueue/tapping.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct error error;

struct queue_access tap_access(const struct world *world)
{
    return (struct queue_access){.url = world->url, .connection_name = "test#tap"};
}

struct queue_tap *tap_look(const struct world *world, const char *queue)
{
    const struct queue_access access = tap_access(world);
    struct queue_tap *tap = NULL;

    cr_assert(queue_tap_look(&access, queue, &tap, &error), "%s", error.text);
    return tap;
}

struct queue_tap *tap_replay(const struct world *world, const struct queue_tap_start start)
{
    const struct queue_access access = tap_access(world);
    struct queue_tap *tap = NULL;

    cr_assert(queue_tap_replay(&access, world->log_name, &start, &tap, &error), "%s", error.text);
    return tap;
}

struct queue_sender *tap_sender(const struct world *world)
{
    const struct queue_access access = tap_access(world);
    struct queue_sender *sender = NULL;

    cr_assert(queue_sender_open(&access, &sender, &error), "%s", error.text);
    return sender;
}

bool tap_next(struct queue_tap *tap, struct tapped *message)
{
    int64_t until_ms = clock_monotonic_ms() + WORLD_DEADLINE_MS;
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state == QUEUE_TAP_QUIET) {
        cr_assert_lt(clock_monotonic_ms(), until_ms, "nothing comes");
        cr_assert(queue_tap_next(tap, 100, message, &state, &error), "%s", error.text);
    }
    return state == QUEUE_TAP_MESSAGE;
}

int tap_number(const struct tapped *message)
{
    int number = -1;

    (void)sscanf(message->envelope.id, "%d", &number);
    return number;
}

struct envelope tap_envelope(const struct world *world, int number)
{
    struct envelope envelope = {
        .source = "test", .time_ms = clock_wall_ms(), .body = "{}", .body_bytes = 2};

    snprintf(envelope.id, sizeof(envelope.id), "%d", number);
    snprintf(envelope.name, sizeof(envelope.name), "%s", world->created);
    return envelope;
}

enum queue_posting_end tap_end_of_next(struct queue_sender *sender, uint64_t *handle)
{
    int64_t until_ms = clock_monotonic_ms() + WORLD_DEADLINE_MS;
    enum queue_posting_end end;

    while (!queue_sender_take(sender, handle, &end)) {
        cr_assert_lt(clock_monotonic_ms(), until_ms, "the broker says nothing");
        cr_assert(queue_sender_wait(sender, 100, &error), "%s", error.text);
    }
    return end;
}

void tap_post(struct queue_sender *sender, const char *queue, const struct envelope *envelope,
              uint64_t handle)
{
    const struct queue_posting posting = {.exchange = "", .key = queue, .handle = handle};

    cr_assert(queue_sender_post(sender, &posting, envelope, &error), "%s", error.text);
}

void tap_fill(const struct world *world, const char *queue, int first, int last)
{
    SENDER_VAR sender = tap_sender(world);
    uint64_t handle = 0;

    for (int i = first; i <= last; i++) {
        const struct envelope envelope = tap_envelope(world, i);

        while (!queue_sender_has_room(sender))
            cr_assert_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
        tap_post(sender, queue, &envelope, (uint64_t)i);
    }
    while (queue_sender_n_waiting(sender))
        cr_assert_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_assert_eq((int)handle, last);
}

int tap_read_all(struct queue_tap *tap, int *numbers)
{
    struct tapped message;
    int n = 0;

    while (tap_next(tap, &message))
        numbers[n++] = tap_number(&message);
    return n;
}
