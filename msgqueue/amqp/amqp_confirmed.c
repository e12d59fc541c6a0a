/* Publishing one message and waiting for the broker's word on it. */
#include "base/clock.h"
#include "msgqueue/amqp/amqp_link.h"

enum {
    CONFIRM_TIMEOUT_MS = 5000
};

/* @over: the broker has said its last word on the message. */
static bool judge(struct amqp_link *link, const struct amqp_arrival *arrival, bool *returned,
                  bool *over, struct error *error)
{
    switch (arrival->kind) {
    case AMQP_ARRIVAL_RETURN:
        *returned = true;
        return true;
    case AMQP_ARRIVAL_CONFIRM:
        *over = true;
        return !*returned || error_set(error, ERROR_NOT_FOUND, "no queue takes this message");
    case AMQP_ARRIVAL_REFUSAL:
        return error_set(error, ERROR_UNAVAILABLE, "the broker refused the message");
    case AMQP_ARRIVAL_BLOCKED:
        link->broken = true;
        return error_set(error, ERROR_UNAVAILABLE, "the broker takes nothing (alarm)");
    default:
        return true;
    }
}

static bool wait_for_word(struct amqp_link *link, struct error *error)
{
    int64_t until_ms = clock_monotonic_ms() + CONFIRM_TIMEOUT_MS;
    bool returned = false;
    bool over = false;

    while (!over) {
        int64_t left_ms = until_ms - clock_monotonic_ms();
        struct amqp_arrival arrival;

        if (left_ms <= 0) {
            link->broken = true;
            return error_set(error, ERROR_UNAVAILABLE, "the broker did not confirm in time");
        }
        if (!amqp_link_wait(link, -1, (int)left_ms, error) ||
            !amqp_link_next(link, &arrival, error) ||
            !judge(link, &arrival, &returned, &over, error))
            return false;
    }
    return true;
}

bool amqp_link_publish_confirmed(struct amqp_link *link, const struct amqp_publication *publication,
                                 struct error *error)
{
    bool sent;

    amqp_link_guard(link);
    sent = amqp_link_publish(link, publication, error);
    amqp_link_release(link);
    return sent && wait_for_word(link, error);
}
