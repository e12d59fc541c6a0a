#include "ledger/desk.h"

#include "base/clock.h"
#include "base/gate.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/thread.h"
#include "ledger/deadlines.h"
#include "ledger/roster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum {
    COMMITTERS = 2, /* while one waits for its insert, the other serves other events */
    EVENTS_DEFAULT = 16384
};

struct commit_thread {
    struct desk *desk;
    pthread_t thread;
    struct committer committer;
    struct committer_counts told; /* of its counts, those that are in the desk's */
};

struct counters {
    _Atomic int64_t entries;
    _Atomic int64_t bookings;
    _Atomic int64_t seats;
    _Atomic int64_t cancelled;
    _Atomic int64_t lost_races;
    _Atomic int64_t resends;
    _Atomic int64_t own_found;
    _Atomic int64_t corrupt;
};

struct desk {
    struct ledger_options options;
    struct commit_thread threads[COMMITTERS];
    size_t n_threads;
    /* Answers what is late by itself: the committers may be waiting for the store. */
    pthread_t deadline_thread;
    bool has_deadline_thread;
    struct counters counters;

    pthread_mutex_t lock; /* of the slots; guards all below */
    pthread_cond_t work;  /* a slot became ready, or due sooner, or the end has come */
    pthread_cond_t due;   /* a deadline came that is sooner, or the end has come */
    pthread_cond_t quiet; /* while stopping: all slots rest */
    struct roster roster;
    struct deadlines deadlines;
    bool is_stopping; /* no new commands */
    bool is_ending;   /* no new rounds */
    bool is_over;     /* the committers have gone */
};

static struct call *call_of(struct ticket *ticket)
{
    return CONTAINER_OF(ticket, struct call, ticket);
}

/* Without the lock. A call is gone when it has been told. */
static void tell(const struct ticket_list *answered)
{
    struct ticket *next;

    for (struct ticket *ticket = answered->first; ticket; ticket = next) {
        struct call *call = call_of(ticket);

        next = ticket->next;
        call->answered(call);
    }
}

static void tell_if_quiet(struct desk *desk)
{
    if (desk->is_stopping && desk->roster.n_at_work == 0)
        pthread_cond_broadcast(&desk->quiet);
}

/* Who came first is the last in @answered, and told first. */
static struct ticket_list take_answered(struct desk *desk, struct ticket_list *answered)
{
    struct ticket_list in_order = {0};

    while (answered->first) {
        struct ticket *ticket = answered->first;

        deadlines_remove(&desk->deadlines, call_of(ticket));
        answered->first = ticket->next;
        ticket->next = in_order.first;
        in_order.first = ticket;
    }
    return in_order;
}

/* Unlock, then tell those who were answered; the other committer need not wait for that. */
static void unlock_and_tell(struct desk *desk, struct ticket_list *answered)
{
    const struct ticket_list in_order = take_answered(desk, answered);

    if (in_order.first && desk->roster.lists[ROSTER_READY])
        pthread_cond_signal(&desk->work);
    tell_if_quiet(desk);
    pthread_mutex_unlock(&desk->lock);
    tell(&in_order);
}

static void wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t monotonic_ms)
{
    const struct timespec deadline = {.tv_sec = monotonic_ms / 1000,
                                      .tv_nsec = monotonic_ms % 1000 * 1000000};

    if (monotonic_ms == INT64_MAX)
        pthread_cond_wait(condition, mutex);
    else
        pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &deadline);
}

/* Another has something to do at once, or has to know when it will: who is in a round comes late for it. */
static bool leaves_work(const struct commit_thread *self)
{
    const struct roster *roster = &self->desk->roster;

    return roster->lists[ROSTER_READY] ||
           (roster->lists[ROSTER_LATER] && self->committer.n_slots > 0);
}

/* A round with at least one slot; false at the end. */
static bool begin_round(struct commit_thread *self)
{
    struct desk *desk = self->desk;
    struct ticket_list answered = {0};
    bool is_ending;

    pthread_mutex_lock(&desk->lock);
    for (;;) {
        is_ending = desk->is_ending;
        if (!is_ending)
            roster_fill(&desk->roster, clock_monotonic_ms(), &self->committer, &answered);
        if (is_ending || self->committer.n_slots > 0 || answered.first)
            break;
        tell_if_quiet(desk);
        wait_until(&desk->work, &desk->lock, roster_due_ms(&desk->roster));
    }
    if (leaves_work(self))
        pthread_cond_signal(&desk->work);
    unlock_and_tell(desk, &answered);
    return !is_ending;
}

static void count_landed(struct counters *counters, const struct ledger_entry *entry)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_bookings; i++)
        seats += entry->bookings[i].seats;
    atomic_fetch_add(&counters->entries, 1);
    atomic_fetch_add(&counters->bookings, (int64_t)entry->n_bookings);
    atomic_fetch_add(&counters->seats, seats);
    atomic_fetch_add(&counters->cancelled, (int64_t)entry->n_cancellations);
}

