#include "tools/checker/history.h"

#include "base/json.h"

#include <string.h>

#define NUMBER_MOST ((INT64_C(1) << 53) - 1)

/* One line while it is read. */
struct line {
    struct history *history;
    const struct json *json;
    uint32_t number;
    struct error *error;
};

void history_init(struct history *history, size_t memory_bytes)
{
    *history = (struct history){.budget = {.left_bytes = memory_bytes}};
}

void history_clear(struct history *history)
{
    names_clear(&history->names);
    list_clear(&history->calls);
    list_clear(&history->entries);
    list_clear(&history->booked);
    list_clear(&history->cancelled);
    list_clear(&history->bookings);
    list_clear(&history->messages);
    list_clear(&history->documents);
    list_clear(&history->levels);
}

/* ---- members ---- */

static bool get_name(const struct line *line, const struct json *object, const char *name,
                     enum json_need need, uint32_t *number)
{
    const struct json *member = json_member(object, name);

    *number = 0;
    if (!member || json_is_null(member))
        return need == JSON_OPTIONAL ||
               error_set(line->error, ERROR_INVALID, "\"%s\" is missing", name);
    if (!json_is_text(member))
        return error_set(line->error, ERROR_INVALID, "\"%s\" is no text", name);
    return names_number(&line->history->names, json_text(member), &line->history->budget, number,
                        line->error);
}

/* Absent and null leave @number alone when it is optional. */
static bool get_number(const struct line *line, const struct json *object, const char *name,
                       enum json_need need, int64_t *number)
{
    return json_get_integer(object, "", name, need, -NUMBER_MOST, NUMBER_MOST, number, line->error);
}

static bool get_count(const struct line *line, const struct json *object, const char *name,
                      enum json_need need, int32_t *count)
{
    int64_t number = 0;

    if (!json_get_integer(object, "", name, need, 0, INT32_MAX, &number, line->error))
        return false;
    *count = (int32_t)number;
    return true;
}

static bool get_word(const struct line *line, const char *name, const char *const words[],
                     size_t n_words, size_t *index)
{
    const char *text = json_text(json_member(line->json, name));

    for (size_t i = 0; text && i < n_words; i++) {
        if (strcmp(text, words[i]) == 0) {
            *index = i;
            return true;
        }
    }
    return error_set(line->error, ERROR_INVALID, "\"%s\" is missing or not known: %s", name,
                     text ? text : "no text");
}

static void *add(const struct line *line, struct list *list, size_t size_bytes)
{
    if (list->n >= UINT32_MAX) {
        error_set(line->error, ERROR_TOO_LARGE, "there are more than 4 294 967 295 of a kind");
        return NULL;
    }
    return list_add(list, size_bytes, &line->history->budget, line->error);
}

/* ---- calls ---- */

static bool is_request(const struct call *call)
{
    return call->kind == CALL_BOOK || call->kind == CALL_CANCEL;
}

static bool get_call_names(const struct line *line, struct call *call)
{
    bool is_booked = call->kind == CALL_BOOK && call->outcome == CALL_OK;
    bool needs_id = is_booked || call->kind == CALL_CANCEL;

    return get_name(line, line->json, "event",
                    call->kind == CALL_CANCEL ? JSON_OPTIONAL : JSON_REQUIRED, &call->event) &&
           get_name(line, line->json, "booking", needs_id ? JSON_REQUIRED : JSON_OPTIONAL,
                    &call->booking);
}

/* Whose request it is, or which version or entry was told. */
static bool get_meaning(const struct line *line, struct call *call)
{
    if (is_request(call))
        return get_name(line, line->json, "key", JSON_OPTIONAL, &call->key) &&
               get_name(line, line->json, "user", JSON_OPTIONAL, &call->user);
    call->number = AMOUNT_UNKNOWN;
    return get_number(line, line->json, call->kind == CALL_READ ? "entry" : "version",
                      JSON_OPTIONAL, &call->number);
}

/* What a change asked for, or what was told of the seats that are left. */
static bool get_amount(const struct line *line, struct call *call)
{
    if (call->kind == CALL_CREATE || call->kind == CALL_CHANGE) {
        call->capacity = AMOUNT_NO_LIMIT;
        return get_number(line, line->json, "capacity", JSON_OPTIONAL, &call->capacity);
    }
    call->seats_left = AMOUNT_UNKNOWN;
    return get_number(line, line->json, "left", JSON_OPTIONAL, &call->seats_left);
}

