#include "tools/checker/judge.h"

#include "base/memory.h"

#include <stdlib.h>

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Calls of one operation stand together, the earliest first. */
static int compare_calls(const void *a_pointer, const void *b_pointer)
{
    const struct call *a = *(const struct call *const *)a_pointer;
    const struct call *b = *(const struct call *const *)b_pointer;
    bool cancels = a->kind == CALL_CANCEL;
    int order = compare(a->kind, b->kind);

    if (order == 0 && cancels)
        order = compare(a->booking, b->booking);
    if (order == 0 && !cancels)
        order = compare(a->event, b->event);
    if (order == 0 && !cancels)
        order = compare(a->user, b->user);
    if (order == 0 && !cancels)
        order = compare(a->key, b->key);
    if (order == 0)
        order = compare(a->start, b->start);
    return order != 0 ? order : compare(a->line, b->line);
}

static bool is_same_operation(const struct call *a, const struct call *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CALL_CANCEL)
        return a->booking == b->booking;
    return a->key != 0 && a->key == b->key && a->event == b->event && a->user == b->user;
}

static void note_answer(struct operation *operation, const struct call *call)
{
    if (call->end >= operation->end)
        return;
    operation->end = call->end;
    operation->end_line = call->line;
    operation->seats = call->seats;
    operation->booking = call->booking;
}

static void note_call(struct operation *operation, const struct call *call)
{
    if (call->outcome == CALL_FAIL)
        return;
    if (!operation->possible) {
        operation->possible = true;
        operation->start = call->start;
        operation->line = call->line;
        operation->seats = call->seats;
    }
    if (operation->booking == 0)
        operation->booking = call->booking;
    if (call->outcome == CALL_OK)
        note_answer(operation, call);
}

static bool add_operation(struct judge *judge, const struct call *call, struct error *error)
{
    struct operation *operation =
        list_add(&judge->operations, sizeof(*operation), &judge->history->budget, error);

    if (!operation)
        return false;
    *operation = (struct operation){.kind = call->kind,
                                    .event = call->event,
                                    .user = call->user,
                                    .end = INT64_MAX,
                                    .held = NOWHERE,
                                    .entry = NOWHERE};
    if (call->kind == CALL_CANCEL) {
        operation->booking = call->booking;
        judge->cancel_of[call->booking] = (uint32_t)judge->operations.n;
    }
    return true;
}

/* Of the operations from @first on, which are of one key, the one that was answered with @booking. */
static size_t find_answered(const struct judge *judge, size_t first, uint32_t booking)
{
    const struct operation *operations = judge->operations.items;

    while (first < judge->operations.n && operations[first].booking != booking)
        first++;
    return first;
}

/* A key that was answered with several bookings has made several: each is an operation of its own. */
static bool add_second_booking(struct judge *judge, const struct operation *first,
                               const struct call *call, struct error *error)
{
    struct evidence evidence = evidence_of(first->end_line, call->line);

    findings_add(judge->findings, INVARIANT_AT_MOST_ONCE, &evidence,
                 "key %s at event %s was booked twice: as %s and as %s",
                 judge_name(judge, call->key), judge_name(judge, call->event),
                 judge_name(judge, first->booking), judge_name(judge, call->booking));
    return add_operation(judge, call, error);
}

/* @first is the operation that the call belongs to, unless it was answered otherwise. */
static bool put_call(struct judge *judge, size_t first, const struct call *call,
                     struct error *error)
{
    struct operation *operations = judge->operations.items;
    size_t place = first;

    if (call->outcome == CALL_OK && operations[first].end_line != 0 &&
        operations[first].booking != call->booking) {
        place = find_answered(judge, first, call->booking);
        if (place == judge->operations.n &&
            !add_second_booking(judge, &operations[first], call, error))
            return false;
        operations = judge->operations.items;
    }
    note_call(&operations[place], call);
    return true;
}

static bool put_together(struct judge *judge, const struct call *const sorted[], size_t n,
                         struct error *error)
{
    size_t first = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !is_same_operation(sorted[i - 1], sorted[i])) {
            first = judge->operations.n;
            if (!add_operation(judge, sorted[i], error))
                return false;
        }
        if (!put_call(judge, first, sorted[i], error))
            return false;
    }
    return true;
}

static bool says_more(const struct call *call)
{
    return call->kind != CALL_CANCEL && (call->kind != CALL_BOOK || call->sold_out);
}

static bool drop_calls(struct judge *judge, struct error *error)
{
    struct list *list = &judge->history->calls;
    struct call *calls = list->items;
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        if (says_more(&calls[i]))
            calls[n++] = calls[i];
    }
    return list_cut(list, n, sizeof(*calls), &judge->history->budget, error);
}

static bool make_operations(struct judge *judge, struct error *error)
{
    const struct call *calls = judge->history->calls.items;
    CLEANUP(memory_freep)
    const struct call **sorted =
        judge_array(judge, judge->history->calls.n, sizeof(*sorted), error);
    size_t n = 0;

    if (!sorted)
        return false;
    for (size_t i = 0; i < judge->history->calls.n; i++) {
        if (calls[i].kind == CALL_BOOK || calls[i].kind == CALL_CANCEL)
            sorted[n++] = &calls[i];
    }
    qsort(sorted, n, sizeof(const struct call *), compare_calls);
    return put_together(judge, sorted, n, error);
}

bool judge_operations(struct judge *judge, struct error *error)
{
    struct budget *budget = &judge->history->budget;

    if (!make_operations(judge, error))
        return false;
    budget_return(budget,
                  budget->taken_bytes - judge->history->calls.n * sizeof(const struct call *));
    return drop_calls(judge, error);
}
