/*
 * What the parts of the relay's flow share: relay_flow.c has the items that come in and go, the figures;
 * relay_flow_send.c what goes to the emitter; relay_flow_keep.c marks and sweeps. Nobody else includes
 * this.
 */
#ifndef EVENTS_SERVICE_RELAY_FLOW_STATE_H
#define EVENTS_SERVICE_RELAY_FLOW_STATE_H

#include "base/backoff.h"
#include "service/relay_flow.h"
#include "service/relay_seen.h"
#include "service/relay_table.h"
#include "service/relay_timers.h"

enum {
    RELAY_BACKOFF_MOST_MS = 5000
};

enum relay_stage {
    RELAY_STAGE_QUEUED,  /* in the line to be sent, perhaps with some messages out already */
    RELAY_STAGE_SENDING, /* no more messages to send; some have no outcome yet */
    RELAY_STAGE_WAITING,
    RELAY_STAGE_CONFIRMED,
    RELAY_STAGE_MARKING
};

struct relay_entry {
    struct relay_item *item; /* owned; NULL: the place is free */
    int64_t taken_ms;
    size_t n_sent; /* messages of this attempt */
    size_t n_confirmed;
    size_t n_failed;
    bool is_refused; /* some message, in some attempt */
    bool is_failing; /* some message failed, in this attempt or the one before */
    struct backoff backoff;
    uint32_t next; /* in a line */
    enum relay_stage stage;
};

/* Places, first in, first out. */
struct relay_line {
    uint32_t first;
    uint32_t last;
};

struct relay_flow {
    struct relay_flow_options options;
    uint64_t random;
    struct relay_table table;
    struct relay_entry *entries; /* by place */
    struct relay_seen seen;

    struct relay_line to_send;
    struct relay_line confirmed;
    struct relay_timers waiting;
    struct relay_timers refused; /* the same, for those that a full queue refused once */
    size_t n_free;    /* of these, may go at once: two for each confirmed since a refusal */
    int64_t retry_ms; /* beyond them, the next one not before */

    size_t n_messages; /* of all items in hand */
    size_t n_failing;  /* items */
    size_t n_out;      /* messages with the emitter */
    bool blocked;      /* the emitter is full: until n_out falls to resume_at, or resume_ms */
    size_t resume_at;
    int64_t resume_ms;
    bool is_sending;      /* since the line was last found empty */
    int64_t send_rest_ms; /* the next run of messages not before */

    uint32_t batch[RELAY_MARK_MAX]; /* places that are being marked */
    size_t n_batch;
    size_t n_to_mark; /* confirmed */
    struct backoff mark_backoff;
    int64_t mark_ms;      /* not before, after a failure */
    int64_t mark_rest_ms; /* not before, while fewer than RELAY_MARK_MAX wait */

    bool sweeping;
    bool sweep_was_full;
    bool finishing;
    bool sweep_lacks_room; /* for something that it found */
    int64_t sweep_began_ms;
    size_t sweep_limit;
    size_t n_offered; /* in this sweep */
    size_t n_swept;   /* of those, taken */
    int64_t sweep_ms; /* not before */

    struct relay_counts counts;
};

uint64_t relay_flow_random(struct relay_flow *flow);
struct backoff relay_flow_backoff(void); /* of an item, and of marks */

void relay_line_push_last(struct relay_flow *flow, struct relay_line *line, uint32_t place);
void relay_line_push_first(struct relay_flow *flow, struct relay_line *line, uint32_t place);
uint32_t relay_line_pop_first(struct relay_flow *flow,
                              struct relay_line *line); /* or RELAY_NOWHERE */

bool relay_flow_has(const struct relay_flow *flow, const struct relay_item *item);
bool relay_flow_has_room(const struct relay_flow *flow, const struct relay_item *item);
/* There is room for it. */
void relay_flow_take(struct relay_flow *flow, struct relay_item *item, int64_t now_ms);

/* From one stage to the next. */
void relay_flow_queue(struct relay_flow *flow, uint32_t place);
void relay_flow_confirm(struct relay_flow *flow, uint32_t place);
void relay_flow_set_failing(struct relay_flow *flow, struct relay_entry *entry, bool is_failing);

#endif