static bool get_call_numbers(const struct line *line, struct call *call)
{
    enum json_need need = call->kind == CALL_BOOK ? JSON_REQUIRED : JSON_OPTIONAL;

    if (!get_number(line, line->json, "start", JSON_REQUIRED, &call->start) ||
        !get_number(line, line->json, "end", JSON_REQUIRED, &call->end) ||
        !get_count(line, line->json, "seats", need, &call->seats) || !get_amount(line, call))
        return false;
    return call->end >= call->start ||
           error_set(line->error, ERROR_INVALID, "it ended before it began");
}

static bool add_call(const struct line *line, enum call_kind kind)
{
    static const char *const outcomes[] = {"ok", "fail", "info"};
    const char *reason = json_text(json_member(line->json, "reason"));
    struct call call = {.kind = kind, .line = line->number};
    struct call *kept;
    size_t outcome = 0;

    if (!get_word(line, "outcome", outcomes, ARRAY_SIZE(outcomes), &outcome))
        return false;
    call.outcome = (enum call_outcome)outcome;
    call.sold_out = call.outcome == CALL_FAIL && reason && strcmp(reason, "sold-out") == 0;
    if (!get_call_numbers(line, &call) || !get_call_names(line, &call) || !get_meaning(line, &call))
        return false;
    kept = add(line, &line->history->calls, sizeof(*kept));
    if (!kept)
        return false;
    *kept = call;
    line->history->n_calls++;
    return true;
}

static bool add_book(const struct line *line)
{
    return add_call(line, CALL_BOOK);
}

static bool add_cancel(const struct line *line)
{
    return add_call(line, CALL_CANCEL);
}

static bool add_read(const struct line *line)
{
    return add_call(line, CALL_READ);
}

static bool add_create(const struct line *line)
{
    return add_call(line, CALL_CREATE);
}

static bool add_change(const struct line *line)
{
    return add_call(line, CALL_CHANGE);
}

/* ---- final readings ---- */

static bool add_seats(const struct line *line, struct list *list, const struct json *object,
                      struct seats *seats)
{
    struct seats *kept;

    seats->line = line->number;
    if (!get_name(line, object, "id", JSON_REQUIRED, &seats->booking) ||
        !get_name(line, object, "user", JSON_OPTIONAL, &seats->user) ||
        !get_count(line, object, "seats", JSON_REQUIRED, &seats->n))
        return false;
    kept = add(line, list, sizeof(*kept));
    if (!kept)
        return false;
    *kept = *seats;
    return true;
}

static bool add_all_seats(const struct line *line, const char *name, struct list *list,
                          const struct seats *where)
{
    const struct json *items = json_member(line->json, name);

    for (const struct json *item = json_item(items, 0); item; item = json_next(item)) {
        struct seats seats = *where;

        if (!add_seats(line, list, item, &seats))
            return false;
    }
    return true;
}

static bool get_entry(const struct line *line, struct entry *entry)
{
    const struct json *json = line->json;

    entry->line = line->number;
    entry->capacity = AMOUNT_NO_LIMIT;
    entry->published = true;
    return get_name(line, json, "event", JSON_REQUIRED, &entry->event) &&
           get_name(line, json, "token", JSON_OPTIONAL, &entry->token) &&
           get_number(line, json, "entry", JSON_REQUIRED, &entry->sequence) &&
           get_number(line, json, "version", JSON_OPTIONAL, &entry->version) &&
           get_number(line, json, "capacity", JSON_OPTIONAL, &entry->capacity) &&
           get_number(line, json, "sold", JSON_REQUIRED, &entry->sold) &&
           json_get_bool(json, "", "published", JSON_OPTIONAL, &entry->published, line->error);
}

