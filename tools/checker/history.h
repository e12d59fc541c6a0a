/*
 * What clients of a booking system saw, and what was read from it at the end: docs/checker.md has the
 * lines of the file. Names are numbers of history->names. A history owns what it holds. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_HISTORY_H
#define EVENTS_TOOLS_CHECKER_HISTORY_H

#include "tools/checker/list.h"
#include "tools/checker/names.h"

#include <stdbool.h>
#include <stdint.h>

#define AMOUNT_UNKNOWN INT64_MIN /* nothing was said */
#define AMOUNT_NO_LIMIT INT64_MAX

enum call_kind {
    CALL_BOOK,
    CALL_CANCEL,
    CALL_READ,
    CALL_CREATE,
    CALL_CHANGE
};

enum call_outcome {
    CALL_OK,
    CALL_FAIL, /* certainly nothing happened */
    CALL_INFO  /* nobody knows */
};

/* One call of one client. There may be millions. */
struct call {
    int64_t start, end; /* by one monotonic clock for all clients, in any unit */
    union {
        int64_t seats_left; /* what a refusal or a reading told; AMOUNT_UNKNOWN */
        int64_t capacity;   /* asked for, when it was one of the catalogue; AMOUNT_NO_LIMIT */
    };
    union {
        int64_t number; /* version, or entry that a reading showed; AMOUNT_UNKNOWN */
        struct {
            uint32_t key, user; /* of a booking or a cancellation */
        };
    };
    uint32_t line;
    uint32_t event, booking;
    int32_t seats;
    enum call_kind kind : 8;
    enum call_outcome outcome : 8;
    bool sold_out; /* a fail for want of seats */
};

/* Seats in the ledger, or in the final list of bookings, or given back. */
struct seats {
    uint32_t booking, user, event;
    uint32_t line;
    int32_t n;
    uint32_t entry; /* index; of ledgers only */
    bool cancelled; /* final list only */
};

/* One entry of the ledger of an event. */
struct entry {
    int64_t sequence;
    int64_t version;
    int64_t capacity; /* AMOUNT_NO_LIMIT */
    int64_t sold;     /* what it says */
    uint32_t event, token;
    uint32_t line;
    uint32_t booked_at, n_booked;       /* of history->booked */
    uint32_t cancelled_at, n_cancelled; /* of history->cancelled */
    bool published;
};

/* A message as an observer got it. */
struct seen_message {
    uint32_t id, name;
    uint32_t line;
    uint64_t body_hash;
};

/* An event or location in one of two places that ought to agree. */
struct document {
    uint32_t kind, id;
    uint32_t line;
    int64_t version;
    int64_t waiting; /* messages not yet confirmed */
    bool is_copy;
    bool is_event;
};

/* A count that ought to be another: messages in a queue. */
struct level {
    uint32_t name;
    uint32_t line;
    int64_t is, ought;
};

/* Which final readings are complete. */
enum reading {
    READING_LEDGER = 1,
    READING_BOOKINGS = 2,
    READING_MESSAGES = 4,
    READING_DOCUMENTS = 8,
    READING_LEVELS = 16
};

struct history {
    struct budget budget;
    struct names names;
    struct list calls;     /* of struct call; the judge keeps what it needs */
    size_t n_calls;        /* that were added */
    struct list entries;   /* of struct entry */
    struct list booked;    /* of struct seats, by entries */
    struct list cancelled; /* of struct seats, by entries */
    struct list bookings;  /* of struct seats: the final list of a system without ledgers */
    struct list messages;  /* of struct seen_message */
    struct list documents; /* of struct document */
    struct list levels;    /* of struct level */
    unsigned readings;     /* of enum reading */
};

void history_init(struct history *history, size_t memory_bytes);
void history_clear(struct history *history);

/*
 * Add one line of a history, or nothing of it. ERROR_INVALID says what is wrong with it, without its number;
 * ERROR_TOO_LARGE: the memory given is used up.
 */
MUST_CHECK bool history_add(struct history *history, const char *text, size_t size_bytes,
                            uint32_t line, struct error *error);

#endif
