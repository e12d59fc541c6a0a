#include "tools/checker/stores.h"

#include "base/json.h"
#include "persistence/catalogue_store.h"
#include "persistence/copy_store.h"
#include "persistence/ledger_store.h"

enum {
    LINE_BYTES_MAX = 1024 * 1024,
    PAGE = 100,
    UNPUBLISHED_MAX = 1000 /* counted no further */
};

/* A line in the making. */
struct pen {
    struct history *history;
    struct buffer line;
    struct json_writer writer;
};

static void pen_clear(struct pen *pen)
{
    buffer_clear(&pen->line);
}

static void pen_begin(struct pen *pen, const char *op)
{
    buffer_reset(&pen->line);
    pen->writer = (struct json_writer)JSON_WRITER(&pen->line);
    json_open_object(&pen->writer, NULL);
    json_put_text(&pen->writer, "op", op);
}

static void pen_id(struct pen *pen, const char *name, const struct object_id *id)
{
    json_put_text(&pen->writer, name, object_id_is_none(id) ? NULL : object_id_hex(id).text);
}

/* What was read has no line in the file: 0. */
static bool pen_end(struct pen *pen, struct error *error)
{
    json_close_object(&pen->writer);
    return buffer_ok(&pen->line, error) &&
           history_add(pen->history, pen->line.data, pen->line.size_bytes, 0, error);
}

static void pen_open(struct pen *pen, struct history *history)
{
    pen->history = history;
    buffer_init(&pen->line, LINE_BYTES_MAX);
}

bool stores_add_level(struct history *history, const char *name, int64_t is, int64_t ought,
                      struct error *error)
{
    CLEANUP(pen_clear) struct pen pen = {0};

    pen_open(&pen, history);
    pen_begin(&pen, "level");
    json_put_text(&pen.writer, "name", name);
    json_put_integer(&pen.writer, "is", is);
    json_put_integer(&pen.writer, "ought", ought);
    return pen_end(&pen, error);
}

bool stores_add_final(struct history *history, const char *name, struct error *error)
{
    CLEANUP(pen_clear) struct pen pen = {0};

    pen_open(&pen, history);
    pen_begin(&pen, "final");
    json_put_text(&pen.writer, "read", name);
    return pen_end(&pen, error);
}

/* ---- ledgers ---- */

struct ledger_reader {
    struct pen pen;
    struct ledger_scan scan;
    size_t n; /* on this page */
};

static void ledger_reader_clear(struct ledger_reader *reader)
{
    pen_clear(&reader->pen);
}

static void put_bookings(struct pen *pen, const struct ledger_entry *entry)
{
    json_open_array(&pen->writer, "booked");
    for (size_t i = 0; i < entry->n_bookings; i++) {
        json_open_object(&pen->writer, NULL);
        pen_id(pen, "id", &entry->bookings[i].id);
        pen_id(pen, "user", &entry->bookings[i].user_id);
        json_put_integer(&pen->writer, "seats", entry->bookings[i].seats);
        json_close_object(&pen->writer);
    }
    json_close_array(&pen->writer);
}

static void put_cancellations(struct pen *pen, const struct ledger_entry *entry)
{
    json_open_array(&pen->writer, "cancelled");
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        json_open_object(&pen->writer, NULL);
        pen_id(pen, "id", &entry->cancellations[i].booking_id);
        json_put_integer(&pen->writer, "seats", entry->cancellations[i].seats);
        json_close_object(&pen->writer);
    }
    json_close_array(&pen->writer);
}

static bool add_entry(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct ledger_reader *reader = context;
    struct pen *pen = &reader->pen;
    const struct ledger_state *state = &entry->state;

    pen_begin(pen, "entry");
    pen_id(pen, "event", &entry->key.event_id);
    json_put_integer(&pen->writer, "entry", entry->key.sequence);
    json_put_integer(&pen->writer, "version", state->event_version);
    if (state->capacity != CAPACITY_UNKNOWN)
        json_put_integer(&pen->writer, "capacity", state->capacity);
    json_put_integer(&pen->writer, "sold", state->seats_sold);
    pen_id(pen, "token", &entry->token);
    put_bookings(pen, entry);
    put_cancellations(pen, entry);
    reader->scan.has_after = true;
    reader->scan.after = entry->key;
    reader->n++;
    return pen_end(pen, error);
}