static void count_round(struct commit_thread *self)
{
    struct counters *counters = &self->desk->counters;
    const struct committer_counts *now = &self->committer.counts;
    struct committer_counts *told = &self->told;

    atomic_fetch_add(&counters->lost_races, now->lost_races - told->lost_races);
    atomic_fetch_add(&counters->resends, now->resends - told->resends);
    atomic_fetch_add(&counters->own_found, now->own_found - told->own_found);
    atomic_fetch_add(&counters->corrupt, now->corrupt - told->corrupt);
    *told = *now;
}

/* Before the callers hear of it, so that who is told of a booking finds it counted and announced. */
static void announce(struct desk *desk, const struct slot *slot)
{
    const struct ledger_entry *entry;

    if (slot->step == SLOT_CORRUPT)
        log_error("ledger contradicts itself: event closed",
                  LOG_TEXT("event", object_id_hex(&slot->event_id).text));
    if (slot->step != SLOT_LANDED)
        return;
    entry = &slot->batch->entry;
    count_landed(&desk->counters, entry);
    if (desk->options.landed)
        desk->options.landed(desk->options.context, entry);
}

static void release(struct commit_thread *self, struct slot *const slots[], size_t n_slots)
{
    struct desk *desk = self->desk;
    struct ticket_list answered = {0};
    int64_t now_ms = clock_monotonic_ms();
    uint64_t random = random_u64();

    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < n_slots; i++) {
        enum slot_rest rest = slot_release(slots[i], &answered);

        roster_return(&desk->roster, slots[i], rest, now_ms, random);
    }
    if (self->committer.n_slots > 0) /* else this thread comes for them at once */
        pthread_cond_signal(&desk->work);
    unlock_and_tell(desk, &answered);
}

static void release_finished(struct commit_thread *self)
{
    struct slot *slots[LEDGER_BULK_MAX];
    size_t n_slots = 0;
    struct slot *slot;

    while ((slot = committer_take_finished(&self->committer)))
        slots[n_slots++] = slot;
    count_round(self);
    for (size_t i = 0; i < n_slots; i++)
        announce(self->desk, slots[i]);
    if (n_slots > 0)
        release(self, slots, n_slots);
}

static void decide(struct commit_thread *self)
{
    struct ticket_list answered = {0};
    int64_t now_ms = clock_wall_ms();

    pthread_mutex_lock(&self->desk->lock);
    committer_decide(&self->committer, now_ms, object_id_random, &answered);
    unlock_and_tell(self->desk, &answered);
}

static void run_round(struct commit_thread *self)
{
    enum committer_action action;

    do {
        action = committer_next(&self->committer);
        if (action == COMMITTER_DECIDE)
            decide(self);
        else
            committer_perform(&self->committer, self->desk->options.store);
        release_finished(self);
    } while (action != COMMITTER_DONE);
}

static void *commit(void *argument)
{
    struct commit_thread *self = argument;

    while (begin_round(self))
        run_round(self);
    return NULL;
}

/* Under the lock. ERROR_NONE: it is in the line. */
static enum error_code hand_in(struct desk *desk, struct call *call)
{
    struct error error = {0};
    struct slot *slot;

    if (desk->is_stopping)
        return ERROR_UNAVAILABLE;
    if (!roster_find(&desk->roster, &call->event_id, &slot, &error))
        return error.code;
    if (slot->is_corrupt)
        return ERROR_CORRUPT;
    if (slot->n_waiting >= (size_t)desk->options.waiting_max)
        return ERROR_BUSY;
    slot_put(slot, &call->ticket);
    if (deadlines_put(&desk->deadlines, call))
        pthread_cond_signal(&desk->due);
    if (roster_call(&desk->roster, slot))
        pthread_cond_signal(&desk->work);
    return ERROR_NONE;
}

void desk_hand_in(struct desk *desk, struct call *calls, size_t n_calls)
{
    struct ticket_list refused = {0};

    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < n_calls; i++) {
        struct ticket *ticket = &calls[i].ticket;
        enum error_code code = hand_in(desk, &calls[i]);

        if (code == ERROR_NONE)
            continue;
        ticket->place = TICKET_ANSWERED;
        ticket->answer.code = code;
        ticket->next = refused.first;
        refused.first = ticket;
    }
    pthread_mutex_unlock(&desk->lock);
    tell(&refused);
}

/* One that waits for its calls. */
struct caller {
    atomic_size_t n_open;
    struct gate has_all;
};

static void note_answer(struct call *call)
{
    struct caller *caller = call->context;

    if (atomic_fetch_sub(&caller->n_open, 1) == 1)
        gate_open(&caller->has_all);
}