static bool add_entry(const struct line *line)
{
    struct history *history = line->history;
    struct entry entry = {0};
    struct entry *kept = NULL;
    struct seats where = {.entry = (uint32_t)history->entries.n};

    if (!get_entry(line, &entry))
        return false;
    where.event = entry.event;
    entry.booked_at = (uint32_t)history->booked.n;
    entry.cancelled_at = (uint32_t)history->cancelled.n;
    if (add_all_seats(line, "booked", &history->booked, &where) &&
        add_all_seats(line, "cancelled", &history->cancelled, &where))
        kept = add(line, &history->entries, sizeof(*kept));
    if (!kept) {
        history->booked.n = entry.booked_at; /* those read already would be of no entry */
        history->cancelled.n = entry.cancelled_at;
        return false;
    }
    entry.n_booked = (uint32_t)history->booked.n - entry.booked_at;
    entry.n_cancelled = (uint32_t)history->cancelled.n - entry.cancelled_at;
    *kept = entry;
    return true;
}

static bool add_booking(const struct line *line)
{
    struct seats seats = {0};

    return get_name(line, line->json, "event", JSON_REQUIRED, &seats.event) &&
           json_get_bool(line->json, "", "cancelled", JSON_OPTIONAL, &seats.cancelled,
                         line->error) &&
           add_seats(line, &line->history->bookings, line->json, &seats);
}

static bool add_message(const struct line *line)
{
    const char *body = json_text(json_member(line->json, "body"));
    struct seen_message message = {.line = line->number};
    struct seen_message *kept;

    if (!body)
        return error_set(line->error, ERROR_INVALID, "\"body\" is missing or no text");
    message.body_hash = text_hash(body, strlen(body));
    if (!get_name(line, line->json, "id", JSON_REQUIRED, &message.id) ||
        !get_name(line, line->json, "name", JSON_REQUIRED, &message.name))
        return false;
    kept = add(line, &line->history->messages, sizeof(*kept));
    if (!kept)
        return false;
    *kept = message;
    return true;
}

static bool add_document(const struct line *line)
{
    static const char *const stores[] = {"catalogue", "copy"};
    static const char *const kinds[] = {"location", "event"};
    struct document document = {.line = line->number};
    struct document *kept;
    size_t store = 0;
    size_t kind = 0;

    if (!get_word(line, "store", stores, ARRAY_SIZE(stores), &store) ||
        !get_word(line, "kind", kinds, ARRAY_SIZE(kinds), &kind) ||
        !get_name(line, line->json, "kind", JSON_REQUIRED, &document.kind) ||
        !get_name(line, line->json, "id", JSON_REQUIRED, &document.id) ||
        !get_number(line, line->json, "version", JSON_REQUIRED, &document.version) ||
        !get_number(line, line->json, "waiting", JSON_OPTIONAL, &document.waiting))
        return false;
    document.is_copy = store == 1;
    document.is_event = kind == 1;
    kept = add(line, &line->history->documents, sizeof(*kept));
    if (!kept)
        return false;
    *kept = document;
    return true;
}

static bool add_level(const struct line *line)
{
    struct level level = {.line = line->number};
    struct level *kept;

    if (!get_name(line, line->json, "name", JSON_REQUIRED, &level.name) ||
        !get_number(line, line->json, "is", JSON_REQUIRED, &level.is) ||
        !get_number(line, line->json, "ought", JSON_OPTIONAL, &level.ought))
        return false;
    kept = add(line, &line->history->levels, sizeof(*kept));
    if (!kept)
        return false;
    *kept = level;
    return true;
}

static bool add_final(const struct line *line)
{
    static const char *const readings[] = {"ledger", "bookings", "messages", "documents", "levels"};
    size_t reading = 0;

    if (!get_word(line, "read", readings, ARRAY_SIZE(readings), &reading))
        return false;
    line->history->readings |= 1U << reading;
    return true;
}

/* ---- lines ---- */

static bool add_line(const struct line *line)
{
    static const char *const words[] = {"book",     "cancel", "read",    "create",
                                        "change",   "entry",  "booking", "message",
                                        "document", "level",  "final"};
    static bool (*const adders[])(const struct line *line) = {
        add_book,    add_cancel,  add_read,     add_create, add_change, add_entry,
        add_booking, add_message, add_document, add_level,  add_final};
    size_t word = 0;

    return get_word(line, "op", words, ARRAY_SIZE(words), &word) && adders[word](line);
}

bool history_add(struct history *history, const char *text, size_t size_bytes, uint32_t number,
                 struct error *error)
{
    CLEANUP(json_freep) struct json *json = NULL;
    struct line line = {.history = history, .number = number, .error = error};

    if (!json_parse(text, size_bytes, &json, error))
        return false;
    line.json = json;
    return add_line(&line);
}
