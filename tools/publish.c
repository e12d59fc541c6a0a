/* Messages of a file, to the exchange or to one queue. */
#include "base/clock.h"
#include "contracts/message.h"
#include "contracts/topology.h"
#include "tools/checker/lines.h"
#include "tools/messages/desk.h"
#include "tools/messages/message_line.h"
#include "tools/messages/pump.h"
#include "tools/words.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

enum {
    RATE_MAX = 1000000,
    MISTAKES_TOLD = 20
};

struct publish_options {
    const char *to;
    int64_t rate;
    bool raw;
    bool dry_run;
};

static const struct publish_options defaults = {0};

static const struct argument arguments[] = {
    {.name = "to",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct publish_options, to),
     .value = "QUEUE",
     .help = "to this queue alone; else to the exchange, for whoever is bound"},
    {.name = "rate",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct publish_options, rate),
     .value = "N",
     .help = "at most N messages a second",
     .least = 1,
     .most = RATE_MAX},
    {.name = "raw",
     .kind = ARGUMENT_FLAG,
     .offset = offsetof(struct publish_options, raw),
     .help = "any name and any body, even what breaks the contract"},
    {.name = "dry-run",
     .kind = ARGUMENT_FLAG,
     .offset = offsetof(struct publish_options, dry_run),
     .help = "only look for mistakes"},
};

struct publish {
    struct desk desk;
    const struct publish_options *options;
    struct lines lines;
    struct pump pump;
    int64_t began_ms;
    int64_t n_lines; /* with a message on them */
    int64_t n_posted;
    int64_t n_confirmed;
    int64_t n_mistakes;
    int64_t n_untaken; /* returned or refused */
};

static void publish_clear(struct publish *publish)
{
    pump_close(&publish->pump);
    lines_close(&publish->lines);
}

static bool ended(void *context, uint64_t handle, enum queue_posting_end end, struct error *error)
{
    struct publish *publish = context;

    (void)error;
    if (end == QUEUE_POSTING_CONFIRMED) {
        publish->n_confirmed++;
        return true;
    }
    if (publish->n_untaken++ < MISTAKES_TOLD)
        desk_say(&publish->desk, "line %" PRIu64 ": %s", handle, pump_reason(end));
    return true;
}

static bool keeps_contract(const struct envelope *envelope, struct error *error)
{
    struct message message = {0};

    if (!message_decode(envelope, &message, error))
        return false;
    message_clear(&message);
    return true;
}

static bool is_blank(const char *text, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if (!strchr(" \t\r", text[i]) || !text[i])
            return false;
    }
    return true;
}

/* False: it is a mistake, which was told. */
static bool understands(struct publish *publish, const char *text, size_t size_bytes,
                        struct message_line *line)
{
    struct error error = {0};

    if (message_line_read(text, size_bytes, line, &error) &&
        (publish->options->raw || keeps_contract(&line->envelope, &error)))
        return true;
    if (publish->n_mistakes++ < MISTAKES_TOLD)
        desk_say(&publish->desk, "line %" PRIu32 ": %s", publish->lines.number, error.text);
    return false;
}

/* Keep the rate: what the broker says is read while there is time. */
static bool wait_for_turn(struct publish *publish, struct error *error)
{
    int64_t rate = publish->options->rate;
    int64_t at_ms = rate ? publish->began_ms + publish->n_posted * 1000 / rate : 0;
    int64_t now_ms;

    while ((now_ms = clock_monotonic_ms()) < at_ms && !word_is_interrupted()) {
        int64_t wait_ms = at_ms - now_ms;

        if (!pump_turn(&publish->pump, wait_ms < DESK_WAIT_MS ? (int)wait_ms : DESK_WAIT_MS, error))
            return false;
    }
    return pump_make_room(&publish->pump, error);
}

static bool post(struct publish *publish, const struct message_line *line, struct error *error)
{
    const char *to = publish->options->to;
    const struct queue_posting posting = {
        .exchange = to ? "" : TOPOLOGY_EXCHANGE,
        .key = to ? to : line->envelope.name,
        .handle = publish->lines.number,
        .headers = line->headers,
        .n_headers = line->n_headers,
    };

    publish->n_posted++;
    return queue_sender_post(publish->pump.sender, &posting, &line->envelope, error) &&
           wait_for_turn(publish, error);
}

static bool take_line(struct publish *publish, const char *text, size_t size_bytes, bool posts,
                      struct error *error)
{
    struct message_line line = {0};
    bool good = true;

    publish->n_lines++;
    if (understands(publish, text, size_bytes, &line) && posts)
        good = post(publish, &line, error);
    message_line_clear(&line);
    return good;
}

