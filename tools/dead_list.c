/* What lies in a dead queue, and why. */
#include "tools/messages/dead_queue.h"
#include "tools/words.h"

#include <inttypes.h>

static const struct argument arguments[] = {
    DEAD_ARGUMENT_ID,
    DEAD_ARGUMENT_NAME,
    DEAD_ARGUMENT_REASON,
    DEAD_ARGUMENT_LIMIT,
};

static bool print_all(struct desk *desk, struct dead_queue *dead, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state != QUEUE_TAP_OVER) {
        struct tapped_parking parking;
        struct tapped message;

        if (!dead_queue_next(dead, DESK_WAIT_MS, &message, &parking, &state, error))
            return false;
        if (state == QUEUE_TAP_MESSAGE && !dead_queue_print(desk, &message, &parking, error))
            return false;
    }
    return true;
}

static bool dead_list(const struct word_call *call, enum word_status *status, struct error *error)
{
    CLEANUP(dead_queue_close) struct dead_queue dead = {0};
    struct desk desk;

    if (!desk_init(&desk, call, "dead-list", error) || !dead_queue_open(&dead, &desk, error) ||
        !print_all(&desk, &dead, error))
        return false;
    desk_say(&desk, "%" PRId64 " of %" PRId64 " in %s", dead.n_matching, queue_tap_end(dead.tap),
             dead.dead);
    *status = dead_queue_status(&dead);
    return true;
}

const struct word word_dead_list = {
    .name = "dead list",
    .operands = "QUEUE",
    .summary = "what lies in the dead queue of QUEUE, and why",
    .help = "Each line: when it was parked, name, id, attempts before that, looks since,\n"
            "bytes, who parked it, reason. Nothing is taken: all of it lies there again\n"
            "when this ends. To the broker a look is a delivery that failed, and it counts\n"
            "those; so give no delivery limit to dead queues (RabbitMQ 4 has one of 20\n"
            "unless a policy says otherwise).\n"
            "\n"
            "  myevents dead list booking\n"
            "  myevents dead list booking --reason quarantine --limit 20\n"
            "  myevents dead list event --name event.booked --json\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &dead_defaults,
    .options_bytes = sizeof(dead_defaults),
    .run = dead_list,
};
