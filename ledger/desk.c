#include "ledger/desk.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "ledger/caller.h"
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
    struct counters counters;
    _Atomic size_t n_callers; /* who may come back to the lock */

    pthread_mutex_t lock; /* of the slots; guards all below */
    pthread_cond_t work;  /* a slot became ready, or due sooner, or the end has come */
    pthread_cond_t quiet; /* while stopping: all slots rest, or a caller has left */
    struct roster roster;
    bool is_stopping; /* no new commands */
    bool is_ending;   /* no new rounds */
};

static struct call *call_of(struct ticket *ticket)
{
    return CONTAINER_OF(ticket, struct call, ticket);
}

/* Under the lock: those whose last command is among @answered. */
static struct caller *take_callers(struct ticket_list *answered)
{
    struct caller *callers = NULL;

    while (answered->first) {
        struct ticket *ticket = answered->first;
        struct caller *caller = call_of(ticket)->caller;

        answered->first = ticket->next;
        if (--caller->n_open == 0) {
            caller->next = callers;
            callers = caller;
        }
    }
    return callers;
}

static void wake(struct desk *desk, struct caller *callers)
{
    while (callers) {
        struct caller *caller = callers;

        callers = caller->next;
        if (caller_wake(caller))
            atomic_fetch_sub(&desk->n_callers, 1);
    }
}

static void tell_if_quiet(struct desk *desk)
{
    if (desk->is_stopping && desk->roster.n_at_work == 0)
        pthread_cond_broadcast(&desk->quiet);
}

/* Unlock, then wake whom the lock would only have kept waiting. */
static void unlock_and_wake(struct desk *desk, struct ticket_list *answered)
{
    struct caller *callers = take_callers(answered);

    tell_if_quiet(desk);
    pthread_mutex_unlock(&desk->lock);
    wake(desk, callers);
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
    unlock_and_wake(desk, &answered);
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
    unlock_and_wake(desk, &answered);
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
    unlock_and_wake(self->desk, &answered);
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
    if (roster_call(&desk->roster, slot))
        pthread_cond_signal(&desk->work);
    return ERROR_NONE;
}

/* True when there is something to wait for. */
static bool hand_in_all(struct desk *desk, struct caller *caller, struct call *calls,
                        size_t n_calls)
{
    bool waits;

    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < n_calls; i++) {
        enum error_code code = hand_in(desk, &calls[i]);

        calls[i].caller = caller;
        calls[i].ticket.answer.code = code;
        if (code == ERROR_NONE)
            caller->n_open++;
        else
            calls[i].ticket.place = TICKET_ANSWERED;
    }
    waits = caller->n_open > 0;
    if (waits)
        atomic_fetch_add(&desk->n_callers, 1);
    pthread_mutex_unlock(&desk->lock);
    return waits;
}

static void leave(struct desk *desk, struct caller *caller, struct call *calls, size_t n_calls)
{
    bool is_answered;

    pthread_mutex_lock(&desk->lock);
    is_answered = caller->n_open == 0; /* just now, and will be woken */
    for (size_t i = 0; i < n_calls; i++) {
        enum ticket_place place = ticket_leave(&calls[i].ticket);

        if (place != TICKET_ANSWERED)
            calls[i].ticket.answer.code =
                place == TICKET_SENT ? ERROR_OUTCOME_UNKNOWN : ERROR_UNAVAILABLE;
    }
    atomic_fetch_sub(&desk->n_callers, 1);
    if (desk->is_stopping)
        pthread_cond_broadcast(&desk->quiet);
    pthread_mutex_unlock(&desk->lock);
    if (is_answered)
        caller_wait_for_answer(caller);
}

void desk_carry_out(struct desk *desk, struct call *calls, size_t n_calls, int64_t deadline_ms)
{
    CLEANUP(caller_clear) struct caller caller;

    caller_init(&caller);
    if (hand_in_all(desk, &caller, calls, n_calls) && !caller_wait(&caller, deadline_ms))
        leave(desk, &caller, calls, n_calls);
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
        int status;

        thread->desk = self;
        thread->committer.seats_per_user = self->options.seats_per_user;
        status = pthread_create(&thread->thread, NULL, commit, thread);
        if (status != 0)
            return error_set_errno(error, status, "starting a committer thread");
        self->n_threads++;
    }
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
    self->quiet = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
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

static void see_callers_off(struct desk *self)
{
    struct ticket_list answered = {0};

    pthread_mutex_lock(&self->lock);
    roster_give_up(&self->roster, ERROR_UNAVAILABLE, &answered);
    unlock_and_wake(self, &answered);

    pthread_mutex_lock(&self->lock);
    while (atomic_load(&self->n_callers) > 0)
        pthread_cond_wait(&self->quiet, &self->lock);
    pthread_mutex_unlock(&self->lock);
}

void desk_stop(struct desk *desk, int64_t wait_ms)
{
    if (!desk)
        return;
    finish_work(desk, clock_monotonic_ms() + wait_ms);
    see_callers_off(desk);
    desk_free(desk);
}
