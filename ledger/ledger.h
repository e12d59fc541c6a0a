/*
 * Booking: the one place that decides who gets a seat.
 *
 * Commands for one event wait in the queue of its slot; two committer threads take every slot that is
 * ready, decide a whole batch by the rules of entry.h and write it as one entry of that event's ledger
 * (group commit). Callers only wait, or are told. Nothing is delayed when idle; where a few came together the next
 * few may gather for 4 ms from entry to entry. What is answered has landed on a majority with its journal; a refusal
 * rests on a head that was read after the request came in.
 *
 * Every function may be called from any thread.
 */
#ifndef EVENTS_LEDGER_LEDGER_H
#define EVENTS_LEDGER_LEDGER_H

#include "persistence/ledger_store.h"

struct ledger;

struct ledger_options {
    struct ledger_store *store; /* prepared; outlives the ledger */
    int waiting_max;            /* commands waiting at one event, 1 or more; above: ERROR_BUSY */
    int events_max;             /* slots kept in memory; 0: 16384 */
    int64_t seats_per_user;     /* at one event; 0: no limit; guests have none */

    /*
     * Told of each entry of ours that has landed, from a committer thread, before its callers are told;
     * must not wait. The entry is borrowed.
     */
    void (*landed)(void *context, const struct ledger_entry *entry);
    void *context;
};

MUST_CHECK bool ledger_open(const struct ledger_options *options, struct ledger **ledger,
                            struct error *error);

/*
 * Refuse new commands (ERROR_UNAVAILABLE), finish what is in hand for at most @wait_ms, end the
 * threads, free. What is then still unknown stays so: the database decides. NULL is fine.
 */
void ledger_stop(struct ledger *ledger, int64_t wait_ms);

struct ledger_order {
    struct object_id event_id;
    struct object_id booking_id; /* booking_id_make() */
    struct object_id user_id;    /* none: a guest */
    int32_t seats;               /* 1 to SEATS_PER_BOOKING_MAX */
    uint64_t fingerprint;        /* booking_fingerprint() */
    bool keyed;                  /* the id was derived from an Idempotency-Key: look it up first */
    int64_t deadline_ms;         /* monotonic: it is answered by then */
};

struct ledger_receipt {
    struct booking booking;
    bool replayed;      /* this order, or this cancellation, had been carried out before */
    int64_t seats_left; /* after it, as far as known; CAPACITY_UNKNOWN: no limit */
};

/*
 * Book. Waits until the booking has landed or is refused, or until the deadline.
 *   ERROR_NOT_FOUND        no ledger: the event is not known here
 *   ERROR_GONE             closed, removed or over
 *   ERROR_SOLD_OUT         with the member seatsLeft
 *   ERROR_USER_LIMIT       the user would hold more than seats_per_user
 *   ERROR_KEY_REUSED       the booking id stands for an order with another fingerprint
 *   ERROR_BUSY             the waiting line is full, or too many events are at work; nothing was sent
 *   ERROR_UNAVAILABLE      deadline; the command was never sent and never will be
 *   ERROR_OUTCOME_UNKNOWN  deadline; it was sent; member bookingId. Repeat with the same key
 *   ERROR_CORRUPT          this event's ledger contradicts itself; this process refuses it until it is started
 *                          again, and then as long as the ledger is not repaired
 *   ERROR_MEMORY           nothing was sent
 */
MUST_CHECK bool ledger_book(struct ledger *ledger, const struct ledger_order *order,
                            struct ledger_receipt *receipt, struct error *error);

/* What became of an order: @receipt, or NULL and @error; both are borrowed for the call. Must not wait. */
typedef void ledger_done(void *context, const struct ledger_receipt *receipt,
                         const struct error *error);

/*
 * The same without waiting: @done is called once, from a thread of the ledger, before this returns, or from within
 * ledger_stop(); no later than at the deadline.
 */
void ledger_book_later(struct ledger *ledger, const struct ledger_order *order, ledger_done *done,
                       void *context);

/*
 * Give a booking back. Cancelling twice answers the same. ERROR_NOT_FOUND: no such booking at this
 * event; the rest as above.
 */
MUST_CHECK bool ledger_cancel(struct ledger *ledger, const struct object_id *event_id,
                              const struct object_id *booking_id, int64_t deadline_ms,
                              struct ledger_receipt *receipt, struct error *error);

/* A version of an event that its ledger should take over. */
struct ledger_change {
    struct object_id event_id;
    int64_t event_version;
    int64_t capacity; /* CAPACITY_UNKNOWN: no limit */
    bool closed;
    bool removed;
    int64_t end_s;        /* 0: not known */
    bool taken_over;      /* out: durable, now or before */
    bool changed;         /* out: it was newer than what the ledger had */
    enum error_code code; /* out: why it is not taken over; each has its own reason */
};

/*
 * Take over all of @changes together; waits until each is durable or the deadline. False when any is
 * not (ERROR_UNAVAILABLE, ERROR_OUTCOME_UNKNOWN, ERROR_BUSY, ERROR_CORRUPT, ERROR_MEMORY: the first
 * one); those that are have taken_over set.
 */
MUST_CHECK bool ledger_take_over(struct ledger *ledger, struct ledger_change *changes,
                                 size_t n_changes, int64_t deadline_ms, struct error *error);

/* Counters since the start, for metrics. */
struct ledger_counts {
    int64_t entries;    /* landed */
    int64_t bookings;   /* landed */
    int64_t seats;      /* of those bookings */
    int64_t cancelled;  /* bookings given back */
    int64_t lost_races; /* another replica wrote the entry */
    int64_t resends;    /* the same entry sent again after an unknown outcome */
    int64_t own_found;  /* such a resend found its own token */
    int64_t corrupt;    /* events closed because their ledger contradicts itself */
};
struct ledger_counts ledger_counts(const struct ledger *ledger);

#endif
