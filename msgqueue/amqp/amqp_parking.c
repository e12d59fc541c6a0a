#include "msgqueue/amqp/amqp_parking.h"

#include "contracts/topology.h"

#include <stdio.h>
#include <string.h>

enum {
    POOL_BYTES = 4096,
    OWN_HEADERS = 5,
    QUEUE_NAME_BYTES = 256,
    /* Room in a frame for the other properties and our headers. */
    SPARE_BYTES = 4096,
};

/*
 * Headers that would say something untrue about the copy, or act on it: a stale count would look like
 * deliveries of the redriven message, and CC routes copies to further queues.
 */
static const char *const left_out[] = {
    "x-parked-reason",  "x-parked-by",      "x-parked-at", "x-parked-count",
    "x-delivery-count", "x-acquired-count", "CC",          "BCC"};

static void add(amqp_table_t *headers, const char *key, const char *text)
{
    headers->entries[headers->num_entries++] = amqp_text_entry(key, text);
}

static bool publish(struct amqp_parking *parking, const struct amqp_delivery *delivery,
                    const amqp_basic_properties_t *properties, struct error *error)
{
    char dead[QUEUE_NAME_BYTES];

    snprintf(dead, sizeof(dead), "%s%s", parking->queue, TOPOLOGY_DEAD_SUFFIX);
    return amqp_link_publish_confirmed(&parking->link,
                                       &(struct amqp_publication){
                                           .exchange = "",
                                           .routing_key = dead,
                                           .properties = properties,
                                           .body = delivery->body.data,
                                           .body_bytes = delivery->body.size_bytes,
                                       },
                                       error);
}

/*
 * The properties of the copy: theirs, but durable, without an expiry, and without a user id, which
 * the broker would compare with ours.
 */
static bool publish_copy(struct amqp_parking *parking, const struct amqp_delivery *delivery,
                         const amqp_basic_properties_t *theirs, amqp_table_entry_t *room,
                         struct error *error)
{
    const struct envelope *envelope = &delivery->listened.envelope;
    amqp_basic_properties_t properties = *theirs;
    char now[CLOCK_TEXT_BYTES];

    clock_format(clock_wall_ms(), now);
    properties.headers = amqp_copy_headers(theirs, left_out, ARRAY_SIZE(left_out), room);
    add(&properties.headers, "x-parked-reason", listened_reason(&delivery->listened));
    add(&properties.headers, "x-parked-by", parking->options.name);
    add(&properties.headers, "x-parked-at", now);
    properties.headers.entries[properties.headers.num_entries++] =
        amqp_number_entry("x-parked-count", delivery->listened.parked_count);
    /* Redriven by the name of a queue it will come without its routing key. */
    if (*envelope->name && !amqp_header(theirs, "x-event-name"))
        add(&properties.headers, "x-event-name", envelope->name);
    properties._flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties._flags &= ~(amqp_flags_t)(AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG);
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    return publish(parking, delivery, &properties, error);
}

static bool copy(struct amqp_parking *parking, const struct amqp_delivery *delivery,
                 amqp_pool_t *pool, struct error *error)
{
    const amqp_basic_properties_t *theirs = amqp_properties_decode(&delivery->properties, pool);
    amqp_table_entry_t *room;
    size_t n = OWN_HEADERS;

    if (!theirs)
        return error_set(error, ERROR_TOO_LARGE, "the properties cannot be copied");
    if (theirs->_flags & AMQP_BASIC_HEADERS_FLAG)
        n += (size_t)theirs->headers.num_entries;
    room = amqp_pool_alloc(pool, n * sizeof(*room));
    if (!room)
        return error_set(error, ERROR_MEMORY, "no memory for %zu headers", n);
    return publish_copy(parking, delivery, theirs, room, error);
}

static bool open_link(struct amqp_parking *parking, struct error *error)
{
    if (parking->link.state && !parking->link.broken)
        return true;
    amqp_parking_close(parking);
    return amqp_link_open(&parking->options, &parking->link, error) &&
           amqp_link_confirms(&parking->link, error);
}

enum parking_end amqp_parking_put(struct amqp_parking *parking,
                                  const struct amqp_delivery *delivery)
{
    struct error error = {0};
    amqp_pool_t pool;
    bool parked;

    if (!open_link(parking, &error))
        return PARKING_FAILED;
    if (delivery->properties.size_bytes + SPARE_BYTES >
        (size_t)amqp_get_frame_max(parking->link.state))
        return PARKING_IMPOSSIBLE;
    init_amqp_pool(&pool, POOL_BYTES);
    parked = copy(parking, delivery, &pool, &error);
    empty_amqp_pool(&pool);
    if (parked)
        return PARKING_CONFIRMED;
    return error.code == ERROR_TOO_LARGE ? PARKING_IMPOSSIBLE : PARKING_FAILED;
}

void amqp_parking_close(struct amqp_parking *parking)
{
    amqp_link_close(&parking->link);
}