/* Through the file once. Posting ends at the first mistake, so that nothing behind it goes out. */
static bool pass(struct publish *publish, bool posts, struct error *error)
{
    const char *text = "";
    size_t size_bytes = 0;

    publish->n_lines = 0;
    while (!word_is_interrupted() && !(posts && publish->n_mistakes)) {
        bool read = lines_next(&publish->lines, &text, &size_bytes, error);

        if (!read && !word_is_interrupted())
            return false;
        if (!read || !text)
            break;
        if (!is_blank(text, size_bytes) && !take_line(publish, text, size_bytes, posts, error))
            return false;
        desk_progress(&publish->desk, "%" PRId64 " confirmed", publish->n_confirmed);
    }
    return !posts || pump_finish(&publish->pump, error);
}

/* Whoever writes may pause, also in the middle of a line. */
static bool wait_for_input(void *context, struct error *error)
{
    struct publish *publish = context;
    struct pollfd input = {.fd = publish->lines.descriptor, .events = POLLIN};

    do {
        if (word_is_interrupted())
            return error_set(error, ERROR_UNAVAILABLE, "interrupted");
        if (!pump_serve(&publish->pump, error))
            return false;
    } while (poll(&input, 1, DESK_WAIT_MS) <= 0);
    return true;
}

static bool open_lines(struct publish *publish, const char *path, struct error *error)
{
    lines_close(&publish->lines);
    if (!lines_open(&publish->lines, path, error))
        return false;
    publish->lines.wait = wait_for_input;
    publish->lines.context = publish;
    return true;
}

static bool open_pump(struct publish *publish, struct error *error)
{
    const char *to = publish->options->to;

    publish->pump.ended = ended;
    publish->pump.context = publish;
    publish->began_ms = clock_monotonic_ms();
    return pump_open(&publish->pump, &publish->desk.access, error) &&
           (!to || queue_sender_find_queue(publish->pump.sender, to, error));
}

/* A file is looked through as a whole before anything goes out; standard input comes only once. */
static bool publish_all(struct publish *publish, const char *path, struct error *error)
{
    bool twice = strcmp(path, "-") != 0 || publish->options->dry_run;

    if (twice && (!open_lines(publish, path, error) || !pass(publish, false, error)))
        return false;
    if (publish->n_mistakes || publish->options->dry_run || word_is_interrupted())
        return true;
    return open_pump(publish, error) && open_lines(publish, path, error) &&
           pass(publish, true, error);
}

static enum word_status status_of(const struct publish *publish)
{
    if (publish->n_mistakes)
        return WORD_USAGE;
    if (word_is_interrupted())
        return WORD_INTERRUPTED;
    return publish->n_untaken ? WORD_FOUND : WORD_FINE;
}

static void tell(struct publish *publish)
{
    if (publish->n_mistakes > MISTAKES_TOLD)
        desk_say(&publish->desk, "and %" PRId64 " more mistakes",
                 publish->n_mistakes - MISTAKES_TOLD);
    desk_progress_end(&publish->desk);
    fprintf(publish->desk.call->out,
            publish->desk.call->json ? "{\"lines\":%" PRId64 ",\"published\":%" PRId64
                                       ",\"mistakes\":%" PRId64 ",\"untaken\":%" PRId64 "}\n"
                                     : "%" PRId64 " lines: %" PRId64 " published, %" PRId64
                                       " mistakes, %" PRId64 " that no queue took\n",
            publish->n_lines, publish->n_confirmed, publish->n_mistakes, publish->n_untaken);
}

static bool publish_file(const struct word_call *call, enum word_status *status,
                         struct error *error)
{
    CLEANUP(publish_clear) struct publish publish = {.options = call->options};

    if (!desk_init(&publish.desk, call, "publish", error))
        return false;
    if (!publish_all(&publish, call->operands[0], error)) {
        if (publish.pump.sender)
            tell(&publish);
        return false;
    }
    tell(&publish);
    *status = status_of(&publish);
    return true;
}

const struct word word_publish = {
    .name = "publish",
    .operands = "FILE",
    .summary = "publish the messages of a file of JSON lines",
    .help = "Each line is a message as `replay` prints it; name and body suffice:\n"
            "  {\"name\":\"event.removed\",\"body\":{\"id\":\"...\",\"version\":3}}\n"
            "Without an id it gets a random one; without a time it happens now. A file with\n"
            "a mistake, named with its line, is not published at all (ends with 2). - is\n"
            "standard input, which ends at the first mistake. The broker confirms each;\n"
            "what no queue takes is named with its line (ends with 1).\n"
            "\n"
            "  myevents publish --dry-run messages.jsonl\n"
            "  myevents publish messages.jsonl --rate 100\n"
            "  myevents publish --raw --to booking.dead dropped.jsonl\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &defaults,
    .options_bytes = sizeof(defaults),
    .run = publish_file,
};
