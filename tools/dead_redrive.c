/* Parked messages go back to where they belong. */
#include "tools/messages/dead_queue.h"
#include "tools/messages/pump.h"
#include "tools/words.h"

#include <inttypes.h>

static const struct argument arguments[] = {
    DEAD_ARGUMENT_ID,    DEAD_ARGUMENT_NAME,    DEAD_ARGUMENT_REASON,
    DEAD_ARGUMENT_LIMIT, DEAD_ARGUMENT_DRY_RUN,
};

struct redrive {
    struct desk desk;
    struct dead_queue dead;
    struct pump pump;
    int64_t n_moved;
    const char *refusal; /* why one did not arrive; then no more are sent */
};

static void redrive_clear(struct redrive *redrive)
{
    pump_close(&redrive->pump);
    dead_queue_close(&redrive->dead);
}

/* Taken out of the dead queue after it is confirmed: a death in between means twice, not never. */
static bool ended(void *context, uint64_t handle, enum queue_posting_end end, struct error *error)
{
    struct redrive *redrive = context;

    if (end != QUEUE_POSTING_CONFIRMED) {
        redrive->refusal = pump_reason(end);
        return true;
    }
    redrive->n_moved++;
    return queue_tap_remove(redrive->dead.tap, handle, error);
}

static bool send(struct redrive *redrive, const struct tapped *message, struct error *error)
{
    const struct queue_posting posting = {
        .exchange = "", .key = redrive->dead.queue, .handle = message->handle};

    return queue_sender_forward(redrive->pump.sender, &posting, message, true, error) ||
           error_wrap(error, "message %s", message->envelope.id);
}

/* What cannot be copied stays, and stops nobody else. */
static bool send_or_leave(struct redrive *redrive, const struct tapped *message,
                          struct error *error)
{
    struct error reason = {0};

    if (send(redrive, message, &reason))
        return pump_make_room(&redrive->pump, error);
    if (reason.code != ERROR_TOO_LARGE && reason.code != ERROR_INVALID) {
        *error = reason;
        return false;
    }
    desk_say(&redrive->desk, "%s; it stays", reason.text);
    redrive->dead.n_staying++;
    return true;
}

/* One message, or the time for one. While confirms are awaited nothing is waited for but them. */
static bool step(struct redrive *redrive, enum queue_tap_state *state, struct error *error)
{
    const struct dead_options *options = redrive->dead.options;
    bool awaits = redrive->pump.sender && queue_sender_n_waiting(redrive->pump.sender);
    struct tapped_parking parking;
    struct tapped message;

    if (!dead_queue_next(&redrive->dead, awaits ? 0 : DESK_WAIT_MS, &message, &parking, state,
                         error))
        return false;
    if (*state == QUEUE_TAP_MESSAGE && options->dry_run)
        return dead_queue_print(&redrive->desk, &message, &parking, error);
    if (*state == QUEUE_TAP_MESSAGE)
        return send_or_leave(redrive, &message, error);
    return !awaits || *state == QUEUE_TAP_OVER || pump_turn(&redrive->pump, DESK_WAIT_MS, error);
}

static bool move_all(struct redrive *redrive, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state != QUEUE_TAP_OVER && !redrive->refusal) {
        if (!step(redrive, &state, error) || !pump_serve(&redrive->pump, error))
            return false;
        desk_progress(&redrive->desk, "%" PRId64 " moved, %" PRId64 " of %" PRId64 " seen",
                      redrive->n_moved, redrive->dead.n_seen, queue_tap_end(redrive->dead.tap));
    }
    if (!redrive->dead.options->dry_run &&
        (!pump_finish(&redrive->pump, error) || !queue_tap_finish(redrive->dead.tap, error)))
        return false;
    return !redrive->refusal ||
           error_set(error, ERROR_UNAVAILABLE, "%s: %s", redrive->dead.queue, redrive->refusal);
}

static bool open_all(struct redrive *redrive, const struct word_call *call, struct error *error)
{
    redrive->pump.ended = ended;
    redrive->pump.context = redrive;
    if (!desk_init(&redrive->desk, call, "dead-redrive", error) ||
        !dead_queue_open(&redrive->dead, &redrive->desk, error))
        return false;
    return redrive->dead.options->dry_run ||
           (pump_open(&redrive->pump, &redrive->desk.access, error) &&
            queue_sender_find_queue(redrive->pump.sender, redrive->dead.queue, error));
}

static bool tell(struct redrive *redrive, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    const struct dead_queue *dead = &redrive->dead;
    int64_t n_left = queue_tap_end(dead->tap) - redrive->n_moved;

    buffer_init(&text, 2 * DEAD_QUEUE_NAME_BYTES + 128);
    if (dead->options->dry_run) {
        desk_say(&redrive->desk, "%" PRId64 " would be moved", dead->n_matching);
        return true;
    }
    if (redrive->desk.call->json)
        buffer_format(&text, "{\"moved\":%" PRId64 ",\"left\":%" PRId64 "}\n", redrive->n_moved,
                      n_left);
    else
        buffer_format(&text, "%" PRId64 " moved to %s, %" PRId64 " left in %s\n", redrive->n_moved,
                      dead->queue, n_left, dead->dead);
    desk_progress_end(&redrive->desk);
    return desk_print(&redrive->desk, &text, error);
}

static bool dead_redrive(const struct word_call *call, enum word_status *status,
                         struct error *error)
{
    CLEANUP(redrive_clear) struct redrive redrive = {0};
    bool good;

    if (!open_all(&redrive, call, error))
        return false;
    good = move_all(&redrive, error);
    if (!tell(&redrive, good ? error : NULL) || !good)
        return false;
    *status = dead_queue_status(&redrive.dead);
    return true;
}

const struct word word_dead_redrive = {
    .name = "dead redrive",
    .operands = "QUEUE",
    .summary = "bring parked messages back to their queue",
    .help = "Each goes to QUEUE by its name, so no other subscriber gets it again, and is\n"
            "taken out of the dead queue when the broker has confirmed it there. Killed at\n"
            "any moment, it loses nothing; some may then be in both queues, which\n"
            "subscribers bear. Only what lay there at the start is moved, so that what is\n"
            "parked again does not go round. The header x-redriven counts. A body above\n"
            "16 MiB cannot be copied: its message stays, and is named (ends with 1).\n"
            "Mend the cause first; try --dry-run or --limit 1 before all of them.\n"
            "\n"
            "  myevents dead redrive booking --dry-run\n"
            "  myevents dead redrive booking --reason quarantine\n"
            "  myevents dead redrive booking --id 6566a1f0c3d2b4a596877801:3\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &dead_defaults,
    .options_bytes = sizeof(dead_defaults),
    .run = dead_redrive,
};
