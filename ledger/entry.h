/*
 * The rules of a batch: which commands of one event are carried out, in their order, how many seats are
 * left, and what each caller is told and when. Pure functions over plain values: no thread, clock, store
 * or memory of their own, so that a simulator can run them millions of times.
 *
 * Only an answer that is proven may be given at once. A refusal is proven by a head that was read after
 * the command arrived, unless it rests on commands of the same batch, which may never land; then, and
 * with an older head, the landing of the entry proves it, because an entry only lands on the head it
 * was decided on.
 *
 * That a booking is not there is proven by a look-up right after a head was read: a new primary may show
 * less for a while than this replica has seen, and the head would tell.
 */
#ifndef EVENTS_LEDGER_ENTRY_H
#define EVENTS_LEDGER_ENTRY_H

#include "persistence/ledger_store.h"

enum command_kind {
    COMMAND_BOOK,
    COMMAND_CANCEL,
    COMMAND_TAKE_OVER
};

/* What one caller wants of one event. */
struct command {
    enum command_kind kind;
    struct object_id booking_id; /* to book, to cancel */

    struct object_id user_id; /* to book; none: a guest */
    int32_t seats;
    uint64_t fingerprint;
    bool keyed; /* the id may have been used before: look it up */

    struct ledger_state state; /* to take over; its seats_sold does not count */
};

/* What became of it. */
struct answer {
    enum error_code code;   /* ERROR_NONE: carried out, now or before */
    bool repeated;          /* before: replayed, cancelled already, not newer */
    struct booking booking; /* booked, cancelled */
    int64_t seats_left;     /* as far as known; CAPACITY_UNKNOWN: no limit */
};

enum entry_verdict {
    ENTRY_ANSWER_NOW,
    ENTRY_ANSWER_LANDED, /* once the entry has landed, and not otherwise */
    ENTRY_DECIDE_AGAIN,  /* on a head that is read from now on */
    ENTRY_DECIDE_NEXT,   /* in the next entry: each version of the event begins one */
};

/* A command in its batch. */
struct entry_line {
    struct command command;
    bool left;                 /* its caller has left: it is passed over */
    bool fresh;                /* the head was read after it arrived */
    struct ledger_found found; /* looked up after the head was read; {0}: no such booking */
    int64_t seats_held;        /* stored, by its user at this event */

    enum entry_verdict verdict; /* out */
    bool carried;               /* out: it is part of the entry */
    struct answer answer;       /* out: meaningless when it is to be decided again or next */
};

/* What a batch is decided on. */
struct entry_basis {
    struct object_id event_id;
    const struct ledger_head *head;
    bool is_head_read;      /* for this batch, before its look-up; else it was known already */
    int64_t now_ms;         /* UTC: events whose end has passed take no bookings */
    int64_t seats_per_user; /* 0: no limit */
};

enum entry_result {
    ENTRY_NONE, /* nothing to insert; no line waits for a landing */
    ENTRY_MADE,
    ENTRY_CONTRADICTION, /* what is stored cannot be; the lines are not decided */
};

/*
 * Decide @n_lines lines, at most LEDGER_BATCH_MAX, in their order. @entry has room for as many bookings
 * and as many cancellations; all of it but the token is written.
 */
enum entry_result entry_decide(const struct entry_basis *basis, struct entry_line *lines,
                               size_t n_lines, struct ledger_entry *entry);

#endif
