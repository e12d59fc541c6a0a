#include "tests/simulator/plan.h"

#include "domain/event.h"
#include "tests/simulator/chance.h"
#include "tests/simulator/times.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[ROW_KINDS] = {
    [ROW_BOOK] = "book",     [ROW_CANCEL] = "cancel",   [ROW_LOOK] = "look",
    [ROW_CHANGE] = "change", [ROW_STORE] = "database",  [ROW_LAG] = "lag",
    [ROW_DEPOSE] = "depose", [ROW_CUT_OUT] = "cut out", [ROW_CUT_IN] = "cut in",
    [ROW_BROKER] = "broker", [ROW_PUBLISH] = "publish", [ROW_REPEAT] = "repeat",
    [ROW_CRASH] = "crash",   [ROW_PAUSE] = "pause",     [ROW_STOP] = "stop",
    [ROW_DELETE] = "delete", [ROW_UNBIND] = "unbind",   [ROW_CUT_LOG] = "cut log",
    [ROW_STALL] = "stall",   [ROW_RETAIN] = "retain",
};

static const char *const store_names[STORE_FATES] = {
    [STORE_FINE] = "fine",         [STORE_LOST] = "lost",
    [STORE_SILENT] = "silent",     [STORE_NO_REPLY] = "carried out, reply lost",
    [STORE_HALF] = "half of it",   [STORE_LATE] = "carried out late",
    [STORE_TWICE] = "twice",       [STORE_SLOW] = "slow",
    [STORE_NOT_SENT] = "not sent",
};

static const char *const publish_names[PUBLISH_FATES] = {
    [PUBLISH_FINE] = "fine",       [PUBLISH_LOST_CONFIRM] = "confirm lost",
    [PUBLISH_LOST] = "lost",       [PUBLISH_RETURNED] = "returned",
    [PUBLISH_REFUSED] = "refused", [PUBLISH_OVERDUE] = "never confirmed",
};

bool row_is_fault(const struct row *row)
{
    return row->kind >= ROW_STORE;
}

/* ---- who asks ---- */

/* Mostly the same order under the same key; sometimes another use of it. */
static void draw_booking(struct chance *chance, struct row *row)
{
    row->kind = ROW_BOOK;
    row->key = chance_of(chance, 60) ? chance_below(chance, KEYS) : -1;
    row->seats = 1 + chance_below(chance, 3);
    row->user = chance_below(chance, USERS + 1);
    row->tries = 1;
    if (row->key < 0)
        return;
    row->tries = 1 + chance_below(chance, 3);
    if (chance_of(chance, 80)) {
        row->seats = 1 + row->key % 2;
        row->user = row->key % (USERS + 1);
    }
}

/* A row of @kind before @n, or -1. */
static int earlier(struct chance *chance, const struct plan *plan, enum row_kind kind, int event)
{
    int n = (int)plan->n_rows;

    for (int i = 0; i < 4 && n > 0; i++) {
        int other = chance_below(chance, n);
        const struct row *row = &plan->rows[other];

        if (row->kind == kind && row->event == event && !row->is_poison)
            return other;
    }
    return -1;
}

static void draw_change(struct chance *chance, struct plan *plan, struct row *row,
                        int64_t versions[EVENTS_MAX])
{
    const struct row *before = NULL;

    for (size_t i = 0; i < plan->n_rows; i++) {
        if (plan->rows[i].kind == ROW_CHANGE && plan->rows[i].event == row->event)
            before = &plan->rows[i];
    }
    row->kind = ROW_CHANGE;
    row->capacity = chance_of(chance, 5) ? CAPACITY_UNKNOWN : 1 + chance_below(chance, 7);
    row->closed = chance_of(chance, 7);
    row->removed = before && chance_of(chance, 4);
    row->end_s = chance_of(chance, 6) ? WALL_BASE_MS / 1000 + chance_below(chance, 2) : 0;
    row->is_poison = chance_of(chance, 4);
    if (before && chance_of(chance, 20)) { /* a new version that differs in nothing we keep */
        row->capacity = before->capacity;
        row->closed = before->closed;
        row->removed = before->removed;
        row->end_s = before->end_s;
    }
    if (!row->is_poison)
        row->version = ++versions[row->event];
}

