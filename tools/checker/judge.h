/*
 * What the parts of the checker share: the calls of a history put together to operations, and where
 * each of them is found in what was read at the end. Inside tools/checker only. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_JUDGE_H
#define EVENTS_TOOLS_CHECKER_JUDGE_H

#include "tools/checker/findings.h"
#include "tools/checker/history.h"

#define NOWHERE UINT32_MAX

/*
 * What a client wanted, with however many calls: all bookings of one user with one key at one event,
 * a single booking without a key, or all cancellations of one booking.
 */
struct operation {
    int64_t start; /* of the first call that may have done it */
    int64_t end;   /* of the first that knew it done; INT64_MAX: nobody knows */
    uint32_t event, user;
    uint32_t booking; /* 0: never told */
    int32_t seats;
    uint32_t line;     /* of the first call that may have done it */
    uint32_t end_line; /* of the first that knew it done; 0: none */
    uint32_t held;     /* index in judge->held; NOWHERE */
    uint32_t entry;    /* index in the ledger; NOWHERE */
    enum call_kind kind : 8;
    bool possible; /* not every call ended as a fail */
};

struct judge {
    struct history *history;
    struct findings *findings;
    struct list operations; /* of struct operation */

    struct seats *held; /* borrowed: what was there at the end, with a ledger or without */
    size_t n_held;
    bool has_ledger;
    bool has_end; /* held is all there was */

    /* By name: an index and one more, 0 for none. Owned. */
    uint32_t *held_of;      /* booking: index in held */
    uint32_t *cancelled_of; /* booking: index in history->cancelled */
    uint32_t *cancel_of;    /* booking: the operation that cancels it */
};

static inline bool operation_is_done(const struct operation *operation)
{
    return operation->end != INT64_MAX;
}

static inline const char *judge_name(const struct judge *judge, uint32_t number)
{
    return names_text(&judge->history->names, number);
}

/* Zeroed memory for a part of the work; memory_free(). ERROR_TOO_LARGE, ERROR_MEMORY. */
void *judge_array(struct judge *judge, size_t n, size_t size_bytes, struct error *error) MUST_CHECK;

/* The one line, or the two, that show something. */
struct evidence evidence_of(uint32_t first, uint32_t second);

/*
 * Calls to operations; I5 as far as the answers show it. The calls that say nothing else are dropped:
 * what is left of them are readings, refusals for want of seats, and changes of events.
 */
MUST_CHECK bool judge_operations(struct judge *judge, struct error *error);

/* Entries in order of event and sequence; I1 and I2 of each ledger. */
MUST_CHECK bool judge_ledgers(struct judge *judge, struct error *error);

/* Answers against what is there at the end, both ways: I3, I4, I5. Finds where each operation is. */
MUST_CHECK bool judge_answers(struct judge *judge, struct error *error);

/* I6 with a ledger. */
MUST_CHECK bool judge_order(struct judge *judge, struct error *error);

/* I7 with a ledger. */
MUST_CHECK bool judge_refusals(struct judge *judge, struct error *error);

/* I1, I6 and I7 without a ledger, from what was certainly and what was possibly sold at each moment. */
MUST_CHECK bool judge_timeline(struct judge *judge, struct error *error);

/* I8. */
MUST_CHECK bool judge_messages(struct judge *judge, struct error *error);

/* I9 and I10. */
MUST_CHECK bool judge_rest(struct judge *judge, struct error *error);

#endif
