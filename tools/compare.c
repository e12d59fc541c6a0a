/* Whether the copy equals its source, and the ledgers have taken the catalogue over. */
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "tools/comparison/copy_comparison.h"
#include "tools/comparison/ledger_comparison.h"
#include "tools/databases.h"
#include "tools/words.h"

#include <inttypes.h>

enum {
    LINE_BYTES_MAX = 1024,
    LIMIT_DEFAULT = 100,
    PATIENCE_S_DEFAULT = 5,
    PATIENCE_S_MAX = 3600
};

struct compare_options {
    const char *events_database;
    const char *bookings_database;
    int64_t limit;
    int64_t patience_s;
};

static const struct compare_options defaults = {.events_database = DATABASES_LOCAL,
                                                .bookings_database = DATABASES_LOCAL,
                                                .limit = LIMIT_DEFAULT,
                                                .patience_s = PATIENCE_S_DEFAULT};

static const struct argument arguments[] = {
    {.name = "events-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct compare_options, events_database),
     .value = "URL",
     .help = "of the event service; else MONGO_URL, the local one",
     .variable = "MONGO_URL"},
    {.name = "bookings-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct compare_options, bookings_database),
     .value = "URL",
     .help = "of the booking service; else MONGO_URL, the local one",
     .variable = "MONGO_URL"},
    {.name = "limit",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct compare_options, limit),
     .value = "N",
     .help = "tell so many differences; all are counted",
     .least = 0,
     .most = INT64_MAX},
    {.name = "wait",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct compare_options, patience_s),
     .value = "SECONDS",
     .help = "how long in all a difference may take to go away by itself",
     .least = 0,
     .most = PATIENCE_S_MAX},
};

struct compare {
    const struct word_call *call;
    struct database *events;   /* owned */
    struct database *bookings; /* owned */
    struct differences differences;
};

static void compare_clear(struct compare *compare)
{
    database_free(compare->events);
    database_free(compare->bookings);
}

static void note(const struct word_call *call, const char *what)
{
    if (call->progress)
        fprintf(call->progress, "comparing %s\n", what);
}

static void put_line(const struct word_call *call, const struct buffer *line)
{
    if (buffer_ok(line, NULL))
        fputs(line->data, call->out);
}

/* ---- the copy ---- */

static void sum_as_json(const struct catalogue_digest *digest, const char *name,
                        struct json_writer *writer)
{
    char text[20];

    snprintf(text, sizeof(text), "%016" PRIx64, digest->sum);
    json_open_object(writer, name);
    json_put_text(writer, "digest", text);
    json_put_integer(writer, "items", digest->n_items);
    json_put_integer(writer, "removed", digest->n_removed);
    json_put_integer(writer, "unreadable", digest->n_flawed);
    json_close_object(writer);
}

static void report_copy(const struct word_call *call, enum catalogue_kind kind,
                        const struct copy_comparison *comparison)
{
    const struct catalogue_digest *source = &comparison->catalogue_digest;
    const struct catalogue_digest *copy = &comparison->copy_digest;
    bool is_equal = catalogue_digest_equal(source, copy);
    CLEANUP(buffer_clear) struct buffer line = {0};
    struct json_writer writer = JSON_WRITER(&line);

    buffer_init(&line, LINE_BYTES_MAX);
    if (call->json) {
        json_open_object(&writer, NULL);
        json_put_text(&writer, "compared", catalogue_kind_name(kind));
        sum_as_json(source, "catalogue", &writer);
        sum_as_json(copy, "copy", &writer);
        json_put_bool(&writer, "equal", is_equal);
        json_close_object(&writer);
        buffer_char(&line, '\n');
    } else {
        buffer_format(&line,
                      "%ss: %" PRId64 " in the catalogue, digest %016" PRIx64 "; %" PRId64
                      " in the copy, digest %016" PRIx64 "; %s\n",
                      catalogue_kind_name(kind), source->n_items, source->sum, copy->n_items,
                      copy->sum, is_equal ? "equal" : "they differ");
    }
    put_line(call, &line);
}

