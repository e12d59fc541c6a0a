/*
 * A small world for looking at every schedule: one event, two replicas with the product's slot and
 * committer, a few commands, a database whose calls are atomic, and a bounded number of losses, crashes
 * and callers who leave. There is no time. What may happen next is a list of moves; a state is reached
 * again by the same moves from the beginning.
 */
#ifndef EVENTS_TESTS_SIMULATOR_EXPLORE_FIELD_H
#define EVENTS_TESTS_SIMULATOR_EXPLORE_FIELD_H

#include "ledger/committer.h"
#include "tests/simulator/store.h"

enum {
    FIELD_REPLICAS = 2,
    FIELD_CALLS_MAX = 6,
    FIELD_WRITES_MAX = 6, /* on their way without anybody who waits for them */
    FIELD_MOVES_MAX = 64
};

/* What is tried, and within which bounds. */
struct bounds {
    const char *name;
    int64_t capacity; /* of the first entry, which is there from the beginning */
    size_t n_calls;
    struct command calls[FIELD_CALLS_MAX];
    int losses; /* inserts whose outcome stays unknown */
    int crashes;
    int leaves;
};

enum move_kind {
    MOVE_COME,  /* call @what comes to replica @where */
    MOVE_GO_ON, /* replica @where: its next call of the database, and all that follows from it */
    MOVE_LOSE_REPLY,   /* the same; its insert lands, and it is not told */
    MOVE_LOSE_REQUEST, /* the insert stays on its way, and it is not told */
    MOVE_LACK,  /* it lands at the primary only, and the replica hears of a write concern error */
    MOVE_CRASH, /* replica @where; an insert that it would send is on its way */
    MOVE_LAND,  /* write @what arrives */
    MOVE_MAJORITY,  /* entry @what has one now */
    MOVE_ROLL_BACK, /* entry @what has none, and goes */
    MOVE_LEAVE,     /* the caller of call @what */
};

struct move {
    uint8_t kind;
    uint8_t where;
    uint8_t what;
};

enum field_fate {
    FIELD_TO_COME,
    FIELD_OPEN,
    FIELD_ANSWERED,
    FIELD_UNKNOWN,
    FIELD_NEVER
};

struct field_call {
    struct ticket ticket; /* first */
    struct command command;
    enum field_fate fate;
    int replica;
    int64_t entries_before;
    int64_t entries_after;
};

struct field_replica {
    struct slot slot;
    struct committer committer;
    enum committer_action action; /* what it asks next; COMMITTER_DONE: nothing */
    bool is_asking;
};

struct field {
    const struct bounds *bounds;
    struct store store;
    struct field_replica replicas[FIELD_REPLICAS];
    struct field_call calls[FIELD_CALLS_MAX];
    struct stored writes[FIELD_WRITES_MAX];
    bool is_on_its_way[FIELD_WRITES_MAX];
    int losses; /* left */
    int crashes;
    int leaves;
    struct error error; /* an invariant fell */
};

/* Room for one field; NULL: no memory. */
struct field *field_new(void);
void field_free(struct field *field);

/* The beginning. */
void field_begin(struct field *field, const struct bounds *bounds);
void field_end(struct field *field); /* releases what the product holds */

size_t field_moves(const struct field *field, struct move moves[FIELD_MOVES_MAX]);
void field_move(struct field *field, struct move move);

/* When there are no more moves but losses: all that was asked is answered, and all is true. */
void field_judge(struct field *field);

/* Equal for states from which the same can follow. */
uint64_t field_hash(const struct field *field);

enum {
    MOVE_TEXT_BYTES = 160
};
/* What @move, made in @field just now, did. */
void field_describe(const struct field *field, struct move move, char text[MOVE_TEXT_BYTES]);

#endif
