/*
 * The decisions of a round over the log, without socket, thread and clock: what of the log goes to the
 * handler, when the offset is stored and which one, when the round is over, that retention has cut
 * something off, and that the log was made anew. What happens goes in as calls; what is to be done comes
 * out of _next. One thread at a time.
 *
 * Two markers bound a round, messages of our own that go to the log by its name. `from` is published
 * before our queue is declared and `to` after that; reading ends at `to`, because whatever comes later
 * finds the queue bound. What lies before `from` and changes something although our queue was empty when it was
 * declared, and nothing was in hand, counts as recovered: only the log had it. That is an
 * approximation: a message that was just then on its way to us is counted as well, and while the queue
 * holds anything nothing is counted. Nor is anything counted in the very first round of a subscriber.
 *
 * An offset is stored when everything before it was handled or left out, so whoever dies reads again and
 * misses nothing.
 *
 * A log that was deleted and made anew counts from 0 again, and who asks for an offset that it has not reached is
 * given what comes from now on: never `to`. So a round that takes long puts a third marker, `late`; when that one
 * comes first the log is read from its beginning.
 */
#ifndef EVENTS_MSGQUEUE_LISTENER_READER_H
#define EVENTS_MSGQUEUE_LISTENER_READER_H

#include "msgqueue/listener_flow.h"

enum log_marker {
    LOG_NO_MARKER, /* a message */
    LOG_FROM,
    LOG_TO,
    LOG_LATE,
    LOG_FOREIGN, /* another reader's, or one of an earlier round */
};

struct listener_reader {
    struct listener_flow flow; /* what of the log is in hand */
    bool countable;            /* what is read now counts as recovered when it changes something */
    bool complete;             /* `to` was seen: what follows belongs to the next round */
    bool is_late_put;
    bool is_beyond;        /* `late` was seen and `to` was not */
    bool heard;            /* anything since reading began */
    int64_t wanted_offset; /* where the round was to begin */
    int64_t start_offset;  /* where it reads from; negative: the first there is */
    int64_t next_offset;   /* all before it has come */
    int64_t stored_offset;
    int64_t n_taken;    /* messages for the handler, ever */
    int64_t late_at_ms; /* when `late` is put, unless `to` has come before */
    int64_t heard_ms;   /* when something last came out of the log */
};

void listener_reader_init(struct listener_reader *reader);

/* A round of a subscriber that has stored @offset; 0: it has never read. */
void listener_reader_begin(struct listener_reader *reader, int64_t offset);

/* `from` was put, then our queue declared. @idle: it was empty, and nothing of it was in hand. */
void listener_reader_declared(struct listener_reader *reader, bool idle);

/* `to` was put, and the log is being read from start_offset. */
void listener_reader_opened(struct listener_reader *reader, int64_t now_ms);

/* The connection is gone, or the round is given up: what is in hand goes to the flow's finished. */
void listener_reader_lost(struct listener_reader *reader);

/* What becomes of what came at @offset; @state: what is known about it at once. */
MUST_CHECK enum held_state listener_reader_judge(struct listener_reader *reader,
                                                 enum log_marker marker, int64_t offset,
                                                 enum held_state state);

/*
 * It came, under @tag, judged to be @state. True when everything from wanted_offset up to @offset is missing:
 * retention has cut the log.
 */
MUST_CHECK bool listener_reader_arrived(struct listener_reader *reader, struct held *held,
                                        int64_t offset, uint64_t tag, enum held_state state,
                                        int64_t now_ms);

/* What to do now that all that can be offered and settled is. */
enum reader_step {
    READER_WAITS,       /* for the log, or for what is in hand */
    READER_PUTS_LATE,   /* the marker; then call _late_put */
    READER_STORES,      /* _reached; then call _stored */
    READER_STARTS_OVER, /* _lost, _begin_again, and read on from start_offset */
    READER_ENDS,        /* the round is over */
    READER_FAILS,       /* the log gives nothing, or `to` is not in it */
};

/* @is_careful: whoever dies next is to begin close to what it died of. */
MUST_CHECK enum reader_step listener_reader_next(const struct listener_reader *reader,
                                                 bool is_careful, int64_t now_ms);

void listener_reader_late_put(struct listener_reader *reader, bool done, int64_t now_ms);

/* The offset before which everything was handled or left out. */
int64_t listener_reader_reached(const struct listener_reader *reader);
void listener_reader_stored(struct listener_reader *reader, int64_t offset);

/* The same round once more, from the first message that there is. */
void listener_reader_begin_again(struct listener_reader *reader);

#endif