static bool compare_copy(struct compare *compare, enum catalogue_kind kind, struct error *error)
{
    struct copy_comparison comparison = {
        .catalogue = database_catalogue(compare->events),
        .copy = database_copy(compare->bookings),
        .differences = &compare->differences,
    };

    note(compare->call, kind == CATALOGUE_EVENT ? "events" : "locations");
    if (!copy_comparison_run(&comparison, kind, error))
        return false;
    if (!word_is_interrupted())
        report_copy(compare->call, kind, &comparison);
    return true;
}

/* ---- the ledgers ---- */

static void report_ledgers(const struct word_call *call, const struct ledger_comparison *comparison,
                           bool is_equal)
{
    CLEANUP(buffer_clear) struct buffer line = {0};
    struct json_writer writer = JSON_WRITER(&line);

    buffer_init(&line, LINE_BYTES_MAX);
    if (call->json) {
        json_open_object(&writer, NULL);
        json_put_text(&writer, "compared", "ledger");
        json_put_integer(&writer, "events", comparison->n_events);
        json_put_integer(&writer, "ledgers", comparison->n_ledgers);
        json_put_integer(&writer, "entries", comparison->n_entries);
        json_put_bool(&writer, "equal", is_equal);
        json_close_object(&writer);
        buffer_char(&line, '\n');
    } else {
        buffer_format(
            &line, "ledgers: %" PRId64 " events, %" PRId64 " ledgers of %" PRId64 " entries; %s\n",
            comparison->n_events, comparison->n_ledgers, comparison->n_entries,
            is_equal ? "all taken over, all sums right" : "they differ");
    }
    put_line(call, &line);
}

static bool compare_ledgers(struct compare *compare, struct error *error)
{
    struct ledger_comparison comparison = {
        .catalogue = database_catalogue(compare->events),
        .ledgers = database_ledger(compare->bookings),
        .differences = &compare->differences,
    };
    int64_t n_before = compare->differences.n;

    note(compare->call, "ledgers");
    if (!ledger_comparison_run(&comparison, error))
        return false;
    if (!word_is_interrupted())
        report_ledgers(compare->call, &comparison, compare->differences.n == n_before);
    return true;
}

/* ---- both ---- */

static enum word_status status_of(const struct compare *compare)
{
    if (word_is_interrupted())
        return WORD_INTERRUPTED;
    return compare->differences.n > 0 ? WORD_FOUND : WORD_FINE;
}

static bool compare_all(const struct word_call *call, enum word_status *status, struct error *error)
{
    const struct compare_options *options = call->options;
    CLEANUP(compare_clear) struct compare compare = {.call = call};

    compare.differences = (struct differences){
        .call = call,
        .limit = options->limit,
        .patience_end_ms = clock_monotonic_ms() + options->patience_s * 1000,
    };
    if (!random_init(error) ||
        !databases_open_events(options->events_database, &compare.events, error) ||
        !databases_open_bookings(options->bookings_database, &compare.bookings, error))
        return false;
    for (int kind = 0; kind < N_CATALOGUE_KINDS; kind++) {
        if (!compare_copy(&compare, (enum catalogue_kind)kind, error))
            return false;
    }
    if (!compare_ledgers(&compare, error))
        return false;
    *status = status_of(&compare);
    return true;
}

const struct word word_compare = {
    .name = "compare",
    .operands = "",
    .summary = "whether the booking service's copy equals the catalogue, and its ledgers add up",
    .help = "Reads both databases, and changes nothing. Each member that differs is a line,\n"
            "with what it is here and there. What differs at first may be a message on its\n"
            "way, so it is read again for some seconds. Ends with 1 when something differs:\n"
            "`myevents rebuild` mends the copy; a ledger is not mended by anything.",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .defaults = &defaults,
    .options_bytes = sizeof(struct compare_options),
    .run = compare_all,
};
