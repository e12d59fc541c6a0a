#include "tools/checker/judge.h"

#include "base/memory.h"
#include "tools/checker/ranges.h"

#include <inttypes.h>
#include <stdlib.h>

/*
 * Without a ledger nobody knows in which order things happened, only between which moments. So of each
 * event two sums are kept over time: seats that are certainly sold (acknowledged, and nobody has begun
 * to give them back) and seats that may be sold (asked for, and not yet known to be given back).
 */
enum step_kind { /* at one moment, the most lenient order */
    STEP_RETURN_BEGINS,
    STEP_BOOKING_BEGINS,
    STEP_BOOKING_KNOWN,
    STEP_RETURN_KNOWN
};

struct step {
    uint32_t event;
    enum step_kind kind;
    int64_t time;
    int64_t certainly, possibly; /* what changes; then the sums after it */
    uint32_t line;
};

/* The capacities that an event can have had. */
struct capacities {
    int64_t least, most;
    uint32_t line; /* of the call that set the highest; 0: none was heard of */
};

struct timeline {
    struct step *steps;
    size_t n_steps;
    struct ranges certainly, possibly;
    size_t *first_of; /* event by name: its first step and one more, 0 for none */
    size_t *end_of;
    struct capacities *capacities; /* event by name */
};

static void timeline_clear(struct timeline *timeline)
{
    memory_free(timeline->steps);
    ranges_clear(&timeline->certainly);
    ranges_clear(&timeline->possibly);
    memory_free(timeline->first_of);
    memory_free(timeline->end_of);
    memory_free(timeline->capacities);
}

static bool timeline_open(struct judge *judge, struct timeline *timeline, struct error *error)
{
    size_t n = names_end(&judge->history->names);

    timeline->steps = judge_array(judge, 4 * judge->operations.n, sizeof(*timeline->steps), error);
    if (!timeline->steps)
        return false;
    timeline->first_of = judge_array(judge, n, sizeof(*timeline->first_of), error);
    if (!timeline->first_of)
        return false;
    timeline->end_of = judge_array(judge, n, sizeof(*timeline->end_of), error);
    if (!timeline->end_of)
        return false;
    timeline->capacities = judge_array(judge, n, sizeof(*timeline->capacities), error);
    return timeline->capacities != NULL;
}

static void add_step(struct timeline *timeline, const struct operation *book, enum step_kind kind,
                     int64_t time, uint32_t line)
{
    struct step *step = &timeline->steps[timeline->n_steps++];

    *step = (struct step){.event = book->event, .kind = kind, .time = time, .line = line};
    if (kind == STEP_BOOKING_KNOWN)
        step->certainly = book->seats;
    else if (kind == STEP_RETURN_BEGINS)
        step->certainly = -book->seats;
    else
        step->possibly = kind == STEP_BOOKING_BEGINS ? book->seats : -book->seats;
}

static void add_steps(const struct judge *judge, struct timeline *timeline,
                      const struct operation *book)
{
    const struct operation *operations = judge->operations.items;
    uint32_t place = book->booking ? judge->cancel_of[book->booking] : 0;
    const struct operation *cancel = place ? &operations[place - 1] : NULL;
    bool may_return = cancel && cancel->possible;

    add_step(timeline, book, STEP_BOOKING_BEGINS, book->start, book->line);
    if (may_return && operation_is_done(cancel))
        add_step(timeline, book, STEP_RETURN_KNOWN, cancel->end, cancel->end_line);
    /* What was given back before anybody knew it sold is never certainly sold. */
    if (!operation_is_done(book) || (may_return && cancel->start <= book->end))
        return;
    add_step(timeline, book, STEP_BOOKING_KNOWN, book->end, book->end_line);
    if (may_return)
        add_step(timeline, book, STEP_RETURN_BEGINS, cancel->start, cancel->line);
}

static int compare_steps(const void *a_pointer, const void *b_pointer)
{
    const struct step *a = a_pointer;
    const struct step *b = b_pointer;

    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (int)a->kind - (int)b->kind;
}

static bool sum_up(struct judge *judge, struct timeline *timeline, struct error *error)
{
    struct step *steps = timeline->steps;
    size_t n = timeline->n_steps;

    if (!ranges_open(&timeline->certainly, n, &judge->history->budget, error) ||
        !ranges_open(&timeline->possibly, n, &judge->history->budget, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && steps[i].event == steps[i - 1].event) {
            steps[i].certainly += steps[i - 1].certainly;
            steps[i].possibly += steps[i - 1].possibly;
        } else {
            timeline->first_of[steps[i].event] = i + 1;
        }
        timeline->end_of[steps[i].event] = i + 1;
        timeline->certainly.least[n + i] = timeline->certainly.most[n + i] = steps[i].certainly;
        timeline->possibly.least[n + i] = timeline->possibly.most[n + i] = steps[i].possibly;
    }
    ranges_close(&timeline->certainly);
    ranges_close(&timeline->possibly);
    return true;
}

static void note_capacities(const struct judge *judge, struct timeline *timeline)
{
    const struct call *calls = judge->history->calls.items;

    for (size_t i = 0; i < judge->history->calls.n; i++) {
        const struct call *call = &calls[i];
        struct capacities *capacities = &timeline->capacities[call->event];

        if ((call->kind != CALL_CREATE && call->kind != CALL_CHANGE) || call->outcome == CALL_FAIL)
            continue;
        if (capacities->line == 0 || call->capacity < capacities->least)
            capacities->least = call->capacity;
        if (capacities->line == 0 || call->capacity > capacities->most) {
            capacities->most = call->capacity;
            capacities->line = call->line;
        }
    }
}

