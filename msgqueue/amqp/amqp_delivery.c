#include "msgqueue/amqp/amqp_delivery.h"

#include "base/memory.h"
#include "msgqueue/listener_attempts.h"

static enum parked_kind kind_of(enum error_code code)
{
    if (code == ERROR_UNSUPPORTED)
        return PARKED_UNKNOWN;
    return code == ERROR_TOO_LARGE ? PARKED_TOO_LARGE : PARKED_MALFORMED;
}

struct amqp_delivery *amqp_delivery_new(struct amqp_content *content, struct amqp_facts *facts,
                                        enum held_state *state, struct error *error)
{
    struct amqp_delivery *delivery = memory_new(sizeof(*delivery), error);
    struct error unfit = {0};

    if (!delivery)
        return NULL;
    *state = HELD_WAITING;
    if (!amqp_message_read(content, &delivery->listened.envelope, facts, &unfit)) {
        *state = HELD_TO_PARK;
        delivery->listened.kind = kind_of(unfit.code);
        listened_set_reason(&delivery->listened, unfit.text);
    }
    if (content->body.size_bytes < content->body_bytes)
        *state = HELD_TO_REJECT;
    delivery->properties = content->properties;
    delivery->body = content->body;
    *content = (struct amqp_content){0};
    delivery->listened.delivery_count = facts->delivery_count;
    delivery->listened.parked_count = facts->delivery_count + 1;
    return delivery;
}

void amqp_delivery_free(struct amqp_delivery *delivery)
{
    if (!delivery)
        return;
    listened_clear(&delivery->listened);
    buffer_clear(&delivery->properties);
    buffer_clear(&delivery->body);
    memory_free(delivery);
}

void amqp_delivery_free_finished(struct listener_common *common, struct listener_flow *flow)
{
    struct held *held;

    while ((held = listener_attempts_finished(common, flow)))
        amqp_delivery_free(CONTAINER_OF(held, struct amqp_delivery, listened.held));
}
