/* All of a parked message. */
#include "base/clock.h"
#include "tools/messages/dead_queue.h"
#include "tools/messages/message_line.h"
#include "tools/words.h"

#include <inttypes.h>

static void write_headers(const struct tapped *message, struct buffer *text)
{
    struct json_writer writer = JSON_WRITER(text);

    buffer_text(text, "headers   ");
    tapped_write_headers(message, NULL, true, &writer);
    buffer_char(text, '\n');
}

static void write_time(const struct envelope *envelope, struct buffer *text)
{
    char time[CLOCK_TEXT_BYTES] = "-";

    if (envelope->time_ms)
        clock_format(envelope->time_ms, time);
    buffer_format(text, "happened  %s\n", time);
}

static void write_body(const struct envelope *envelope, struct buffer *text)
{
    if (utf8_valid(envelope->body, envelope->body_bytes)) {
        buffer_char(text, '\n');
        buffer_append(text, envelope->body, envelope->body_bytes);
        buffer_char(text, '\n');
    } else {
        buffer_text(text, "\nThe body is no text; --json gives it in base64.\n");
    }
}

static void write_text(const struct tapped *message, const struct tapped_parking *parking,
                       struct buffer *text)
{
    const struct envelope *envelope = &message->envelope;

    buffer_format(text, "id        %s\nname      %s\nreason    %s\nby        %s\nat        %s\n",
                  envelope->id, envelope->name, parking->reason, parking->by, parking->at);
    buffer_format(text, "attempts  %" PRId64 "\nredriven  %" PRId64 "\n", parking->n_attempts,
                  parking->n_redriven);
    write_time(envelope, text);
    write_headers(message, text);
    if (*message->fault)
        buffer_format(text, "fault     %s\n", message->fault);
    buffer_format(text, "bytes     %" PRIu64 "\n", message->size_bytes);
    write_body(envelope, text);
    desk_tame(text);
}

static bool show(struct desk *desk, const struct tapped *message,
                 const struct tapped_parking *parking, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, MESSAGE_LINE_BYTES_MAX);
    if (desk->call->json)
        message_line_write(message, &text);
    else
        write_text(message, parking, &text);
    return desk_print(desk, &text, error);
}

static bool show_all(struct desk *desk, struct dead_queue *dead, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state != QUEUE_TAP_OVER) {
        struct tapped_parking parking;
        struct tapped message;

        if (!dead_queue_next(dead, DESK_WAIT_MS, &message, &parking, &state, error))
            return false;
        if (state == QUEUE_TAP_MESSAGE && !show(desk, &message, &parking, error))
            return false;
    }
    return true;
}

static bool dead_show(const struct word_call *call, enum word_status *status, struct error *error)
{
    CLEANUP(dead_queue_close) struct dead_queue dead = {0};
    const struct dead_options of_this_id = {.id = call->operands[1]};
    struct desk desk;

    if (!desk_init(&desk, call, "dead-show", error) || !dead_queue_open(&dead, &desk, error))
        return false;
    dead.options = &of_this_id;
    if (!show_all(&desk, &dead, error))
        return false;
    *status = dead_queue_status(&dead);
    if (*status == WORD_FOUND)
        desk_say(&desk, "no message in %s has the id %s", dead.dead, of_this_id.id);
    return true;
}

const struct word word_dead_show = {
    .name = "dead show",
    .operands = "QUEUE ID",
    .summary = "a parked message with its headers and body",
    .help = "Nothing is taken. When several have the id, all of them. With --json each on\n"
            "a line as `myevents publish` reads it. Ends with 1 when there is none.\n"
            "\n"
            "  myevents dead show booking 6566a1f0c3d2b4a596877801:3\n",
    .n_operands_min = 2,
    .n_operands_max = 2,
    .run = dead_show,
};
