/*
 * One event at one replica: the commands that wait for it, what is known of its ledger, and the entry in
 * flight. A state machine without thread, clock or store: what was read and what became of an insert
 * come in as calls, the step says what is needed next.
 *
 * A slot has two sides. The line of waiting commands is shared; what touches it, or a ticket, says
 * *under the lock*: the owner calls it from one thread at a time. All else belongs to the committer that
 * took the slot, until it has released it.
 *
 * Nothing is believed of the ledger but what a majority read or an acknowledged insert has shown, and
 * that never goes back. A head is fresh for the commands that had arrived when it was asked for; they
 * are counted, so no clock takes part.
 *
 * A look-up may show less than that: a new primary knows for a while only part of what a majority has.
 * So a contradiction is believed when it comes twice in a row, the second time after a head that was
 * read for it and showed no less than what is known here.
 */
#ifndef EVENTS_LEDGER_SLOT_H
#define EVENTS_LEDGER_SLOT_H

#include "ledger/entry.h"

enum ticket_place {
    TICKET_WAITING,  /* in the line */
    TICKET_IN_HAND,  /* with a committer; no part of what may have been sent */
    TICKET_SENT,     /* in an entry that may have been sent, or equal to a command that is */
    TICKET_ANSWERED, /* out of the slot */
};

/* A caller and its command. The caller's memory, which stays until it is answered or has left. */
struct ticket {
    struct command command;
    enum ticket_place place;
    struct answer answer; /* once it is answered */

    struct slot *slot; /* the rest is the slot's own */
    uint64_t arrival;
    size_t index; /* of its line, while it is in a batch */
    struct ticket *prev;
    struct ticket *next;
};

/* Tickets that were answered, for the owner to tell their callers; linked by `next`. */
struct ticket_list {
    struct ticket *first;
};

/* Commands in hand, and the entry made of them. */
struct batch {
    size_t n_lines;
    struct entry_line *lines; /* owned */
    struct ticket **tickets;  /* owned; by line; NULL: nobody waits for this line any more */
    bool is_head_read;        /* for them, before their look-up */
    struct ledger_entry entry;
};

enum {
    SLOT_CONTENTION_BATCHES = 16, /* after another replica was seen to write here */
    SLOT_GATHERED_MAX = 16        /* commands that need not wait for more of them */
};

enum slot_step {
    SLOT_RESTING, /* not in hand */

    SLOT_READ_HEAD, /* needs something */
    SLOT_LOOK_UP,
    SLOT_DECIDE,
    SLOT_INSERT,
    SLOT_READ_TOKEN,

    SLOT_LANDED,  /* finished; to be released */
    SLOT_DECIDED, /* nothing to insert */
    SLOT_LOST,    /* another replica wrote this entry */
    SLOT_FAILED,  /* nothing was sent, or what was can never land; later again */
    SLOT_UNKNOWN, /* something may have been sent: the same again later, and nothing else before */
    SLOT_CORRUPT, /* the ledger contradicts itself */
};

struct slot {
    struct object_id event_id;

    struct ticket *line; /* these under the lock */
    size_t n_line;
    size_t n_waiting; /* in the line and in hand */
    uint64_t arrivals;
    size_t gathers_to; /* after SLOT_GATHERS: in the line, and it need not wait any longer */
    bool is_corrupt;   /* nothing is decided here any more */

    enum slot_step step;
    bool is_alone;   /* something about it could not be read: ask for it on its own */
    bool wants_head; /* a command needs a newer one */
    int contention;  /* batches that still read the head first, since another replica wrote here */
    bool is_doubted; /* the ledger seemed to contradict itself: asked once more, from the head on */
    bool knows_head;
    struct ledger_head head; /* the highest entry seen; the head itself while knows_head */
    int64_t n_entries;       /* known to exist */
    uint64_t fresh_to;       /* arrivals for which the head is fresh */
    uint64_t issued_at;      /* arrivals when what is under way was asked for */

    struct batch *batch;            /* owned; NULL: nothing in hand */
    bool is_sent;                   /* the entry, or it may have been */
    bool is_own_found;              /* landed, as its token showed */
    enum ledger_outcome refused_as; /* TAKEN or DUPLICATE, while the token is read */
};

void slot_init(struct slot *slot, const struct object_id *event_id);
void slot_clear(struct slot *slot);

/* Under the lock: a command arrives. The owner bounds n_waiting, and refuses a corrupt slot's. */
void slot_put(struct slot *slot, struct ticket *ticket);

/*
 * Under the lock: the caller leaves. Says where its command was: WAITING or IN_HAND: it was not sent and
 * never will be; SENT: it may land; ANSWERED: nothing changed, the answer is there.
 */
enum ticket_place ticket_leave(struct ticket *ticket);

/*
 * Under the lock: take what waits, up to LEDGER_BATCH_MAX commands, or, with an entry in flight, that
 * again. False when nothing is there to be done. ERROR_MEMORY answers all that wait.
 */
bool slot_take(struct slot *slot, struct ticket_list *answered);

/* What was read; the look-up into the lines of the batch. */
void slot_head_read(struct slot *slot, const struct ledger_head *head);
void slot_looked_up(struct slot *slot);
void slot_token_read(struct slot *slot, const struct object_id *token);

/*
 * The read failed with @code. ERROR_CORRUPT of a read that @was_alone, for this event only, closes it;
 * of one for several it says that one of them is to blame, so each is asked for on its own.
 */
void slot_read_failed(struct slot *slot, enum error_code code, bool was_alone);

/* Under the lock: decide, without those who have left. @token marks the attempt, should there be one. */
void slot_decide(struct slot *slot, int64_t now_ms, int64_t seats_per_user,
                 const struct object_id *token, struct ticket_list *answered);

void slot_inserted(struct slot *slot, enum ledger_outcome outcome);

enum slot_rest {
    SLOT_RESTS,    /* nothing waits */
    SLOT_IS_READY, /* may be taken at once */
    SLOT_GATHERS,  /* after a moment, or when gathers_to are in the line: there may be none yet */
    SLOT_IS_LATER, /* after a back-off */
};

/* Under the lock: out of the committer's hands, with what its step means for those who wait. */
enum slot_rest slot_release(struct slot *slot, struct ticket_list *answered);

/*
 * Under the lock, at the end: answer everybody, with ERROR_OUTCOME_UNKNOWN whose command may have been
 * sent and @code otherwise. What is in flight is forgotten.
 */
void slot_give_up(struct slot *slot, enum error_code code, struct ticket_list *answered);

#endif
