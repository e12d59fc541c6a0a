#include "msgqueue/amqp/amqp_tap_copy.h"

#include "msgqueue/amqp/amqp_tap_death.h"

#include <string.h>

enum {
    OWN_HEADERS = 2
};

static const char redriven[] = "x-redriven";

static const char *const left_out[] = {"x-parked-reason",
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
                                       "x-delivery-count",
                                       "CC",
                                       "BCC",
                                       redriven};

static bool is_left_out(amqp_bytes_t key)
{
    for (size_t i = 0; i < ARRAY_SIZE(left_out); i++) {
        if (key.len == strlen(left_out[i]) && memcmp(key.bytes, left_out[i], key.len) == 0)
            return true;
    }
    return false;
}

/* @room is enough for all of theirs and ours. */
static amqp_table_t copy_headers(const amqp_basic_properties_t *theirs, amqp_table_entry_t *room)
{
    amqp_table_t copy = {0, room};
    amqp_bytes_t key = amqp_tap_death_key(theirs);
    bool any = theirs->_flags & AMQP_BASIC_HEADERS_FLAG;

    for (int i = 0; any && i < theirs->headers.num_entries; i++) {
        if (!is_left_out(theirs->headers.entries[i].key))
            room[copy.num_entries++] = theirs->headers.entries[i];
    }
    room[copy.num_entries++] =
        amqp_number_entry(redriven, amqp_header_number(theirs, redriven, 0) + 1);
    if (key.len)
        room[copy.num_entries++] = (amqp_table_entry_t){
            .key = amqp_text("x-event-name"),
            .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = key}},
        };
    return copy;
}

static amqp_basic_properties_t *copy_properties(amqp_basic_properties_t *theirs,
                                                amqp_table_entry_t *room)
{
    theirs->headers = copy_headers(theirs, room);
    theirs->_flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    theirs->_flags &= ~(amqp_flags_t)(AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG);
    theirs->delivery_mode = AMQP_DELIVERY_PERSISTENT;
    return theirs;
}

const amqp_basic_properties_t *amqp_tap_copy(const struct amqp_content *content, amqp_pool_t *pool)
{
    amqp_basic_properties_t *theirs = amqp_content_properties(content, pool);
    amqp_table_entry_t *room;
    size_t n = OWN_HEADERS;

    if (!theirs)
        return NULL;
    if (theirs->_flags & AMQP_BASIC_HEADERS_FLAG)
        n += (size_t)theirs->headers.num_entries;
    room = amqp_pool_alloc(pool, n * sizeof(*room));
    return room ? copy_properties(theirs, room) : NULL;
}
