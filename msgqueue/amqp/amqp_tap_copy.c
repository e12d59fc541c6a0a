#include "msgqueue/amqp/amqp_tap_copy.h"

#include "msgqueue/amqp/amqp_tap_death.h"

enum {
    OWN_HEADERS = 2,
    N_NEVER_COPIED = 5
};

static const char redriven_header[] = "x-redriven";

/* The first are never copied; the rest is over when a message goes back to its queue. */
static const char *const left_out[] = {"x-delivery-count",
                                       "x-acquired-count",
                                       "x-stream-offset",
                                       "CC",
                                       "BCC",
                                       "x-parked-reason",
                                       "x-parked-by",
                                       "x-parked-at",
                                       "x-parked-count",
                                       "x-death",
                                       "x-first-death-queue",
                                       "x-first-death-reason",
                                       "x-first-death-exchange",
                                       "x-last-death-queue",
                                       "x-last-death-reason",
                                       "x-last-death-exchange",
                                       redriven_header};

/* @room is enough for all of theirs and ours. */
static amqp_table_t copy_headers(const amqp_basic_properties_t *theirs, bool redriven,
                                 amqp_table_entry_t *room)
{
    size_t n_left_out = redriven ? ARRAY_SIZE(left_out) : N_NEVER_COPIED;
    amqp_table_t copy = amqp_copy_headers(theirs, left_out, n_left_out, room);

    if (redriven)
        room[copy.num_entries++] =
            amqp_number_entry(redriven_header, amqp_header_number(theirs, redriven_header, 0) + 1);
    return copy;
}

/* In a dead queue the routing key is that of its queue. */
static amqp_bytes_t name_of(const struct amqp_content *content,
                            const amqp_basic_properties_t *theirs, bool redriven)
{
    if (redriven)
        return amqp_tap_death_key(theirs);
    return amqp_tap_is_named(theirs) ? amqp_empty_bytes : amqp_text(content->routing_key);
}

static amqp_basic_properties_t *copy_properties(const struct amqp_content *content,
                                                amqp_basic_properties_t *theirs, bool redriven,
                                                amqp_table_entry_t *room)
{
    amqp_bytes_t name = name_of(content, theirs, redriven);

    theirs->headers = copy_headers(theirs, redriven, room);
    if (name.len)
        room[theirs->headers.num_entries++] = (amqp_table_entry_t){
            .key = amqp_text("x-event-name"),
            .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = name}},
        };
    theirs->_flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    theirs->_flags &= ~(amqp_flags_t)(AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG);
    theirs->delivery_mode = AMQP_DELIVERY_PERSISTENT;
    return theirs;
}

const amqp_basic_properties_t *amqp_tap_copy(const struct amqp_content *content, bool redriven,
                                             amqp_pool_t *pool)
{
    amqp_basic_properties_t *theirs = amqp_properties_decode(&content->properties, pool);
    amqp_table_entry_t *room;
    size_t n = OWN_HEADERS;

    if (!theirs)
        return NULL;
    if (theirs->_flags & AMQP_BASIC_HEADERS_FLAG)
        n += (size_t)theirs->headers.num_entries;
    room = amqp_pool_alloc(pool, n * sizeof(*room));
    return room ? copy_properties(content, theirs, redriven, room) : NULL;
}