void desk_carry_out(struct desk *desk, struct call *calls, size_t n_calls, int64_t deadline_ms)
{
    struct caller caller = {0};

    if (n_calls == 0)
        return;
    atomic_init(&caller.n_open, n_calls);
    for (size_t i = 0; i < n_calls; i++) {
        calls[i].deadline_ms = deadline_ms;
        calls[i].answered = note_answer;
        calls[i].context = &caller;
    }
    desk_hand_in(desk, calls, n_calls);
    gate_pass(&caller.has_all);
}

/* Under the lock. */
static void answer_late(struct desk *desk, struct ticket_list *late)
{
    int64_t now_ms = clock_monotonic_ms();
    struct call *call;

    while ((call = deadlines_take(&desk->deadlines, now_ms))) {
        struct ticket *ticket = &call->ticket;
        enum ticket_place place = ticket_leave(ticket);

        ticket->place = TICKET_ANSWERED;
        ticket->answer.code = place == TICKET_SENT ? ERROR_OUTCOME_UNKNOWN : ERROR_UNAVAILABLE;
        ticket->next = late->first;
        late->first = ticket;
    }
}

static void *keep_deadlines(void *argument)
{
    struct desk *desk = argument;

    pthread_mutex_lock(&desk->lock);
    while (!desk->is_over) {
        struct ticket_list late = {0};

        answer_late(desk, &late);
        if (late.first) {
            pthread_mutex_unlock(&desk->lock);
            tell(&late);
            pthread_mutex_lock(&desk->lock);
        } else {
            wait_until(&desk->due, &desk->lock, deadlines_sleep(&desk->deadlines));
        }
    }
    pthread_mutex_unlock(&desk->lock);
    return NULL;
}

struct ledger_counts desk_counts(const struct desk *desk)
{
    const struct counters *counters = &desk->counters;

    return (struct ledger_counts){
        .entries = atomic_load(&counters->entries),
        .bookings = atomic_load(&counters->bookings),
        .seats = atomic_load(&counters->seats),
        .cancelled = atomic_load(&counters->cancelled),
        .lost_races = atomic_load(&counters->lost_races),
        .resends = atomic_load(&counters->resends),
        .own_found = atomic_load(&counters->own_found),
        .corrupt = atomic_load(&counters->corrupt),
    };
}

static bool start_threads(struct desk *self, struct error *error)
{
    while (self->n_threads < COMMITTERS) {
        struct commit_thread *thread = &self->threads[self->n_threads];

        thread->desk = self;
        thread->committer.seats_per_user = self->options.seats_per_user;
        if (!thread_start(&thread->thread, THREAD_STACK_OF_SYSTEM, commit, thread,
                          "starting a committer thread", error))
            return false;
        self->n_threads++;
    }
    if (!thread_start(&self->deadline_thread, THREAD_SMALL_STACK_BYTES, keep_deadlines, self,
                      "starting the thread of the deadlines", error))
        return false;
    self->has_deadline_thread = true;
    return true;
}

bool desk_open(const struct ledger_options *options, struct desk **desk, struct error *error)
{
    struct desk *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->options = *options;
    self->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    self->work = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    self->due = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    self->quiet = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    deadlines_init(&self->deadlines);
    self->roster.seed = random_u64();
    self->roster.slots_max = options->events_max > 0 ? (size_t)options->events_max : EVENTS_DEFAULT;
    if (!start_threads(self, error)) {
        desk_stop(self, 0);
        return false;
    }
    *desk = self;
    return true;
}

static void desk_free(struct desk *self)
{
    for (size_t i = 0; i < COMMITTERS; i++)
        committer_clear(&self->threads[i].committer);
    roster_clear(&self->roster);
    pthread_cond_destroy(&self->quiet);
    pthread_cond_destroy(&self->due);
    pthread_cond_destroy(&self->work);
    pthread_mutex_destroy(&self->lock);
    memory_free(self);
}

/* New commands are refused from here on; those in the slots have until @deadline_ms. */
static void finish_work(struct desk *self, int64_t deadline_ms)
{
    pthread_mutex_lock(&self->lock);
    self->is_stopping = true;
    while (self->roster.n_at_work > 0 && clock_monotonic_ms() < deadline_ms)
        wait_until(&self->quiet, &self->lock, deadline_ms);
    self->is_ending = true;
    pthread_cond_broadcast(&self->work);
    pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < self->n_threads; i++)
        pthread_join(self->threads[i].thread, NULL);
}

static void answer_all(struct desk *self)
{
    struct ticket_list answered = {0};

    pthread_mutex_lock(&self->lock);
    self->is_over = true;
    pthread_cond_signal(&self->due);
    roster_give_up(&self->roster, ERROR_UNAVAILABLE, &answered);
    unlock_and_tell(self, &answered);
    if (self->has_deadline_thread)
        pthread_join(self->deadline_thread, NULL);
}

void desk_stop(struct desk *desk, int64_t wait_ms)
{
    if (!desk)
        return;
    finish_work(desk, clock_monotonic_ms() + wait_ms);
    answer_all(desk);
    desk_free(desk);
}
