#include "tools/checker/judge.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

/*
 * Something that happened at a known place of a ledger, some time between start and end. Entries have
 * even places; a reading that showed entry s saw all up to it and nothing after it: 2s + 1.
 */
struct moment {
    uint32_t event;
    uint32_t start_line, end_line;
    int64_t start, end;
    int64_t place;
};

struct moments {
    const struct moment **by_start;
    const struct moment **by_end;
    size_t n;
};

static int compare_starts(const void *a_pointer, const void *b_pointer)
{
    const struct moment *a = *(const struct moment *const *)a_pointer;
    const struct moment *b = *(const struct moment *const *)b_pointer;

    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return (a->start > b->start) - (a->start < b->start);
}

static int compare_ends(const void *a_pointer, const void *b_pointer)
{
    const struct moment *a = *(const struct moment *const *)a_pointer;
    const struct moment *b = *(const struct moment *const *)b_pointer;

    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

static size_t collect_operations(const struct judge *judge, struct moment *moments)
{
    const struct operation *operations = judge->operations.items;
    const struct entry *entries = judge->history->entries.items;
    size_t n = 0;

    for (size_t i = 0; i < judge->operations.n; i++) {
        const struct operation *operation = &operations[i];

        if (operation->possible && operation->entry != NOWHERE)
            moments[n++] = (struct moment){.event = entries[operation->entry].event,
                                           .start_line = operation->line,
                                           .end_line = operation->end_line,
                                           .start = operation->start,
                                           .end = operation->end,
                                           .place = 2 * entries[operation->entry].sequence};
    }
    return n;
}

static size_t collect_readings(const struct judge *judge, struct moment *moments)
{
    const struct call *calls = judge->history->calls.items;
    size_t n = 0;

    for (size_t i = 0; i < judge->history->calls.n; i++) {
        const struct call *call = &calls[i];

        if (call->kind == CALL_READ && call->outcome == CALL_OK && call->number != AMOUNT_UNKNOWN)
            moments[n++] = (struct moment){.event = call->event,
                                           .start_line = call->line,
                                           .end_line = call->line,
                                           .start = call->start,
                                           .end = call->end,
                                           .place = 2 * call->number + 1};
    }
    return n;
}

/* For each moment the highest place among those of its event that had ended before it began. */
static void sweep(const struct judge *judge, const struct moments *moments)
{
    const struct moment *highest = NULL;
    size_t ended = 0;

    for (size_t i = 0; i < moments->n; i++) {
        const struct moment *moment = moments->by_start[i];

        if (i == 0 || moments->by_start[i - 1]->event != moment->event) {
            highest = NULL;
            ended = i; /* both lists have the events at the same places */
        }
        for (; ended < moments->n && moments->by_end[ended]->event == moment->event &&
               moments->by_end[ended]->end < moment->start;
             ended++) {
            if (!highest || moments->by_end[ended]->place > highest->place)
                highest = moments->by_end[ended];
        }
        if (highest && highest->place > moment->place) {
            struct evidence evidence = evidence_of(highest->end_line, moment->start_line);

            findings_add(judge->findings, INVARIANT_REAL_TIME, &evidence,
                         "event %s: entry %" PRId64
                         " was known before something began that is at, or saw, entry %" PRId64,
                         judge_name(judge, moment->event), highest->place / 2, moment->place / 2);
        }
    }
}

bool judge_order(struct judge *judge, struct error *error)
{
    size_t n_most = judge->operations.n + judge->history->calls.n;
    CLEANUP(memory_freep)
    struct moment *moments = judge_array(judge, n_most, sizeof(*moments), error);
    CLEANUP(memory_freep)
    const struct moment **sorted =
        moments ? judge_array(judge, 2 * n_most, sizeof(*sorted), error) : NULL;
    struct moments both = {.by_start = sorted};

    if (!sorted)
        return false;
    both.n = collect_operations(judge, moments);
    both.n += collect_readings(judge, moments + both.n);
    both.by_end = sorted + both.n;
    for (size_t i = 0; i < both.n; i++)
        both.by_start[i] = both.by_end[i] = &moments[i];
    qsort(both.by_start, both.n, sizeof(*sorted), compare_starts);
    qsort(both.by_end, both.n, sizeof(*sorted), compare_ends);
    sweep(judge, &both);
    return true;
}
