#include "tools/checker/judge.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

/* What was claimed by whom: by index in held, an operation and one more. */
struct claims {
    uint32_t *of_held;
};

/* ---- what is there at the end ---- */

static void index_held(struct judge *judge)
{
    for (size_t i = 0; i < judge->n_held; i++) {
        const struct seats *seats = &judge->held[i];
        uint32_t *place = &judge->held_of[seats->booking];
        struct evidence evidence =
            evidence_of(*place ? judge->held[*place - 1].line : 0, seats->line);

        if (*place != 0)
            findings_add(judge->findings, INVARIANT_AT_MOST_ONCE, &evidence,
                         "booking %s is stored twice", judge_name(judge, seats->booking));
        else
            *place = (uint32_t)i + 1;
    }
}

static void check_cancelled_seats(const struct judge *judge, const struct seats *cancelled)
{
    uint32_t place = judge->held_of[cancelled->booking];
    const struct seats *held = place ? &judge->held[place - 1] : NULL;
    struct evidence evidence = evidence_of(held ? held->line : 0, cancelled->line);

    if (!held)
        findings_add(judge->findings, INVARIANT_NOTHING_INVENTED, &evidence,
                     "booking %s is cancelled and was never stored",
                     judge_name(judge, cancelled->booking));
    else if (held->n != cancelled->n || held->event != cancelled->event ||
             held->entry > cancelled->entry)
        findings_add(judge->findings, INVARIANT_WHOLE_LEDGER, &evidence,
                     "booking %s of %" PRId32 " seats is cancelled with %" PRId32
                     " seats, at another event, or before it was stored",
                     judge_name(judge, cancelled->booking), held->n, cancelled->n);
}

static void index_cancelled(struct judge *judge)
{
    const struct seats *cancelled = judge->history->cancelled.items;

    for (size_t i = 0; i < judge->history->cancelled.n; i++) {
        uint32_t *place = &judge->cancelled_of[cancelled[i].booking];
        struct evidence evidence =
            evidence_of(*place ? cancelled[*place - 1].line : 0, cancelled[i].line);

        check_cancelled_seats(judge, &cancelled[i]);
        if (*place != 0)
            findings_add(judge->findings, INVARIANT_AT_MOST_ONCE, &evidence,
                         "booking %s is cancelled twice", judge_name(judge, cancelled[i].booking));
        else
            *place = (uint32_t)i + 1;
    }
}

/* ---- bookings ---- */

static void check_same(const struct judge *judge, const struct operation *operation,
                       const struct seats *held)
{
    struct evidence evidence = evidence_of(operation->end_line, held->line);

    if (held->event != operation->event || held->user != operation->user ||
        held->n != operation->seats)
        findings_add(judge->findings, INVARIANT_NOTHING_LOST, &evidence,
                     "booking %s was answered as %" PRId32
                     " seats at event %s and is stored as %" PRId32 " at %s, or for another user",
                     judge_name(judge, operation->booking), operation->seats,
                     judge_name(judge, operation->event), held->n, judge_name(judge, held->event));
}

static void claim(struct judge *judge, struct claims *claims, size_t index)
{
    struct operation *operations = judge->operations.items;
    struct operation *operation = &operations[index];
    uint32_t place = judge->held_of[operation->booking];
    size_t other;
    struct evidence evidence = evidence_of(operation->end_line, 0);

    if (place == 0) {
        if (operation_is_done(operation))
            findings_add(judge->findings, INVARIANT_NOTHING_LOST, &evidence,
                         "booking %s was acknowledged and is not there",
                         judge_name(judge, operation->booking));
        return;
    }
    operation->held = place - 1;
    operation->entry = judge->has_ledger ? judge->held[place - 1].entry : NOWHERE;
    other = claims->of_held[operation->held];
    evidence_add(&evidence, other ? operations[other - 1].end_line : 0);
    if (other != 0 && operation_is_done(operation))
        findings_add(judge->findings, INVARIANT_NOTHING_LOST, &evidence,
                     "two operations were answered with the one booking %s",
                     judge_name(judge, operation->booking));
    claims->of_held[operation->held] = (uint32_t)index + 1;
    if (operation_is_done(operation))
        check_same(judge, operation, &judge->held[operation->held]);
}

/* ---- bookings that nobody was told of, and operations whose outcome nobody knows ---- */

/* What has to agree, and whose it is. */
struct loose {
    uint32_t event, user;
    int32_t seats;
    uint32_t line;
};

static int compare_kinds(const struct loose *a, const struct loose *b)
{
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return (a->seats > b->seats) - (a->seats < b->seats);
}