static void draw_asking(struct chance *chance, struct plan *plan, struct row *row,
                        int64_t versions[EVENTS_MAX])
{
    int what = chance_below(chance, 100);

    row->other = -1;
    row->patience_ms = chance_of(chance, 15) ? 1 + chance_below(chance, 40) : PATIENCE_MS;
    if (what < 12) {
        draw_change(chance, plan, row, versions);
        return;
    }
    if (what < 36)
        row->other = earlier(chance, plan, ROW_BOOK, row->event);
    if (row->other < 0)
        draw_booking(chance, row);
    else
        row->kind = what < 28 ? ROW_CANCEL : ROW_LOOK;
}

/* ---- what breaks ---- */

static void draw_fault(struct chance *chance, struct plan *plan, struct row *row)
{
    static const struct {
        int upto;
        enum row_kind kind;
        int most_ms; /* of its duration */
    } kinds[] = {
        {37, ROW_STORE, 0},    {42, ROW_LAG, 300},    {48, ROW_DEPOSE, 200}, {53, ROW_CUT_OUT, 100},
        {57, ROW_CUT_IN, 100}, {60, ROW_BROKER, 500}, {69, ROW_PUBLISH, 0},  {73, ROW_REPEAT, 0},
        {81, ROW_CRASH, 60},   {88, ROW_PAUSE, 400},  {91, ROW_STOP, 40},    {93, ROW_DELETE, 0},
        {95, ROW_UNBIND, 0},   {96, ROW_CUT_LOG, 0},  {98, ROW_STALL, 6000}, {100, ROW_RETAIN, 0},
    };
    int what = chance_below(chance, 100);
    size_t i = 0;

    while (what >= kinds[i].upto)
        i++;
    row->kind = kinds[i].kind;
    if (kinds[i].most_ms > 0)
        row->for_ms = 1 + chance_below(chance, kinds[i].most_ms);
    if (chance_of(chance, 5) && row->kind != ROW_STALL)
        row->for_ms *= 20;
    row->store = (enum store_fate)(1 + chance_below(chance, STORE_FATES - 1));
    row->of_writes = chance_of(chance, 75);
    row->publish = (enum publish_fate)(1 + chance_below(chance, PUBLISH_FATES - 1));
    row->n_kept = chance_below(chance, 3);
    if (row->kind == ROW_REPEAT) {
        row->other = earlier(chance, plan, ROW_CHANGE, row->event);
        if (row->other < 0)
            row->kind = ROW_CRASH;
    }
}

/* ---- the plan ---- */

static int64_t pause_ms(struct chance *chance)
{
    if (chance_of(chance, 2))
        return chance_below(chance, 4000);
    return chance_below(chance, chance_of(chance, 20) ? 40 : 4);
}

static void draw_row(struct chance *chance, struct plan *plan, int percent_faults, int64_t at_ms,
                     int64_t versions[EVENTS_MAX])
{
    struct row *row = &plan->rows[plan->n_rows];

    *row = (struct row){.at_ms = at_ms};
    row->replica = chance_below(chance, plan->n_replicas);
    row->event = chance_below(chance, plan->n_events);
    if (plan->n_rows < (size_t)plan->n_events) {
        row->event = (int)plan->n_rows;
        draw_change(chance, plan, row, versions);
    } else if (chance_of(chance, percent_faults)) {
        draw_fault(chance, plan, row);
    } else {
        draw_asking(chance, plan, row, versions);
    }
    plan->n_rows++;
}

