#include "msgqueue/listener_reader.h"

enum {
    STORE_EVERY = 4096, /* messages; what is not stored is read again */
    BEYOND_END_MS = 3000,
    SILENT_MS = 10000,
    LATE_AGAIN_MS = 10000,
};

void listener_reader_init(struct listener_reader *reader)
{
    *reader = (struct listener_reader){0};
    listener_flow_init(&reader->flow);
    reader->flow.leaves_out = true;
}

void listener_reader_begin(struct listener_reader *reader, int64_t offset)
{
    reader->countable = false;
    reader->complete = false;
    reader->is_late_put = false;
    reader->is_beyond = false;
    reader->wanted_offset = offset;
    reader->start_offset = offset;
    reader->next_offset = offset;
    reader->stored_offset = offset;
}

/* Whoever reads for the first time had no queue that could have missed anything. */
void listener_reader_declared(struct listener_reader *reader, bool idle)
{
    reader->countable = idle && reader->next_offset > 0;
}

void listener_reader_opened(struct listener_reader *reader, int64_t now_ms)
{
    listener_flow_opened(&reader->flow);
    reader->heard = false;
    reader->heard_ms = now_ms;
    reader->late_at_ms = now_ms + BEYOND_END_MS;
}

void listener_reader_lost(struct listener_reader *reader)
{
    listener_flow_lost(&reader->flow);
}

enum held_state listener_reader_judge(struct listener_reader *reader, enum log_marker marker,
                                      int64_t offset, enum held_state state)
{
    if (marker == LOG_FROM)
        reader->countable = false;
    if (marker == LOG_TO)
        reader->complete = true;
    if (marker == LOG_LATE)
        reader->is_beyond = !reader->complete;
    if (marker != LOG_NO_MARKER || offset < reader->start_offset)
        return HELD_DONE;
    /* What nobody could handle is left out: our queue parks it. */
    return state == HELD_WAITING ? HELD_WAITING : HELD_DONE;
}

/*
 * No offset between two messages is left out, so what is missing at the beginning was cut off. Also where the log
 * only seemed to be made anew and is read from its beginning: one that gave nothing for a while.
 */
static bool is_cut(const struct listener_reader *reader, int64_t first)
{
    return !reader->heard && first > reader->wanted_offset;
}

bool listener_reader_arrived(struct listener_reader *reader, struct held *held, int64_t offset,
                             uint64_t tag, enum held_state state, int64_t now_ms)
{
    bool cut = is_cut(reader, offset);

    held->offset = offset;
    listener_flow_arrived(&reader->flow, held, tag, state);
    reader->n_taken += state == HELD_WAITING;
    reader->next_offset = offset + 1;
    reader->heard = true;
    reader->heard_ms = now_ms;
    return cut;
}

/* What is in hand stands in the order of the log. */
int64_t listener_reader_reached(const struct listener_reader *reader)
{
    const struct held *first = reader->flow.in_hand.first;

    return first ? first->offset : reader->next_offset;
}

void listener_reader_stored(struct listener_reader *reader, int64_t offset)
{
    reader->stored_offset = offset;
}

/* While others fill the log there is no silence that would tell. */
static bool is_late(const struct listener_reader *reader, int64_t now_ms)
{
    return !reader->complete && !reader->is_late_put && reader->start_offset > 0 &&
           now_ms >= reader->late_at_ms;
}

/* A broker that takes nothing now, such as one with an alarm, still gives what the log has. */
void listener_reader_late_put(struct listener_reader *reader, bool done, int64_t now_ms)
{
    reader->is_late_put = done;
    reader->late_at_ms = now_ms + LATE_AGAIN_MS;
}

static enum reader_step bear_silence(const struct listener_reader *reader, int64_t now_ms)
{
    int64_t silent_ms = now_ms - reader->heard_ms;

    if (!reader->heard && reader->start_offset > 0 && silent_ms >= BEYOND_END_MS)
        return READER_STARTS_OVER;
    return silent_ms < SILENT_MS ? READER_WAITS : READER_FAILS;
}

enum reader_step listener_reader_next(const struct listener_reader *reader, bool is_careful,
                                      int64_t now_ms)
{
    int64_t unstored = listener_reader_reached(reader) - reader->stored_offset;

    if (reader->is_beyond) /* from the beginning as well: retention has taken `to` */
        return reader->start_offset < 0 ? READER_FAILS : READER_STARTS_OVER;
    if (is_late(reader, now_ms))
        return READER_PUTS_LATE;
    if (unstored >= (is_careful ? 1 : STORE_EVERY))
        return READER_STORES;
    if (!listener_flow_is_empty(&reader->flow))
        return READER_WAITS;
    if (!reader->complete)
        return bear_silence(reader, now_ms);
    return unstored ? READER_STORES : READER_ENDS;
}

/* Our marker must come and does not: the log was deleted and made anew, and counts from 0 again. */
void listener_reader_begin_again(struct listener_reader *reader)
{
    reader->is_beyond = false;
    reader->start_offset = -1;
    reader->next_offset = 0;
    reader->stored_offset = 0;
}
