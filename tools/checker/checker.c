#include "tools/checker/checker.h"

#include "base/memory.h"
#include "tools/checker/judge.h"

static void judge_clear(struct judge *judge)
{
    list_clear(&judge->operations);
    memory_free(judge->held_of);
    memory_free(judge->cancelled_of);
    memory_free(judge->cancel_of);
}

void *judge_array(struct judge *judge, size_t n, size_t size_bytes, struct error *error)
{
    return budget_array(&judge->history->budget, n, size_bytes, error);
}

struct evidence evidence_of(uint32_t first, uint32_t second)
{
    struct evidence evidence = {0};

    evidence_add(&evidence, first);
    evidence_add(&evidence, second);
    return evidence;
}

static bool judge_open(struct judge *judge, struct error *error)
{
    struct history *history = judge->history;
    size_t n = names_end(&history->names);

    judge->has_ledger = (history->readings & READING_LEDGER) != 0;
    judge->has_end = judge->has_ledger || (history->readings & READING_BOOKINGS) != 0;
    judge->held = judge->has_ledger ? history->booked.items : history->bookings.items;
    judge->n_held = judge->has_ledger ? history->booked.n : history->bookings.n;
    judge->held_of = judge_array(judge, n, sizeof(*judge->held_of), error);
    if (!judge->held_of)
        return false;
    judge->cancelled_of = judge_array(judge, n, sizeof(*judge->cancelled_of), error);
    if (!judge->cancelled_of)
        return false;
    judge->cancel_of = judge_array(judge, n, sizeof(*judge->cancel_of), error);
    return judge->cancel_of != NULL;
}

/* What the readings at the end allow; the parts judge only what there is. */
static void note_decided(const struct judge *judge)
{
    bool *decided = judge->findings->decided;
    unsigned readings = judge->history->readings;
    bool has_messages = (readings & READING_MESSAGES) != 0;
    bool has_documents = (readings & READING_DOCUMENTS) != 0;

    decided[INVARIANT_NO_OVERSELL] = true;
    decided[INVARIANT_WHOLE_LEDGER] = judge->has_ledger;
    decided[INVARIANT_NOTHING_LOST] = judge->has_end;
    decided[INVARIANT_NOTHING_INVENTED] = judge->has_end;
    decided[INVARIANT_AT_MOST_ONCE] = true;
    decided[INVARIANT_REAL_TIME] = true;
    decided[INVARIANT_REFUSALS] = true;
    decided[INVARIANT_MESSAGES] = judge->has_ledger && has_messages && has_documents;
    decided[INVARIANT_COPIES] = has_documents;
    decided[INVARIANT_EMPTY_ENDS] = (readings & READING_LEVELS) != 0 && has_documents;
}

static bool judge_moments(struct judge *judge, struct error *error)
{
    if (judge->has_ledger)
        return judge_order(judge, error) && judge_refusals(judge, error);
    return judge_timeline(judge, error);
}

/* Nothing is added to these any more. */
static bool cut_lists(struct history *history, struct error *error)
{
    struct budget *budget = &history->budget;

    return list_cut(&history->calls, history->calls.n, sizeof(struct call), budget, error) &&
           list_cut(&history->entries, history->entries.n, sizeof(struct entry), budget, error);
}

/* Each part frees what it took when it is done; names that messages should have had are few. */
static bool judge_parts(struct judge *judge, struct error *error)
{
    static bool (*const parts[])(struct judge * judge, struct error * error) = {
        judge_ledgers, judge_answers, judge_moments, judge_messages, judge_rest};
    struct budget *budget = &judge->history->budget;

    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        size_t taken_bytes = budget->taken_bytes;

        if (!parts[i](judge, error))
            return false;
        budget_return(budget, taken_bytes);
    }
    return true;
}

bool checker_judge(struct history *history, struct findings *findings, struct error *error)
{
    CLEANUP(judge_clear) struct judge judge = {.history = history, .findings = findings};

    if (!judge_open(&judge, error))
        return false;
    note_decided(&judge);
    return cut_lists(history, error) && judge_operations(&judge, error) &&
           judge_parts(&judge, error);
}