void plan_make(struct plan *plan, uint64_t seed)
{
    static const int faults[] = {0, 15, 30, 45}; /* in a hundred rows */
    struct chance chance = {.state = seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
    int64_t versions[EVENTS_MAX] = {0};
    int64_t at_ms = 0;
    int percent_faults = faults[chance_below(&chance, 4)];
    size_t n_rows;

    plan->seed = seed;
    plan->luck = 0;
    plan->n_replicas = chance_of(&chance, 25) ? 3 : 2;
    plan->n_events = chance_of(&chance, 25) ? 2 : 1;
    plan->seats_per_user = chance_of(&chance, 40) ? 3 : 0;
    plan->slots_max = chance_of(&chance, 70) ? EVENTS_MAX : 1;
    plan->n_rows = 0;
    memset(plan->left_out, 0, sizeof(plan->left_out));
    if (chance_of(&chance, 75))
        at_ms = STARTING_MS; /* mostly the replicas are there before there is an event */
    n_rows = 6 + (size_t)chance_below(&chance, chance_of(&chance, 10) ? ROWS_MAX - 6 : 18);
    while (plan->n_rows < n_rows) {
        draw_row(&chance, plan, percent_faults, at_ms, versions);
        if (plan->n_rows == (size_t)plan->n_events && chance_of(&chance, 90))
            at_ms += OPENING_MS; /* mostly the events are known before somebody wants them */
        at_ms += pause_ms(&chance);
    }
}

/* ---- in words ---- */

static int describe_asking(const struct row *row, char *text, size_t size)
{
    switch (row->kind) {
    case ROW_BOOK:
        if (row->key < 0)
            return snprintf(text, size, "%d seats for user %d without a key", row->seats,
                            row->user);
        return snprintf(text, size, "%d seats for user %d with key %d, up to %d times", row->seats,
                        row->user, row->key, row->tries);
    case ROW_CANCEL:
    case ROW_LOOK:
        return snprintf(text, size, "the booking of row %d", row->other);
    default:
        break;
    }
    if (row->is_poison)
        return snprintf(text, size, "a message that cannot be read");
    return snprintf(text, size, "version %" PRId64 ": capacity %" PRId64 "%s%s%s", row->version,
                    row->capacity, row->closed ? ", closed" : "", row->removed ? ", removed" : "",
                    row->end_s ? ", ending soon" : "");
}

static int describe_fault(const struct row *row, char *text, size_t size)
{
    switch (row->kind) {
    case ROW_STORE:
        return snprintf(text, size, "the next %s of replica %d: %s",
                        row->of_writes ? "write" : "read", row->replica, store_names[row->store]);
    case ROW_PUBLISH:
        return snprintf(text, size, "the next message of replica %d: %s", row->replica,
                        publish_names[row->publish]);
    case ROW_REPEAT:
        return snprintf(text, size, "the message of row %d", row->other);
    case ROW_LAG:
    case ROW_DEPOSE:
    case ROW_BROKER:
    case ROW_STALL:
        return snprintf(text, size, "for %" PRId64 " ms", row->for_ms);
    case ROW_DELETE:
    case ROW_UNBIND:
        return snprintf(text, size, "the queue");
    case ROW_RETAIN:
        return snprintf(text, size, "the last %d of the log", row->n_kept);
    case ROW_CUT_LOG:
        return snprintf(text, size, "of replica %d", row->replica);
    default:
        return snprintf(text, size, "replica %d for %" PRId64 " ms", row->replica, row->for_ms);
    }
}

void plan_describe(const struct plan *plan, size_t i, char text[ROW_TEXT_BYTES])
{
    const struct row *row = &plan->rows[i];
    int n = snprintf(text, ROW_TEXT_BYTES, "row %2zu at %5" PRId64 " ms: %-8s ", i, row->at_ms,
                     kind_names[row->kind]);
    size_t left = ROW_TEXT_BYTES - (size_t)n;

    if (row_is_fault(row)) {
        describe_fault(row, text + n, left);
        return;
    }
    n += snprintf(text + n, left, "event %d ", row->event);
    left = ROW_TEXT_BYTES - (size_t)n;
    if (row->kind != ROW_CHANGE) {
        n += snprintf(text + n, left, "at replica %d, patience %d ms: ", row->replica,
                      row->patience_ms);
        left = ROW_TEXT_BYTES - (size_t)n;
    }
    describe_asking(row, text + n, left);
}
