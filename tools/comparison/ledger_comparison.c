#include "tools/comparison/ledger_comparison.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE_ITEMS = 500,
    TEXT_MAX = 32
};

/* ---- ledgers, one after another ---- */

/* A ledger, as its entries add up. */
struct ledger {
    struct object_id event_id;
    int64_t n_entries;
    struct ledger_state head;
    int64_t gap_at;              /* the number that is missing; -1: none is */
    int64_t wrong_at;            /* the first entry whose sum is not right; -1: none */
    int64_t expected;            /* seats sold there */
    int64_t told;                /* what it says */
    char flaw[ERROR_TEXT_BYTES]; /* of the first entry that cannot be read */
};

struct ledger_reader {
    struct ledger_store *store;
    struct ledger_scan next;
    struct ledger_sum sums[PAGE_ITEMS];
    size_t n;
    size_t at;
};

static bool keep_sum(void *context, const struct ledger_sum *sum, struct error *error)
{
    struct ledger_reader *reader = context;

    (void)error;
    reader->sums[reader->n++] = *sum;
    reader->next.has_after = true;
    reader->next.after = sum->key;
    return true;
}

static bool peek_sum(struct ledger_reader *reader, const struct ledger_sum **sum,
                     struct error *error)
{
    if (reader->at == reader->n) {
        reader->n = 0;
        reader->at = 0;
        if (!ledger_store_scan(reader->store, &reader->next, keep_sum, reader, error))
            return false;
    }
    *sum = reader->at < reader->n ? &reader->sums[reader->at] : NULL;
    return true;
}

static void add_entry(struct ledger *ledger, const struct ledger_sum *sum)
{
    int64_t expected = ledger->head.seats_sold + sum->seats_booked - sum->seats_cancelled;

    if (sum->flaw[0] && !ledger->flaw[0])
        snprintf(ledger->flaw, sizeof(ledger->flaw), "%s", sum->flaw);
    if (ledger->gap_at < 0 && sum->key.sequence != ledger->n_entries)
        ledger->gap_at = ledger->n_entries;
    if (ledger->wrong_at < 0 && sum->state.seats_sold != expected) {
        ledger->wrong_at = sum->key.sequence;
        ledger->expected = expected;
        ledger->told = sum->state.seats_sold;
    }
    ledger->head = sum->state;
    ledger->n_entries++;
}

/* The next whole ledger; none is left when it has no entries. */
static bool read_ledger(struct ledger_reader *reader, struct ledger *ledger, struct error *error)
{
    const struct ledger_sum *sum;

    *ledger = (struct ledger){.gap_at = -1, .wrong_at = -1};
    for (;;) {
        if (!peek_sum(reader, &sum, error))
            return false;
        if (!sum ||
            (ledger->n_entries > 0 && !object_id_equal(&sum->key.event_id, &ledger->event_id)))
            return true;
        ledger->event_id = sum->key.event_id;
        add_entry(ledger, sum);
        reader->at++;
    }
}

/* ---- events, one after another ---- */

/* What a ledger has to know of its event. */
struct told {
    struct object_id id;
    int64_t version;
    bool removed;
    bool is_flawed;
    int64_t capacity;
    bool closed;
    int64_t end_s;
};

struct event_reader {
    struct catalogue_store *store;
    struct catalogue_scan next;
    struct told events[PAGE_ITEMS];
    size_t n;
    size_t at;
};

static bool keep_event(void *context, const struct catalogue_item *item, struct error *error)
{
    struct event_reader *reader = context;

    (void)error;
    reader->events[reader->n++] = (struct told){.id = item->id,
                                                .version = item->version,
                                                .removed = item->removed,
                                                .is_flawed = item->flaw[0] != '\0',
                                                .capacity = item->event.capacity,
                                                .closed = item->event.closed,
                                                .end_s = item->event.end_s};
    reader->next.has_after = true;
    reader->next.after = item->id;
    return true;
}

static bool peek_event(struct event_reader *reader, const struct told **event, struct error *error)
{
    if (reader->at == reader->n) {
        reader->n = 0;
        reader->at = 0;
        if (!catalogue_store_scan(reader->store, &reader->next, keep_event, reader, error))
            return false;
    }
    *event = reader->at < reader->n ? &reader->events[reader->at] : NULL;
    return true;
}

/* ---- an event and its ledger ---- */

/* Where differences of one pair go: told, or with NULL only noted. */
struct judge {
    struct differences *differences;
    struct object_id id;
    bool differs;
};

static void tell(struct judge *judge, const char *member, const char *catalogue, const char *there)
{
    judge->differs = true;
    if (judge->differences)
        differences_tell(judge->differences, &(struct difference){.where = "ledger",
                                                                  .kind = "event",
                                                                  .id = judge->id,
                                                                  .member = member,
                                                                  .catalogue = catalogue,
                                                                  .there = there});
}

static void write_number(int64_t number, int64_t none, char text[TEXT_MAX])
{
    if (number == none)
        snprintf(text, TEXT_MAX, "none");
    else
        snprintf(text, TEXT_MAX, "%" PRId64, number);
}

static void judge_number(struct judge *judge, const char *member, int64_t catalogue, int64_t there,
                         int64_t none)
{
    char expected[TEXT_MAX];
    char found[TEXT_MAX];

    if (catalogue == there)
        return;
    write_number(catalogue, none, expected);
    write_number(there, none, found);
    tell(judge, member, expected, found);
}

static void judge_flag(struct judge *judge, const char *member, bool catalogue, bool there)
{
    if (catalogue != there)
        tell(judge, member, catalogue ? "true" : "false", there ? "true" : "false");
}

