#include "tools/messages/pump.h"

#include "base/clock.h"

enum {
    TURN_MS = 250
};

bool pump_open(struct pump *pump, const struct queue_access *access, struct error *error)
{
    return queue_sender_open(access, &pump->sender, error);
}

void pump_close(struct pump *pump)
{
    queue_sender_free(pump->sender);
    pump->sender = NULL;
}

bool pump_turn(struct pump *pump, int timeout_ms, struct error *error)
{
    enum queue_posting_end end;
    uint64_t handle;

    pump->turned_ms = clock_monotonic_ms();
    if (!queue_sender_wait(pump->sender, timeout_ms, error))
        return false;
    while (queue_sender_take(pump->sender, &handle, &end)) {
        if (!pump->ended(pump->context, handle, end, error))
            return false;
    }
    return true;
}

bool pump_serve(struct pump *pump, struct error *error)
{
    return !pump->sender || clock_monotonic_ms() - pump->turned_ms < TURN_MS ||
           pump_turn(pump, 0, error);
}

bool pump_make_room(struct pump *pump, struct error *error)
{
    while (!queue_sender_has_room(pump->sender)) {
        if (!pump_turn(pump, TURN_MS, error))
            return false;
    }
    return true;
}

bool pump_finish(struct pump *pump, struct error *error)
{
    while (queue_sender_n_waiting(pump->sender)) {
        if (!pump_turn(pump, TURN_MS, error))
            return false;
    }
    return true;
}

const char *pump_reason(enum queue_posting_end end)
{
    switch (end) {
    case QUEUE_POSTING_CONFIRMED:
        break;
    case QUEUE_POSTING_RETURNED:
        return "no queue takes it";
    case QUEUE_POSTING_REFUSED:
        return "the queue refuses it; it may be full";
    }
    return "it is confirmed";
}