static bool count_entry(void *context, const struct ledger_entry *entry, struct error *error)
{
    (void)entry;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static bool read_ledgers(struct history *history, struct ledger_store *store, struct error *error)
{
    CLEANUP(ledger_reader_clear) struct ledger_reader reader = {.scan = {.limit = PAGE}, .n = PAGE};
    int64_t n_unpublished = 0;

    pen_open(&reader.pen, history);
    while (reader.n == PAGE) {
        reader.n = 0;
        if (!ledger_store_entries(store, &reader.scan, add_entry, &reader, error))
            return false;
    }
    return ledger_store_unpublished(store, UNPUBLISHED_MAX, count_entry, &n_unpublished, error) &&
           stores_add_level(history, "unpublished entries", n_unpublished, 0, error) &&
           stores_add_final(history, "ledger", error);
}

/* ---- catalogue and copy ---- */

typedef bool item_scan(void *store, const struct catalogue_scan *page, catalogue_item_visit *visit,
                       void *context, struct error *error);

struct item_reader {
    struct pen pen;
    const char *store; /* "catalogue" or "copy" */
    struct catalogue_scan page;
    size_t n; /* on this page */
};

static void item_reader_clear(struct item_reader *reader)
{
    pen_clear(&reader->pen);
}

static bool add_item(void *context, const struct catalogue_item *item, struct error *error)
{
    struct item_reader *reader = context;
    struct pen *pen = &reader->pen;

    if (item->flaw[0])
        return error_set(error, ERROR_CORRUPT, "%s %s: %s", reader->store,
                         object_id_hex(&item->id).text, item->flaw);
    pen_begin(pen, "document");
    json_put_text(&pen->writer, "store", reader->store);
    json_put_text(&pen->writer, "kind", catalogue_kind_name(item->kind));
    pen_id(pen, "id", &item->id);
    json_put_integer(&pen->writer, "version", item->version);
    reader->page.has_after = true;
    reader->page.after = item->id;
    reader->n++;
    return pen_end(pen, error);
}

static bool scan_catalogue(void *store, const struct catalogue_scan *page,
                           catalogue_item_visit *visit, void *context, struct error *error)
{
    return catalogue_store_scan(store, page, visit, context, error);
}

static bool scan_copy(void *store, const struct catalogue_scan *page, catalogue_item_visit *visit,
                      void *context, struct error *error)
{
    return copy_store_scan(store, page, visit, context, error);
}

static bool read_items(struct history *history, void *store, item_scan *scan, const char *name,
                       enum catalogue_kind kind, struct error *error)
{
    CLEANUP(item_reader_clear)
    struct item_reader reader = {.store = name, .page = {.kind = kind, .limit = PAGE}, .n = PAGE};

    pen_open(&reader.pen, history);
    while (reader.n == PAGE) {
        reader.n = 0;
        if (!scan(store, &reader.page, add_item, &reader, error))
            return false;
    }
    return true;
}

static bool count_message(void *context, const struct outbox_message *message, struct error *error)
{
    (void)message;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static bool read_catalogues(struct history *history, struct catalogue_store *catalogue,
                            struct copy_store *copy, struct error *error)
{
    int64_t n_unpublished = 0;

    for (int kind = 0; kind < N_CATALOGUE_KINDS; kind++) {
        if (!read_items(history, catalogue, scan_catalogue, "catalogue", (enum catalogue_kind)kind,
                        error) ||
            !read_items(history, copy, scan_copy, "copy", (enum catalogue_kind)kind, error))
            return false;
    }
    return catalogue_store_unpublished(catalogue, UNPUBLISHED_MAX, count_message, &n_unpublished,
                                       error) &&
           stores_add_level(history, "unpublished changes", n_unpublished, 0, error) &&
           stores_add_final(history, "documents", error);
}

bool stores_read(struct history *history, struct database *events, struct database *bookings,
                 struct error *error)
{
    return read_ledgers(history, database_ledger(bookings), error) &&
           read_catalogues(history, database_catalogue(events), database_copy(bookings), error);
}