/* ---- what it shows ---- */

/* Those last known to be sold: with the capacity they are what does not fit together. */
static void check_step(const struct judge *judge, const struct timeline *timeline, size_t i)
{
    const struct step *step = &timeline->steps[i];
    const struct capacities *capacities = &timeline->capacities[step->event];
    struct evidence evidence = evidence_of(capacities->line, step->line);
    bool is_first = i == 0 || timeline->steps[i - 1].event != step->event ||
                    timeline->steps[i - 1].certainly <= capacities->most;

    if (capacities->line == 0 || step->certainly <= capacities->most || !is_first)
        return;
    for (size_t k = i; k-- > 0 && timeline->steps[k].event == step->event &&
                       evidence.n_lines < EVIDENCE_LINES_MAX;) {
        if (timeline->steps[k].kind == STEP_BOOKING_KNOWN)
            evidence_add(&evidence, timeline->steps[k].line);
    }
    findings_add(judge->findings, INVARIANT_NO_OVERSELL, &evidence,
                 "event %s: %" PRId64 " of %" PRId64 " seats are sold at one moment",
                 judge_name(judge, step->event), step->certainly, capacities->most);
}

/* The steps that count during a call: @from up to without @to; none when nothing was sold till its end. */
static void steps_during(const struct timeline *timeline, const struct call *call, size_t *from,
                         size_t *to)
{
    size_t first = timeline->first_of[call->event] ? timeline->first_of[call->event] - 1 : 0;
    size_t low = first;
    size_t high = timeline->end_of[call->event];

    while (low < high) { /* the first step at or after the start */
        size_t middle = low + (high - low) / 2;

        if (timeline->steps[middle].time < call->start)
            low = middle + 1;
        else
            high = middle;
    }
    *from = low > first ? low - 1 : low;
    for (high = timeline->end_of[call->event]; low < high;) { /* the first after the end */
        size_t middle = low + (high - low) / 2;

        if (timeline->steps[middle].time <= call->end)
            low = middle + 1;
        else
            high = middle;
    }
    *to = low;
}

static void check_refusal(const struct judge *judge, const struct timeline *timeline,
                          const struct call *call, int64_t most_sold)
{
    const struct capacities *capacities = &timeline->capacities[call->event];
    struct evidence evidence = evidence_of(capacities->line, call->line);

    if (capacities->line != 0 && capacities->least - most_sold >= call->seats)
        findings_add(judge->findings, INVARIANT_REFUSALS, &evidence,
                     "event %s: %" PRId32 " seats were refused while never fewer than %" PRId64
                     " were free",
                     judge_name(judge, call->event), call->seats, capacities->least - most_sold);
}

static void check_reading(const struct judge *judge, const struct timeline *timeline,
                          const struct call *call, int64_t least_sold, int64_t most_sold)
{
    const struct capacities *capacities = &timeline->capacities[call->event];
    struct evidence evidence = evidence_of(capacities->line, call->line);
    int64_t sold;

    if (call->seats_left == AMOUNT_UNKNOWN || capacities->line == 0 ||
        capacities->least != capacities->most || capacities->most == AMOUNT_NO_LIMIT)
        return;
    sold = capacities->most - call->seats_left;
    if (sold < least_sold || sold > most_sold)
        findings_add(judge->findings, INVARIANT_REAL_TIME, &evidence,
                     "event %s: %" PRId64 " of %" PRId64
                     " seats were shown as sold while it was %" PRId64 " to %" PRId64,
                     judge_name(judge, call->event), sold, capacities->most, least_sold, most_sold);
}

static void check_call(const struct judge *judge, const struct timeline *timeline,
                       const struct call *call)
{
    bool refuses = call->kind == CALL_BOOK && call->sold_out;
    bool reads = call->kind == CALL_READ && call->outcome == CALL_OK;
    int64_t least = 0;
    int64_t most = 0;
    size_t from;
    size_t to;

    if (!refuses && !reads)
        return;
    steps_during(timeline, call, &from, &to);
    if (from < to) {
        bool began_empty = timeline->steps[from].time >= call->start;

        least = began_empty ? 0 : ranges_least(&timeline->certainly, from, to);
        most = ranges_most(&timeline->possibly, from, to);
    }
    if (refuses)
        check_refusal(judge, timeline, call, most);
    else
        check_reading(judge, timeline, call, least, most);
}

bool judge_timeline(struct judge *judge, struct error *error)
{
    CLEANUP(timeline_clear) struct timeline timeline = {0};
    const struct operation *operations = judge->operations.items;
    const struct call *calls = judge->history->calls.items;

    if (!timeline_open(judge, &timeline, error))
        return false;
    for (size_t i = 0; i < judge->operations.n; i++) {
        if (operations[i].kind == CALL_BOOK && operations[i].possible)
            add_steps(judge, &timeline, &operations[i]);
    }
    qsort(timeline.steps, timeline.n_steps, sizeof(*timeline.steps), compare_steps);
    if (!sum_up(judge, &timeline, error))
        return false;
    note_capacities(judge, &timeline);
    for (size_t i = 0; i < timeline.n_steps; i++)
        check_step(judge, &timeline, i);
    for (size_t i = 0; i < judge->history->calls.n; i++)
        check_call(judge, &timeline, &calls[i]);
    return true;
}
