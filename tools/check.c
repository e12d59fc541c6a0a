/* Judge a history: what a booking system answered against what it did. */
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "tools/checker/checker.h"
#include "tools/checker/lines.h"
#include "tools/checker/stores.h"
#include "tools/databases.h"
#include "tools/messages/desk.h"
#include "tools/words.h"

#include <inttypes.h>
#include <string.h>

enum {
    MEMORY_MIB_DEFAULT = 2048,
    MEMORY_MIB_MAX = 1024 * 1024,
    QUOTE_BYTES = 320,
    QUOTES_MAX = INVARIANT_END * FINDINGS_KEPT_MAX * EVIDENCE_LINES_MAX,
    REPORT_BYTES_MAX = 4 * 1024 * 1024
};

struct check_options {
    int64_t memory_mib;
    const char *messages;
    const char *events_database;
    const char *bookings_database;
    bool queues;
};

static const struct check_options defaults = {.memory_mib = MEMORY_MIB_DEFAULT};

static const struct argument arguments[] = {
    {.name = "memory-mib",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct check_options, memory_mib),
     .value = "MIB",
     .help = "what the history may take; 512 MiB hold a million calls and their ledgers",
     .least = 1,
     .most = MEMORY_MIB_MAX},
    {.name = "messages",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct check_options, messages),
     .value = "FILE",
     .help = "lines of messages that an observer kept in a file of its own"},
    {.name = "events-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct check_options, events_database),
     .value = "URL",
     .help = "read both databases of MyEvents at the end; this one of the event service"},
    {.name = "bookings-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct check_options, bookings_database),
     .value = "URL",
     .help = "and this one of the booking service"},
    {.name = "queues",
     .kind = ARGUMENT_FLAG,
     .offset = offsetof(struct check_options, queues),
     .help = "look at the broker: the queues and dead queues of MyEvents ought to be empty"},
};

/* The first bytes of a line that shows something. */
struct quote {
    uint32_t line;
    char text[QUOTE_BYTES];
};

struct check {
    struct history history;
    struct findings findings;
    struct quote quotes[QUOTES_MAX];
    size_t n_quotes;
};

static void check_freep(struct check **check)
{
    if (*check)
        history_clear(&(*check)->history);
    memory_free(*check);
}

/* ---- reading ---- */

/* Lines of a second file have no number: a finding names those of the history. */
static bool read_lines(struct check *check, const char *path, bool is_history, struct error *error)
{
    CLEANUP(lines_close) struct lines lines = {0};
    const char *text;
    size_t size_bytes;

    if (!lines_open(&lines, path, error))
        return false;
    for (;;) {
        if (!lines_next(&lines, &text, &size_bytes, error))
            return false;
        if (!text || word_is_interrupted())
            return true;
        if (size_bytes > 0 &&
            !history_add(&check->history, text, size_bytes, is_history ? lines.number : 0, error))
            return error_wrap(error, "%s, line %" PRIu32, path, lines.number);
    }
}

static bool read_messages(struct check *check, const char *path, struct error *error)
{
    return read_lines(check, path, false, error) &&
           stores_add_final(&check->history, "messages", error);
}

static bool read_databases(struct check *check, const struct check_options *options,
                           struct error *error)
{
    CLEANUP(database_freep) struct database *events = NULL;
    CLEANUP(database_freep) struct database *bookings = NULL;

    if (!options->events_database || !options->bookings_database)
        return error_set(error, ERROR_INVALID,
                         "--events-database and --bookings-database go together");
    return random_init(error) && databases_open_events(options->events_database, &events, error) &&
           databases_open_bookings(options->bookings_database, &bookings, error) &&
           stores_read(&check->history, events, bookings, error);
}

static bool read_queues(struct check *check, const struct word_call *call, struct error *error)
{
    static const char *const queues[] = {"booking", "event", "booking.dead", "event.dead"};
    struct desk desk;

    if (!desk_init(&desk, call, "check", error))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(queues); i++) {
        CLEANUP(queue_tap_freep) struct queue_tap *tap = NULL;

        if (!queue_tap_look(&desk.access, queues[i], &tap, error) ||
            !stores_add_level(&check->history, queues[i], queue_tap_end(tap), 0, error))
            return error_wrap(error, "queue %s", queues[i]);
    }
    return stores_add_final(&check->history, "levels", error);
}

static bool read_all(struct check *check, const struct word_call *call, struct error *error)
{
    const struct check_options *options = call->options;
    bool has_databases = options->events_database || options->bookings_database;

    return read_lines(check, call->operands[0], true, error) &&
           (!options->messages || read_messages(check, options->messages, error)) &&
           (!has_databases || read_databases(check, options, error)) &&
           (!options->queues || read_queues(check, call, error));
}

/* ---- the lines that show something, from a second reading ---- */

static bool is_wanted(const struct findings *findings, uint32_t line)
{
    for (size_t i = 0; i < findings->n_kept; i++) {
        for (size_t k = 0; k < findings->kept[i].n_lines; k++) {
            if (findings->kept[i].lines[k] == line)
                return true;
        }
    }
    return false;
}

static uint32_t last_wanted(const struct findings *findings)
{
    uint32_t last = 0;

    for (size_t i = 0; i < findings->n_kept; i++) {
        const struct finding *finding = &findings->kept[i];

        if (finding->n_lines > 0 && finding->lines[finding->n_lines - 1] > last)
            last = finding->lines[finding->n_lines - 1];
    }
    return last;
}

static void keep_quote(struct check *check, uint32_t line, const char *text, size_t size_bytes)
{
    struct quote *quote = &check->quotes[check->n_quotes++];

    quote->line = line;
    (void)snprintf(quote->text, sizeof(quote->text), "%.*s", (int)size_bytes, text);
    utf8_cut(quote->text);
}

