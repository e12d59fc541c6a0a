#include "tools/checker/judge.h"

#include "base/memory.h"
#include "tools/checker/ranges.h"

#include <inttypes.h>

/* All entries of all ledgers, and when each can have landed. */
struct landings {
    int64_t *earliest;  /* not before: some operation in it, or before it, had not begun */
    int64_t *latest;    /* not after: some operation in it, or after it, was known */
    struct ranges free; /* seats after the entry; least and most within its batch */
    uint32_t *first_of; /* event by name: its first entry and one more, 0 for none */
    uint32_t *end_of;   /* event by name: the entry behind its last */
};

static void landings_clear(struct landings *landings)
{
    memory_free(landings->earliest);
    memory_free(landings->latest);
    memory_free(landings->first_of);
    memory_free(landings->end_of);
    ranges_clear(&landings->free);
}

static bool landings_open(struct judge *judge, struct landings *landings, struct error *error)
{
    size_t n_names = names_end(&judge->history->names);
    size_t n = judge->history->entries.n;

    landings->earliest = judge_array(judge, n, sizeof(*landings->earliest), error);
    if (!landings->earliest)
        return false;
    landings->latest = judge_array(judge, n, sizeof(*landings->latest), error);
    if (!landings->latest)
        return false;
    landings->first_of = judge_array(judge, n_names, sizeof(*landings->first_of), error);
    if (!landings->first_of)
        return false;
    landings->end_of = judge_array(judge, n_names, sizeof(*landings->end_of), error);
    return landings->end_of && ranges_open(&landings->free, n, &judge->history->budget, error);
}

static void bound_by_operations(const struct judge *judge, struct landings *landings)
{
    const struct operation *operations = judge->operations.items;

    for (size_t i = 0; i < judge->history->entries.n; i++) {
        landings->earliest[i] = INT64_MIN;
        landings->latest[i] = INT64_MAX;
    }
    for (size_t i = 0; i < judge->operations.n; i++) {
        const struct operation *operation = &operations[i];
        size_t entry = operation->entry;

        if (entry == NOWHERE || !operation->possible)
            continue;
        if (operation->start > landings->earliest[entry])
            landings->earliest[entry] = operation->start;
        if (operation->end < landings->latest[entry])
            landings->latest[entry] = operation->end;
    }
}

/* An entry lands after all before it, and before all after it. */
static void bound_by_neighbours(const struct judge *judge, struct landings *landings)
{
    const struct entry *entries = judge->history->entries.items;
    size_t n = judge->history->entries.n;

    for (size_t i = 1; i < n; i++) {
        if (entries[i].event == entries[i - 1].event &&
            landings->earliest[i] < landings->earliest[i - 1])
            landings->earliest[i] = landings->earliest[i - 1];
    }
    for (size_t i = n; i-- > 1;) {
        if (entries[i].event == entries[i - 1].event &&
            landings->latest[i - 1] > landings->latest[i])
            landings->latest[i - 1] = landings->latest[i];
    }
}

static int64_t free_seats(int64_t capacity, int64_t sold)
{
    if (capacity == AMOUNT_NO_LIMIT)
        return AMOUNT_NO_LIMIT;
    return sold < capacity ? capacity - sold : 0;
}

/*
 * A refusal may rest on what came before it in the batch with which its call was answered, and the order
 * within one is not written down: so an entry that lands during a call has been everything between.
 */
static void count_free(const struct judge *judge, struct landings *landings)
{
    const struct entry *entries = judge->history->entries.items;
    const struct seats *cancelled = judge->history->cancelled.items;
    const struct seats *booked = judge->history->booked.items;
    struct ranges *free = &landings->free;

    for (size_t i = 0; i < free->n; i++) {
        const struct entry *entry = &entries[i];
        int64_t returned = 0;
        int64_t taken = 0;

        for (size_t k = 0; k < entry->n_cancelled; k++)
            returned += cancelled[entry->cancelled_at + k].n;
        for (size_t k = 0; k < entry->n_booked; k++)
            taken += booked[entry->booked_at + k].n;
        free->least[free->n + i] = free_seats(entry->capacity, entry->sold + returned);
        free->most[free->n + i] = free_seats(entry->capacity, entry->sold - taken);
        if (landings->first_of[entry->event] == 0)
            landings->first_of[entry->event] = (uint32_t)i + 1;
        landings->end_of[entry->event] = (uint32_t)i + 1;
    }
    ranges_close(free);
}

/* The last of the indexes @low to @high, without @high, of which @times is below @time; else @low. */
static size_t last_below(const int64_t *times, size_t low, size_t high, int64_t time)
{
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (times[middle] < time)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Free seats at the least and at the most during a call. */
struct span {
    int64_t least, most;
};

/* Over all entries whose state may have been the newest at some moment of the call. */
static struct span free_during(const struct judge *judge, const struct landings *landings,
                               const struct call *call)
{
    const struct entry *entries = judge->history->entries.items;
    size_t end = landings->end_of[call->event];
    size_t from =
        last_below(landings->latest, landings->first_of[call->event] - 1, end, call->start);
    size_t to = last_below(landings->earliest, from, end, call->end + 1) + 1;
    bool was_there = landings->latest[from] < call->start;
    int64_t settled = free_seats(entries[from].capacity, entries[from].sold);
    struct span free = {ranges_least(&landings->free, from + was_there, to),
                        ranges_most(&landings->free, from + was_there, to)};

    if (was_there && settled < free.least)
        free.least = settled;
    if (was_there && settled > free.most)
        free.most = settled;
    return free;
}

static void check_refusal(const struct judge *judge, const struct landings *landings,
                          const struct call *call)
{
    const char *event = judge_name(judge, call->event);
    struct evidence evidence = evidence_of(call->line, 0);
    struct span free;

    if (landings->first_of[call->event] == 0) {
        findings_add(judge->findings, INVARIANT_REFUSALS, &evidence,
                     "sold out, and event %s has no ledger", event);
        return;
    }
    free = free_during(judge, landings, call);
    if (free.least >= call->seats)
        findings_add(judge->findings, INVARIANT_REFUSALS, &evidence,
                     "event %s: %" PRId32 " seats were refused while never fewer than %" PRId64
                     " were free",
                     event, call->seats, free.least);
    else if (call->seats_left != AMOUNT_UNKNOWN &&
             (call->seats_left < free.least || call->seats_left > free.most))
        findings_add(judge->findings, INVARIANT_REFUSALS, &evidence,
                     "event %s: a refusal said that %" PRId64 " seats were left; it was %" PRId64
                     " to %" PRId64,
                     event, call->seats_left, free.least, free.most);
}

bool judge_refusals(struct judge *judge, struct error *error)
{
    CLEANUP(landings_clear) struct landings landings = {0};
    const struct call *calls = judge->history->calls.items;

    if (!landings_open(judge, &landings, error))
        return false;
    bound_by_operations(judge, &landings);
    bound_by_neighbours(judge, &landings);
    count_free(judge, &landings);
    for (size_t i = 0; i < judge->history->calls.n; i++) {
        if (calls[i].kind == CALL_BOOK && calls[i].sold_out)
            check_refusal(judge, &landings, &calls[i]);
    }
    return true;
}
