/* The booking service's copy, made anew from the log while the services run. */
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "contracts/topology.h"
#include "persistence/copy_draft.h"
#include "tools/copy_feed.h"
#include "tools/databases.h"
#include "tools/messages/desk.h"
#include "tools/words.h"

#include <inttypes.h>

enum {
    /* So few messages are read in a blink, and nobody misses them for longer. */
    TAIL_MESSAGES = 256,
    /* Then changes come faster than they are read, and the last tail is a long one. */
    TAILS_MAX = 8,
    LINE_BYTES_MAX = 512,
};

struct rebuild_options {
    const char *bookings_database;
    bool drop_unknown;
};

static const struct rebuild_options defaults = {.bookings_database = DATABASES_LOCAL};

static const struct argument arguments[] = {
    {.name = "bookings-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct rebuild_options, bookings_database),
     .value = "URL",
     .help = "of the booking service; else MONGO_URL, the local one",
     .variable = "MONGO_URL"},
    {.name = "drop-unknown",
     .kind = ARGUMENT_FLAG,
     .offset = offsetof(struct rebuild_options, drop_unknown),
     .help = "drop what the log says nothing of; announce first"},
};

struct rebuild {
    struct desk desk;
    struct database *database; /* owned */
    struct copy_draft *draft;  /* owned */
    struct copy_feed feed;
    int64_t began_ms;
    int64_t n_read;
    int64_t begin;  /* of the log; -1: it is empty */
    int64_t offset; /* up to here everything was read */
    int64_t n_kept;
};

static void rebuild_clear(struct rebuild *rebuild)
{
    copy_feed_close(&rebuild->feed);
    copy_draft_free(rebuild->draft);
    database_free(rebuild->database);
}

static const struct rebuild_options *options_of(const struct rebuild *rebuild)
{
    return rebuild->desk.call->options;
}

/* ---- reading ---- */

static bool read_all(struct rebuild *rebuild, struct queue_tap *tap, struct error *error)
{
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state != QUEUE_TAP_OVER && !word_is_interrupted()) {
        struct tapped message;

        if (!queue_tap_next(tap, DESK_WAIT_MS, &message, &state, error))
            return false;
        if (state != QUEUE_TAP_MESSAGE)
            continue;
        rebuild->n_read++;
        if (!copy_feed_take(&rebuild->feed, &message.envelope, error))
            return false;
        desk_progress(&rebuild->desk, "%" PRId64 " messages, at %" PRId64 " of %" PRId64,
                      rebuild->n_read, message.offset, queue_tap_end(tap));
    }
    return copy_feed_flush(&rebuild->feed, error);
}

/* From where the last reading ended to where the log ends now. */
static bool read_on(struct rebuild *rebuild, const struct queue_tap_start *start,
                    struct error *error)
{
    CLEANUP(queue_tap_freep) struct queue_tap *tap = NULL;

    if (!queue_tap_replay(&rebuild->desk.access, topology_catalogue_log.name, start, &tap, error) ||
        !read_all(rebuild, tap, error))
        return false;
    rebuild->offset = queue_tap_end(tap);
    if (start->kind == QUEUE_TAP_FIRST)
        rebuild->begin = queue_tap_begin(tap);
    return true;
}

static bool read_tail(struct rebuild *rebuild, struct error *error)
{
    const struct queue_tap_start start = {.kind = QUEUE_TAP_OFFSET, .number = rebuild->offset};

    return read_on(rebuild, &start, error);
}

/* All of it, and then what came meanwhile, until that is little. */
static bool fill(struct rebuild *rebuild, struct error *error)
{
    const struct queue_tap_start first = {.kind = QUEUE_TAP_FIRST};
    int64_t n_before;

    rebuild->feed.store = copy_draft_store(rebuild->draft);
    if (!read_on(rebuild, &first, error))
        return false;
    for (int i = 0; i < TAILS_MAX && !word_is_interrupted(); i++) {
        n_before = rebuild->n_read;
        if (!read_tail(rebuild, error))
            return false;
        if (rebuild->n_read - n_before <= TAIL_MESSAGES)
            break;
    }
    return true;
}

/* ---- what the log does not say ---- */

/*
 * A log that was cut, or deleted and made anew, says nothing of much that is in the copy; then the copy
 * is all there is of it.
 */
