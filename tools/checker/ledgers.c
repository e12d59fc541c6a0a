#include "tools/checker/judge.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static int compare_entries(const void *a_pointer, const void *b_pointer)
{
    const struct entry *a = a_pointer;
    const struct entry *b = b_pointer;

    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static void put_in_order(struct judge *judge)
{
    struct history *history = judge->history;
    struct entry *entries = history->entries.items;
    struct seats *booked = history->booked.items;
    struct seats *cancelled = history->cancelled.items;

    if (history->entries.n > 0)
        qsort(entries, history->entries.n, sizeof(*entries), compare_entries);
    for (size_t i = 0; i < history->entries.n; i++) {
        for (size_t k = 0; k < entries[i].n_booked; k++)
            booked[entries[i].booked_at + k].entry = (uint32_t)i;
        for (size_t k = 0; k < entries[i].n_cancelled; k++)
            cancelled[entries[i].cancelled_at + k].entry = (uint32_t)i;
    }
}

static int64_t seats_in(const struct list *list, size_t at, size_t n)
{
    const struct seats *seats = list->items;
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += seats[at + i].n;
    return sum;
}

/* @before is the entry in front of it, NULL for the first of its event. */
static void check_link(const struct judge *judge, const struct entry *before,
                       const struct entry *entry)
{
    struct evidence evidence = evidence_of(before ? before->line : 0, entry->line);
    int64_t expected = before ? before->sequence + 1 : 0;
    const char *event = judge_name(judge, entry->event);

    if (entry->sequence != expected)
        findings_add(judge->findings, INVARIANT_WHOLE_LEDGER, &evidence,
                     "event %s: entry %" PRId64 " stands where %" PRId64 " belongs", event,
                     entry->sequence, expected);
    if (before && entry->version < before->version)
        findings_add(judge->findings, INVARIANT_WHOLE_LEDGER, &evidence,
                     "event %s: the version falls from %" PRId64 " to %" PRId64
                     " at entry %" PRId64,
                     event, before->version, entry->version, entry->sequence);
}

static void check_sum(const struct judge *judge, const struct entry *before,
                      const struct entry *entry)
{
    const struct history *history = judge->history;
    struct evidence evidence = evidence_of(before ? before->line : 0, entry->line);
    int64_t sold = (before ? before->sold : 0) +
                   seats_in(&history->booked, entry->booked_at, entry->n_booked) -
                   seats_in(&history->cancelled, entry->cancelled_at, entry->n_cancelled);

    if (entry->sold != sold)
        findings_add(judge->findings, INVARIANT_NO_OVERSELL, &evidence,
                     "event %s: entry %" PRId64 " says that %" PRId64
                     " seats are sold, it is %" PRId64,
                     judge_name(judge, entry->event), entry->sequence, entry->sold, sold);
    if (entry->n_booked > 0 && sold > entry->capacity)
        findings_add(judge->findings, INVARIANT_NO_OVERSELL, &evidence,
                     "event %s: entry %" PRId64 " sells %" PRId64 " of %" PRId64 " seats",
                     judge_name(judge, entry->event), entry->sequence, sold, entry->capacity);
}

static bool check_tokens(struct judge *judge, struct error *error)
{
    const struct entry *entries = judge->history->entries.items;
    CLEANUP(memory_freep)
    uint32_t *lines = judge_array(judge, names_end(&judge->history->names), sizeof(*lines), error);

    if (!lines)
        return false;
    for (size_t i = 0; i < judge->history->entries.n; i++) {
        uint32_t token = entries[i].token;
        struct evidence evidence = evidence_of(lines[token], entries[i].line);

        if (token != 0 && lines[token] != 0)
            findings_add(judge->findings, INVARIANT_WHOLE_LEDGER, &evidence,
                         "attempt token %s stands at two entries", judge_name(judge, token));
        lines[token] = entries[i].line;
    }
    return true;
}

bool judge_ledgers(struct judge *judge, struct error *error)
{
    const struct entry *entries = judge->history->entries.items;

    put_in_order(judge);
    for (size_t i = 0; i < judge->history->entries.n; i++) {
        bool is_first = i == 0 || entries[i - 1].event != entries[i].event;
        const struct entry *before = is_first ? NULL : &entries[i - 1];

        check_link(judge, before, &entries[i]);
        check_sum(judge, before, &entries[i]);
    }
    return check_tokens(judge, error);
}
