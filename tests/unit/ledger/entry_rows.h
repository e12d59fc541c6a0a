/* Tables of batches and what the rules must make of them. */
#ifndef EVENTS_TESTS_UNIT_LEDGER_ENTRY_ROWS_H
#define EVENTS_TESTS_UNIT_LEDGER_ENTRY_ROWS_H

#include "ledger/entry.h"

enum {
    LINES_MAX = 5,
    FREE = 10, /* of open_head(), whose capacity is 100 */
    END_S = 1000,
    NOW_MS = 500 * 1000
};

/* What is expected of a line. */
struct expected {
    enum entry_verdict verdict;
    enum error_code code;
    int64_t seats_left; /* looked at when it is booked, given back, or sold out */
    bool repeated;
};

/* What is expected of the whole. */
struct made {
    enum entry_result result;
    struct ledger_state state;
    size_t n_bookings;
    size_t n_cancellations;
};

struct row {
    const char *name;
    int64_t seats_per_user;
    struct ledger_head head;
    struct entry_line lines[LINES_MAX];
    struct expected expected[LINES_MAX];
    struct made made;
};

extern const struct object_id row_event;

void rows_check(struct row *rows, size_t n_rows);

/* An entry with room for a full batch; the same memory each time. */
struct ledger_entry empty_entry(void);

struct ledger_head head_with(int64_t capacity, int64_t seats_sold); /* entry 6, version 3 */
struct ledger_head open_head(void);
struct ledger_head closed_head(void);
struct ledger_head no_head(void);

/* Lines. Each has a fresh head, was found nowhere, and is a guest's. */
struct entry_line book(int id, int seats);
struct entry_line book_for(int user, int64_t seats_held, int id, int seats);
struct entry_line cancel(int id);
struct entry_line take_over(int64_t version, int64_t capacity, bool closed);
struct entry_line remove_event(int64_t version);

/* The same, but ... */
struct entry_line stale(struct entry_line line);
struct entry_line left(struct entry_line line);
struct entry_line found(struct entry_line line, int64_t sequence, int seats); /* held by user 1 */
struct entry_line found_cancelled(struct entry_line line, int64_t sequence, int seats);
struct entry_line found_elsewhere(struct entry_line line);

struct expected now(enum error_code code, int64_t seats_left);
struct expected landed(enum error_code code, int64_t seats_left);
struct expected again(void);
struct expected next(void);
struct expected repeated(struct expected expected);
struct expected passed_over(void);

struct made nothing(void);
struct made contradiction(void);
struct made entry(struct ledger_state state, size_t n_bookings, size_t n_cancellations);
struct ledger_state sold(int64_t seats_sold); /* else as in open_head() */
struct ledger_state version(int64_t version, int64_t capacity, int64_t seats_sold);
struct ledger_state closed(struct ledger_state state);
struct ledger_state removed(struct ledger_state state);

#endif