/* What came through a pipe cannot be read again, and is shown by its numbers only. */
static bool read_quotes(struct check *check, const char *path, struct error *error)
{
    CLEANUP(lines_close) struct lines lines = {0};
    uint32_t last = last_wanted(&check->findings);
    const char *text = "";
    size_t size_bytes;

    if (last == 0 || strcmp(path, "-") == 0)
        return true;
    if (!lines_open(&lines, path, error))
        return false;
    while (text && lines.number < last) {
        if (!lines_next(&lines, &text, &size_bytes, error))
            return false;
        if (text && is_wanted(&check->findings, lines.number))
            keep_quote(check, lines.number, text, size_bytes);
    }
    return true;
}

static const char *quote_of(const struct check *check, uint32_t line)
{
    for (size_t i = 0; i < check->n_quotes; i++) {
        if (check->quotes[i].line == line)
            return check->quotes[i].text;
    }
    return "";
}

/* ---- the report ---- */

static void finding_as_json(const struct finding *finding, struct buffer *report)
{
    struct json_writer writer = JSON_WRITER(report);
    char invariant[16];

    (void)snprintf(invariant, sizeof(invariant), "I%d", (int)finding->invariant);
    json_open_object(&writer, NULL);
    json_put_text(&writer, "invariant", invariant);
    json_put_text(&writer, "name", invariant_name(finding->invariant));
    json_put_text(&writer, "what", finding->text);
    json_open_array(&writer, "lines");
    for (size_t i = 0; i < finding->n_lines; i++)
        json_put_integer(&writer, NULL, finding->lines[i]);
    json_close_array(&writer);
    json_close_object(&writer);
    buffer_char(report, '\n');
}

static void summary_as_json(const struct check *check, struct buffer *report)
{
    struct json_writer writer = JSON_WRITER(report);

    json_open_object(&writer, NULL);
    json_put_integer(&writer, "calls", (int64_t)check->history.n_calls);
    json_put_integer(&writer, "entries", (int64_t)check->history.entries.n);
    json_put_integer(&writer, "messages", (int64_t)check->history.messages.n);
    json_put_integer(&writer, "memory_bytes", (int64_t)check->history.budget.used_bytes);
    json_put_integer(&writer, "violations", (int64_t)check->findings.n_all);
    json_open_object(&writer, "invariants");
    for (int i = 1; i < INVARIANT_END; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "I%d", i);
        if (check->findings.decided[i])
            json_put_integer(&writer, name, (int64_t)check->findings.n[i]);
        else
            json_put_null(&writer, name);
    }
    json_close_object(&writer);
    json_close_object(&writer);
    buffer_char(report, '\n');
}

static void finding_as_text(const struct check *check, const struct finding *finding,
                            struct buffer *report)
{
    buffer_format(report, "I%d, %s: %s\n", (int)finding->invariant,
                  invariant_name(finding->invariant), finding->text);
    for (size_t i = 0; i < finding->n_lines; i++)
        buffer_format(report, "    line %" PRIu32 ": %s\n", finding->lines[i],
                      quote_of(check, finding->lines[i]));
}

static void summary_as_text(const struct check *check, struct buffer *report)
{
    const struct findings *findings = &check->findings;

    for (int i = 1; i < INVARIANT_END; i++) {
        buffer_format(report, "I%-3d%-24s", i, invariant_name((enum invariant)i));
        if (findings->decided[i] || findings->n[i] > 0)
            buffer_format(report, "%" PRIu64 " violations\n", findings->n[i]);
        else
            buffer_text(report, "not decided: the history has no such reading\n");
    }
    buffer_format(
        report, "%zu calls, %zu entries, %zu messages; %zu MiB of memory; %" PRIu64 " violations\n",
        check->history.n_calls, check->history.entries.n, check->history.messages.n,
        check->history.budget.used_bytes >> 20, findings->n_all);
}

static bool report(const struct check *check, const struct word_call *call, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, REPORT_BYTES_MAX);
    for (size_t i = 0; i < check->findings.n_kept; i++) {
        if (call->json)
            finding_as_json(&check->findings.kept[i], &text);
        else
            finding_as_text(check, &check->findings.kept[i], &text);
    }
    if (call->json)
        summary_as_json(check, &text);
    else
        summary_as_text(check, &text);
    if (!buffer_ok(&text, error))
        return false;
    fputs(text.data, call->out);
    return true;
}

static bool check_history(const struct word_call *call, enum word_status *status,
                          struct error *error)
{
    const struct check_options *options = call->options;
    CLEANUP(check_freep) struct check *check = memory_new(sizeof(*check), error);

    if (!check)
        return false;
    history_init(&check->history, (size_t)options->memory_mib << 20);
    if (!read_all(check, call, error))
        return false;
    if (word_is_interrupted()) {
        *status = WORD_INTERRUPTED;
        return true;
    }
    if (!checker_judge(&check->history, &check->findings, error) ||
        !read_quotes(check, call->operands[0], error) || !report(check, call, error))
        return false;
    *status = check->findings.n_all > 0 ? WORD_FOUND : WORD_FINE;
    return true;
}

const struct word word_check = {
    .name = "check",
    .operands = "HISTORY",
    .summary = "judge what a booking system answered against what it did",
    .help = "HISTORY is a file of JSON lines, one for each call that a client made, then\n"
            "what was read at the end; \"-\" is standard input. docs/checker.md has the\n"
            "lines and says which rule is decided from what. Each broken rule is printed\n"
            "with the lines that show it. Ends with 1 when one is broken. Asks no server\n"
            "unless told to: then what MyEvents has stored is read as well, when it is\n"
            "quiet.",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &defaults,
    .options_bytes = sizeof(struct check_options),
    .run = check_history,
};
