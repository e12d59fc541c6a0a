/* Parked messages are given up. */
#include "tools/messages/dead_queue.h"
#include "tools/messages/message_line.h"
#include "tools/words.h"

#include <inttypes.h>

static const struct argument arguments[] = {
    DEAD_ARGUMENT_ID,
    DEAD_ARGUMENT_NAME,
    DEAD_ARGUMENT_REASON,
    DEAD_ARGUMENT_LIMIT,
    DEAD_ARGUMENT_DRY_RUN,
    {.name = "yes",
     .kind = ARGUMENT_FLAG,
     .offset = offsetof(struct dead_options, yes),
     .help = "I mean it; wanted unless --id names one"},
};

struct drop {
    struct desk desk;
    struct dead_queue dead;
    int64_t n_dropped;
};

static void drop_clear(struct drop *drop)
{
    dead_queue_close(&drop->dead);
}

/* Written out before it is removed: what stood in the queue stands in a file, whatever happens. */
static bool drop_one(struct drop *drop, const struct tapped *message, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer line = {0};

    if (!message->is_whole) {
        desk_say(&drop->desk, "%s stays: its body of %" PRIu64 " bytes cannot be written out",
                 message->envelope.id, message->size_bytes);
        drop->dead.n_staying++;
        return true;
    }
    buffer_init(&line, MESSAGE_LINE_BYTES_MAX);
    message_line_write(message, &line);
    if (!desk_print(&drop->desk, &line, error) || !desk_flush(&drop->desk, error) ||
        !queue_tap_remove(drop->dead.tap, message->handle, error))
        return false;
    drop->n_dropped++;
    return true;
}

static bool drop_all(struct drop *drop, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;
    bool good = true;

    while (good && state != QUEUE_TAP_OVER) {
        struct tapped_parking parking;
        struct tapped message;

        if (!dead_queue_next(&drop->dead, DESK_WAIT_MS, &message, &parking, &state, error))
            return false;
        if (state != QUEUE_TAP_MESSAGE)
            continue;
        if (drop->dead.options->dry_run)
            good = dead_queue_print(&drop->desk, &message, &parking, error);
        else
            good = drop_one(drop, &message, error);
    }
    return good && queue_tap_finish(drop->dead.tap, error);
}

static bool dead_drop(const struct word_call *call, enum word_status *status, struct error *error)
{
    CLEANUP(drop_clear) struct drop drop = {0};
    const struct dead_options *options = call->options;
    bool good;

    if (!options->yes && !options->id && !options->dry_run)
        return error_set(error, ERROR_INVALID,
                         "this is for good; say --yes, or which one by --id, or look by --dry-run");
    if (!desk_init(&drop.desk, call, "dead-drop", error) ||
        !dead_queue_open(&drop.dead, &drop.desk, error))
        return false;
    good = drop_all(&drop, error);
    desk_say(&drop.desk, "%" PRId64 " dropped, %" PRId64 " left in %s", drop.n_dropped,
             queue_tap_end(drop.dead.tap) - drop.n_dropped, drop.dead.dead);
    if (good)
        *status = dead_queue_status(&drop.dead);
    return good;
}

const struct word word_dead_drop = {
    .name = "dead drop",
    .operands = "QUEUE",
    .summary = "give parked messages up",
    .help = "Each is written to standard output, whole, as a line of JSON, before it is\n"
            "removed: keep that file. `myevents publish --raw --to QUEUE.dead FILE` puts\n"
            "them back. A body above 16 MiB cannot be written so: its message stays, and is\n"
            "named (ends with 1).\n"
            "\n"
            "  myevents dead drop booking --id 6566a1f0c3d2b4a596877801:3 >>dropped.jsonl\n"
            "  myevents dead drop booking --name location.exploded --yes >>dropped.jsonl\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &dead_defaults,
    .options_bytes = sizeof(dead_defaults),
    .run = dead_drop,
};
