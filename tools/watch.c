/* Messages as they pass. */
#include "base/clock.h"
#include "tools/messages/desk.h"
#include "tools/messages/message_line.h"
#include "tools/words.h"

#include <inttypes.h>

enum {
    BINDINGS_MAX = 16
};

struct watch_options {
    int64_t count;
};

static const struct watch_options defaults = {0};

static const struct argument arguments[] = {
    {.name = "count",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct watch_options, count),
     .value = "N",
     .help = "end after N messages",
     .least = 1,
     .most = INT64_MAX},
};

static const char *known(const char *text)
{
    return *text ? text : "-";
}

static void write_row(const struct tapped *message, struct buffer *row)
{
    const struct envelope *envelope = &message->envelope;
    int64_t now_ms = clock_wall_ms();
    char time[CLOCK_TEXT_BYTES];

    clock_format(now_ms, time);
    buffer_format(row, "%s  %-18s  %-18s  %7" PRIu64, time, known(envelope->name),
                  known(message->routing_key), message->size_bytes);
    if (envelope->time_ms)
        buffer_format(row, "  %6" PRId64 " ms", now_ms - envelope->time_ms);
    else
        buffer_text(row, "       - ms");
    buffer_format(row, "  %s\n", known(envelope->id));
    desk_tame(row);
}

static bool show(struct desk *desk, const struct tapped *message, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, MESSAGE_LINE_BYTES_MAX);
    (desk->call->json ? message_line_write : write_row)(message, &text);
    return desk_print(desk, &text, error) && desk_flush(desk, error);
}

static bool open_tap(struct desk *desk, struct queue_tap **tap, struct error *error)
{
    static const char *const all[] = {"#"};
    const struct word_call *call = desk->call;

    if (call->n_operands == 0)
        return queue_tap_watch(&desk->access, all, ARRAY_SIZE(all), tap, error);
    return queue_tap_watch(&desk->access, (const char *const *)call->operands, call->n_operands,
                           tap, error);
}

static bool watch(const struct word_call *call, enum word_status *status, struct error *error)
{
    const struct watch_options *options = call->options;
    CLEANUP(queue_tap_freep) struct queue_tap *tap = NULL;
    struct desk desk;
    int64_t n_shown = 0;

    if (!desk_init(&desk, call, "watch", error) || !open_tap(&desk, &tap, error))
        return false;
    desk_say(&desk, "watching; Ctrl-C ends it");
    while (!word_is_interrupted()) {
        struct tapped message;
        enum queue_tap_state state;

        if (!queue_tap_next(tap, DESK_WAIT_MS, &message, &state, error))
            return false;
        if (state != QUEUE_TAP_MESSAGE)
            continue;
        if (!show(&desk, &message, error))
            return false;
        if (++n_shown == options->count) {
            *status = WORD_FINE;
            return true;
        }
    }
    *status = WORD_INTERRUPTED;
    return true;
}

const struct word word_watch = {
    .name = "watch",
    .operands = "[BINDING ...]",
    .summary = "messages as they pass",
    .help = "Each line: when it came, name, routing key, bytes, how long after it happened,\n"
            "id.\n"
            "BINDING is a routing key with * for one word and # for any number; none: all.\n"
            "Takes nothing from anybody: it has a queue of its own that ends with it and\n"
            "holds 10 000 messages; when you read more slowly, the oldest are missed.\n"
            "With --json the whole message, as `myevents publish` reads it.\n"
            "\n"
            "  myevents watch\n"
            "  myevents watch 'event.*' 'location.#'\n"
            "  myevents watch --json --count 1 event.booked\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_max = BINDINGS_MAX,
    .defaults = &defaults,
    .options_bytes = sizeof(defaults),
    .run = watch,
};