/* A removed event is closed in its ledger, whatever it was before. */
static void judge_state(struct judge *judge, const struct told *event,
                        const struct ledger_state *head)
{
    judge_number(judge, "version", event->version, head->event_version, INT64_MIN);
    judge_flag(judge, "removed", event->removed, head->removed);
    if (event->removed)
        return;
    judge_number(judge, "capacity", event->capacity, head->capacity, CAPACITY_UNKNOWN);
    judge_flag(judge, "closed", event->closed, head->closed);
    judge_number(judge, "end", event->end_s, head->end_s, 0);
}

static void judge_sums(struct judge *judge, const struct ledger *ledger)
{
    char entry[TEXT_MAX];
    char member[TEXT_MAX + TEXT_MAX];

    if (ledger->flaw[0]) {
        tell(judge, "entries", "readable", ledger->flaw);
        return;
    }
    if (ledger->gap_at >= 0) {
        write_number(ledger->gap_at, INT64_MIN, entry);
        snprintf(member, sizeof(member), "entry %s", entry);
        tell(judge, member, "there", "missing");
    } else if (ledger->wrong_at >= 0) {
        write_number(ledger->wrong_at, INT64_MIN, entry);
        snprintf(member, sizeof(member), "sold of entry %s", entry);
        judge_number(judge, member, ledger->expected, ledger->told, INT64_MIN);
    }
}

/* Either may be absent: NULL, a ledger without entries. */
static bool judge_pair(const struct told *event, const struct ledger *ledger,
                       struct differences *differences)
{
    struct judge judge = {.differences = differences};

    if (!event && ledger->n_entries == 0)
        return true;
    judge.id = event ? event->id : ledger->event_id;
    if (!event)
        tell(&judge, "document", "missing", "there");
    else if (ledger->n_entries == 0)
        tell(&judge, "document", "there", "missing");
    else if (!event->is_flawed) /* which the comparison with the copy tells */
        judge_state(&judge, event, &ledger->head);
    if (ledger->n_entries > 0)
        judge_sums(&judge, ledger);
    return !judge.differs;
}

/* ---- all of them ---- */

/* The message that changes it may have been on its way when the pages were read. */
static bool look_closely(struct ledger_comparison *comparison, const struct object_id *id,
                         struct error *error)
{
    struct event_reader events = {.store = comparison->catalogue};
    struct ledger_reader ledgers = {.store = comparison->ledgers};
    const struct told *event;
    struct ledger ledger;

    do {
        events.n = events.at = 0;
        ledgers.n = ledgers.at = 0;
        events.next = (struct catalogue_scan){.only = id, .limit = 1};
        ledgers.next = (struct ledger_scan){.only = id, .limit = PAGE_ITEMS};
        if (!peek_event(&events, &event, error) || !read_ledger(&ledgers, &ledger, error))
            return false;
        if (ledger.n_entries == 0)
            ledger.event_id = *id;
    } while (!judge_pair(event, &ledger, NULL) && differences_look_again(comparison->differences));
    (void)judge_pair(event, &ledger, comparison->differences);
    return true;
}

static int compare_ids(const struct told *event, const struct ledger *ledger)
{
    if (!event)
        return 1;
    return ledger->n_entries == 0 ? -1 : object_id_compare(&event->id, &ledger->event_id);
}

/* Both sides, and what comes next on each. */
struct merge {
    struct ledger_comparison *comparison;
    struct event_reader events;
    struct ledger_reader ledgers;
    const struct told *event; /* NULL behind the last one */
    struct ledger ledger;     /* without entries behind the last one */
};

/* @order: which side the pair was taken from, as compare_ids(). */
static bool advance(struct merge *merge, int order, struct error *error)
{
    if (order <= 0)
        merge->events.at++;
    if (order >= 0 && !read_ledger(&merge->ledgers, &merge->ledger, error))
        return false;
    return peek_event(&merge->events, &merge->event, error);
}

static void count(struct ledger_comparison *comparison, const struct told *event,
                  const struct ledger *ledger)
{
    comparison->n_events += event ? 1 : 0;
    comparison->n_ledgers += ledger->n_entries > 0 ? 1 : 0;
    comparison->n_entries += ledger->n_entries;
}

static bool compare_next(struct merge *merge, int *order, struct error *error)
{
    static const struct ledger none;
    const struct told *event;
    const struct ledger *ledger;

    *order = compare_ids(merge->event, &merge->ledger);
    event = *order <= 0 ? merge->event : NULL;
    ledger = *order >= 0 ? &merge->ledger : &none;
    count(merge->comparison, event, ledger);
    return judge_pair(event, ledger, NULL) ||
           look_closely(merge->comparison, event ? &event->id : &ledger->event_id, error);
}

static bool compare_all(struct merge *merge, struct error *error)
{
    int order;

    if (!read_ledger(&merge->ledgers, &merge->ledger, error) ||
        !peek_event(&merge->events, &merge->event, error))
        return false;
    while ((merge->event || merge->ledger.n_entries > 0) && !word_is_interrupted()) {
        if (!compare_next(merge, &order, error) || !advance(merge, order, error))
            return false;
    }
    return true;
}

bool ledger_comparison_run(struct ledger_comparison *comparison, struct error *error)
{
    CLEANUP(memory_freep) struct merge *merge = memory_new(sizeof(*merge), error);

    if (!merge)
        return false;
    merge->comparison = comparison;
    merge->events.store = comparison->catalogue;
    merge->events.next = (struct catalogue_scan){.kind = CATALOGUE_EVENT, .limit = PAGE_ITEMS};
    merge->ledgers.store = comparison->ledgers;
    merge->ledgers.next = (struct ledger_scan){.limit = PAGE_ITEMS};
    return compare_all(merge, error);
}
