/* What a log has kept, to standard output or into a queue. */
#include "tools/messages/desk.h"
#include "tools/messages/message_line.h"
#include "tools/messages/position.h"
#include "tools/messages/pump.h"
#include "tools/words.h"

#include <inttypes.h>

struct replay_options {
    const char *from;
    const char *until;
    const char *to;
};

static const struct replay_options defaults = {.from = "first"};

static const struct argument arguments[] = {
    {.name = "from",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct replay_options, from),
     .value = "WHERE",
     .help = "first, an offset or a time: with that one; else first"},
    {.name = "until",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct replay_options, until),
     .value = "WHERE",
     .help = "an offset or a time: before that one; else to the end"},
    {.name = "to",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct replay_options, to),
     .value = "QUEUE",
     .help = "into this queue alone; else to standard output"},
};

struct replay {
    struct desk desk;
    struct position from;
    struct position until;
    struct queue_tap *tap; /* owned */
    struct pump pump;      /* open when there is a queue to go to */
    int64_t n_seen;
    int64_t n_replayed;
    const char *refusal; /* why one did not arrive */
};

static void replay_clear(struct replay *replay)
{
    pump_close(&replay->pump);
    queue_tap_free(replay->tap);
}

static const struct replay_options *options_of(const struct replay *replay)
{
    return replay->desk.call->options;
}

static bool ended(void *context, uint64_t handle, enum queue_posting_end end, struct error *error)
{
    struct replay *replay = context;

    (void)handle;
    (void)error;
    if (end == QUEUE_POSTING_CONFIRMED)
        replay->n_replayed++;
    else
        replay->refusal = pump_reason(end);
    return true;
}

static bool print(struct replay *replay, const struct tapped *message, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer line = {0};

    buffer_init(&line, MESSAGE_LINE_BYTES_MAX);
    message_line_write(message, &line);
    replay->n_replayed++;
    return desk_print(&replay->desk, &line, error);
}

static bool send(struct replay *replay, const struct tapped *message, struct error *error)
{
    const struct queue_posting posting = {.exchange = "", .key = options_of(replay)->to};

    if (!queue_sender_forward(replay->pump.sender, &posting, message, false, error))
        return error_wrap(error, "offset %" PRId64, message->offset);
    return pump_make_room(&replay->pump, error);
}

/* Retention cuts whole segments off the front: what was asked for may not be there any more. */
static void notice_cut(struct replay *replay)
{
    int64_t wanted = replay->from.kind == POSITION_OFFSET ? replay->from.number : 0;
    int64_t begin = queue_tap_begin(replay->tap);

    if (replay->n_seen++ == 0 && replay->from.kind != POSITION_TIME && begin > wanted)
        desk_say(&replay->desk, "the log begins at offset %" PRId64 "; what was before it is gone",
                 begin);
}

static bool is_wanted(const struct replay *replay, const struct tapped *message)
{
    return !position_is_behind(&replay->from, message) &&
           (replay->until.kind == POSITION_NONE || position_is_behind(&replay->until, message));
}

/* Offsets only grow; times need not, for a message may have waited in its service. */
static bool is_beyond(const struct replay *replay, const struct tapped *message)
{
    return replay->until.kind == POSITION_OFFSET && message->offset >= replay->until.number;
}

static bool take(struct replay *replay, const struct tapped *message, enum queue_tap_state *state,
                 struct error *error)
{
    notice_cut(replay);
    if (is_beyond(replay, message))
        *state = QUEUE_TAP_OVER;
    else if (is_wanted(replay, message))
        return (replay->pump.sender ? send : print)(replay, message, error);
    return true;
}

static bool replay_all(struct replay *replay, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state != QUEUE_TAP_OVER && !replay->refusal && !word_is_interrupted()) {
        struct tapped message;

        if (!queue_tap_next(replay->tap, DESK_WAIT_MS, &message, &state, error) ||
            (state == QUEUE_TAP_MESSAGE && !take(replay, &message, &state, error)) ||
            !pump_serve(&replay->pump, error))
            return false;
        desk_progress(&replay->desk, "%" PRId64 " replayed", replay->n_replayed);
    }
    if (replay->pump.sender && !pump_finish(&replay->pump, error))
        return false;
    return !replay->refusal ||
           error_set(error, ERROR_UNAVAILABLE, "%s: %s", options_of(replay)->to, replay->refusal);
}

static bool open_pump(struct replay *replay, struct error *error)
{
    const char *to = options_of(replay)->to;

    replay->pump.ended = ended;
    replay->pump.context = replay;
    return !to || (pump_open(&replay->pump, &replay->desk.access, error) &&
                   queue_sender_find_queue(replay->pump.sender, to, error));
}

static bool open_all(struct replay *replay, const struct word_call *call, struct error *error)
{
    const struct replay_options *options = call->options;
    struct queue_tap_start start;

    if (!position_read("from", options->from, &replay->from, error) ||
        !position_read("until", options->until, &replay->until, error) ||
        !desk_init(&replay->desk, call, "replay", error) || !open_pump(replay, error))
        return false;
    start = position_start(&replay->from);
    return queue_tap_replay(&replay->desk.access, call->operands[0], &start, &replay->tap, error);
}

static bool replay_log(const struct word_call *call, enum word_status *status, struct error *error)
{
    CLEANUP(replay_clear) struct replay replay = {0};
    bool good;

    if (!open_all(&replay, call, error))
        return false;
    good = replay_all(&replay, error) && desk_flush(&replay.desk, error);
    desk_say(&replay.desk, "%" PRId64 " replayed", replay.n_replayed);
    if (good)
        *status = word_is_interrupted() ? WORD_INTERRUPTED : WORD_FINE;
    return good;
}

const struct word word_replay = {
    .name = "replay",
    .operands = "LOG",
    .summary = "what a log has kept, as JSON lines or into a queue",
    .help = "LOG is catalogue.log or bookings.log. It is read up to where it ends at the\n"
            "start of this. Each line is a whole message, as `myevents publish` reads it,\n"
            "with its offset. Without --to nothing changes anywhere but for a marker at the\n"
            "end of the log, which readers leave out.\n"
            "A time such as 2026-11-21T09:30:00Z is when a message says that it happened;\n"
            "it may have come into the log later. So --until TIME gives the state as of\n"
            "then.\n"
            "The broker does not wait for a pager: write to a file.\n"
            "Into a queue each goes by the name of the queue, confirmed; repeats do no harm\n"
            "to subscribers, and killed at any moment it may simply be done again.\n"
            "\n"
            "  myevents replay catalogue.log >catalogue.jsonl\n"
            "  myevents replay bookings.log --from 2026-11-21T09:00:00Z >since-nine.jsonl\n"
            "  myevents replay catalogue.log --from 120000 --to search\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &defaults,
    .options_bytes = sizeof(defaults),
    .run = replay_log,
};