static bool keep_unknown(struct rebuild *rebuild, struct error *error)
{
    if (rebuild->begin != 0)
        desk_say(&rebuild->desk,
                 "the log begins at offset %" PRId64 "; what was before it is gone: "
                 "`myevents announce` has it said again",
                 rebuild->begin);
    if (!options_of(rebuild)->drop_unknown)
        return copy_draft_keep(rebuild->draft, &rebuild->n_kept, error);
    return rebuild->begin == 0 ||
           error_set(error, ERROR_INVALID, "--drop-unknown needs the whole log");
}

/* ---- all of it ---- */

static bool open_all(struct rebuild *rebuild, const struct word_call *call, struct error *error)
{
    const struct rebuild_options *options = call->options;

    rebuild->began_ms = clock_monotonic_ms();
    return random_init(error) && desk_init(&rebuild->desk, call, "rebuild", error) &&
           databases_open_bookings(options->bookings_database, &rebuild->database, error) &&
           copy_feed_open(&rebuild->feed, error) &&
           copy_draft_open(rebuild->database, &rebuild->draft, error);
}

/*
 * What was said between the last tail and the change of places is missing only until it is read here, or
 * by a service within ten seconds should this program die now.
 */
static bool take_places(struct rebuild *rebuild, struct error *error)
{
    if (!copy_draft_install(rebuild->draft, topology_catalogue_log.name, rebuild->offset, error))
        return false;
    rebuild->feed.store = database_copy(rebuild->database);
    return read_tail(rebuild, error);
}

static void report(struct rebuild *rebuild, struct buffer *line)
{
    const int64_t took_ms = clock_monotonic_ms() - rebuild->began_ms;
    struct json_writer writer = JSON_WRITER(line);

    if (!rebuild->desk.call->json) {
        buffer_format(line,
                      "rebuilt from %" PRId64 " messages in %" PRId64 ".%03" PRId64 " s; %" PRId64
                      " left out, %" PRId64 " documents kept that the log says nothing of\n",
                      rebuild->feed.n_taken, took_ms / 1000, took_ms % 1000,
                      rebuild->feed.n_left_out, rebuild->n_kept);
        return;
    }
    json_open_object(&writer, NULL);
    json_put_integer(&writer, "messages", rebuild->feed.n_taken);
    json_put_integer(&writer, "left_out", rebuild->feed.n_left_out);
    json_put_integer(&writer, "kept", rebuild->n_kept);
    json_put_integer(&writer, "log_begins_at", rebuild->begin);
    json_put_integer(&writer, "read_up_to", rebuild->offset);
    json_put_integer(&writer, "took_ms", took_ms);
    json_close_object(&writer);
    buffer_char(line, '\n');
}

static bool rebuild_copy(const struct word_call *call, enum word_status *status,
                         struct error *error)
{
    CLEANUP(rebuild_clear) struct rebuild rebuild = {0};
    CLEANUP(buffer_clear) struct buffer line = {0};

    *status = WORD_INTERRUPTED;
    if (!open_all(&rebuild, call, error) || !fill(&rebuild, error))
        return false;
    if (word_is_interrupted())
        return true;
    if (!keep_unknown(&rebuild, error) || !take_places(&rebuild, error))
        return false;
    buffer_init(&line, LINE_BYTES_MAX);
    report(&rebuild, &line);
    *status = WORD_FINE;
    return desk_print(&rebuild.desk, &line, error);
}

const struct word word_rebuild = {
    .name = "rebuild",
    .operands = "",
    .summary = "make the booking service's copy of the catalogue anew, from the log",
    .help = "Services go on running. A new copy is made beside the one in use from all that\n"
            "catalogue.log has, and takes its place at once; the ledgers are not touched.\n"
            "Killed at any moment it has done no harm, and may be run again.\n"
            "What the log says nothing of stays as it is; of anything else the copy becomes\n"
            "what the log says last. A log that retention has cut, or that was deleted and\n"
            "made anew, may say less than the copy has: run `myevents announce` first.\n"
            "`myevents compare` names what should not be there, and with --drop-unknown it\n"
            "goes. Never do that on a log that was made anew and not announced to since: it\n"
            "begins at 0 like a whole one, so nobody can tell. A cut log is refused.",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .defaults = &defaults,
    .options_bytes = sizeof(struct rebuild_options),
    .run = rebuild_copy,
};