static int compare_loose(const void *a_pointer, const void *b_pointer)
{
    const struct loose *a = a_pointer;
    const struct loose *b = b_pointer;
    int order = compare_kinds(a, b);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/*
 * Bookings of equal seats, user and event cannot be told apart, so it is enough to count: each needs
 * an operation of its own. @stored and @asked are sorted.
 */
static void match(const struct judge *judge, const struct loose *stored, size_t n_stored,
                  const struct loose *asked, size_t n_asked)
{
    size_t k = 0;

    for (size_t i = 0; i < n_stored; i++) {
        struct evidence evidence = evidence_of(stored[i].line, 0);

        while (k < n_asked && compare_kinds(&asked[k], &stored[i]) < 0)
            k++;
        if (k < n_asked && compare_kinds(&asked[k], &stored[i]) == 0)
            k++;
        else
            findings_add(judge->findings, INVARIANT_NOTHING_INVENTED, &evidence,
                         "a booking of %" PRId32
                         " seats at event %s that nobody can have asked for",
                         stored[i].seats, judge_name(judge, stored[i].event));
    }
}

static size_t loose_held(const struct judge *judge, const struct claims *claims,
                         struct loose *loose)
{
    size_t n = 0;

    for (size_t i = 0; i < judge->n_held; i++) {
        const struct seats *held = &judge->held[i];

        if (claims->of_held[i] == 0 && judge->held_of[held->booking] == i + 1)
            loose[n++] = (struct loose){held->event, held->user, held->n, held->line};
    }
    qsort(loose, n, sizeof(*loose), compare_loose);
    return n;
}

static size_t loose_asked(const struct judge *judge, struct loose *loose)
{
    const struct operation *operations = judge->operations.items;
    size_t n = 0;

    for (size_t i = 0; i < judge->operations.n; i++) {
        const struct operation *asked = &operations[i];

        if (asked->kind == CALL_BOOK && asked->possible && !operation_is_done(asked) &&
            asked->held == NOWHERE)
            loose[n++] = (struct loose){asked->event, asked->user, asked->seats, asked->line};
    }
    qsort(loose, n, sizeof(*loose), compare_loose);
    return n;
}

static bool match_loose(struct judge *judge, const struct claims *claims, struct error *error)
{
    CLEANUP(memory_freep)
    struct loose *stored = judge_array(judge, judge->n_held, sizeof(*stored), error);
    CLEANUP(memory_freep)
    struct loose *asked =
        stored ? judge_array(judge, judge->operations.n, sizeof(*asked), error) : NULL;
    size_t n_stored;
    size_t n_asked;

    if (!asked)
        return false;
    n_stored = loose_held(judge, claims, stored);
    n_asked = loose_asked(judge, asked);
    match(judge, stored, n_stored, asked, n_asked);
    return true;
}

/* ---- cancellations ---- */

static bool is_cancelled(const struct judge *judge, uint32_t booking)
{
    uint32_t place = judge->held_of[booking];

    if (judge->has_ledger)
        return judge->cancelled_of[booking] != 0;
    return place != 0 && judge->held[place - 1].cancelled;
}

static void check_cancel(struct judge *judge, struct operation *operation)
{
    const struct seats *cancelled = judge->history->cancelled.items;
    uint32_t place = judge->cancelled_of[operation->booking];
    struct evidence evidence = evidence_of(operation->end_line, 0);

    if (place != 0)
        operation->entry = cancelled[place - 1].entry;
    if (operation_is_done(operation) && !is_cancelled(judge, operation->booking))
        findings_add(judge->findings, INVARIANT_NOTHING_LOST, &evidence,
                     "the cancellation of booking %s was acknowledged and is not there",
                     judge_name(judge, operation->booking));
}

static void check_cancel_asked(const struct judge *judge, uint32_t booking, uint32_t line)
{
    const struct operation *operations = judge->operations.items;
    uint32_t place = judge->cancel_of[booking];
    struct evidence evidence = evidence_of(line, 0);

    if (place == 0 || !operations[place - 1].possible)
        findings_add(judge->findings, INVARIANT_NOTHING_INVENTED, &evidence,
                     "the cancellation of booking %s that nobody can have asked for",
                     judge_name(judge, booking));
}

static void check_cancels_asked(const struct judge *judge)
{
    const struct seats *cancelled = judge->history->cancelled.items;

    for (size_t i = 0; i < judge->history->cancelled.n; i++)
        check_cancel_asked(judge, cancelled[i].booking, cancelled[i].line);
    for (size_t i = 0; i < judge->n_held; i++) {
        if (judge->held[i].cancelled)
            check_cancel_asked(judge, judge->held[i].booking, judge->held[i].line);
    }
}

/* ---- changes of events ---- */

static bool check_versions(struct judge *judge, struct error *error)
{
    const struct entry *entries = judge->history->entries.items;
    const struct call *calls = judge->history->calls.items;
    CLEANUP(memory_freep)
    int64_t *highest =
        judge_array(judge, names_end(&judge->history->names), sizeof(*highest), error);

    if (!highest)
        return false;
    for (size_t i = 0; i < judge->history->entries.n; i++) {
        if (entries[i].version > highest[entries[i].event])
            highest[entries[i].event] = entries[i].version;
    }
    for (size_t i = 0; i < judge->history->calls.n; i++) {
        const struct call *call = &calls[i];
        bool changes = call->kind == CALL_CREATE || call->kind == CALL_CHANGE;
        struct evidence evidence = evidence_of(call->line, 0);

        if (changes && call->outcome == CALL_OK && call->number > highest[call->event])
            findings_add(judge->findings, INVARIANT_NOTHING_LOST, &evidence,
                         "version %" PRId64 " of event %s is not in its ledger", call->number,
                         judge_name(judge, call->event));
    }
    return true;
}

bool judge_answers(struct judge *judge, struct error *error)
{
    struct operation *operations = judge->operations.items;
    CLEANUP(memory_freep)
    uint32_t *of_held = judge_array(judge, judge->n_held, sizeof(*of_held), error);
    struct claims claims = {of_held};

    if (!of_held)
        return false;
    if (!judge->has_end)
        return true;
    index_held(judge);
    index_cancelled(judge);
    for (size_t i = 0; i < judge->operations.n; i++) {
        if (operations[i].kind == CALL_CANCEL)
            check_cancel(judge, &operations[i]);
        else if (operations[i].booking != 0)
            claim(judge, &claims, i);
    }
    check_cancels_asked(judge);
    return match_loose(judge, &claims, error) &&
           (!judge->has_ledger || check_versions(judge, error));
}
