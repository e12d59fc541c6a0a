#include "samples.h"

#include "base/random.h"

#include <stdio.h>
#include <string.h>

struct object_id id_of(uint32_t number)
{
    struct object_id id = {.bytes = {0x5a}};

    for (size_t i = 0; i < sizeof(number); i++)
        id.bytes[OBJECT_ID_BYTES - 1 - i] = (uint8_t)(number >> (8 * i));
    return id;
}

struct ledger_entry entry_of(uint32_t event, int64_t sequence, struct ledger_booking *bookings,
                             size_t n_bookings)
{
    return (struct ledger_entry){
        .key = {.event_id = id_of(event), .sequence = sequence},
        .token = object_id_random(),
        .at_ms = 1000 + sequence,
        .state = {.event_version = 1, .capacity = 500, .seats_sold = (int64_t)n_bookings},
        .bookings = bookings,
        .n_bookings = n_bookings,
    };
}

enum ledger_outcome insert_one(const struct ledger_entry *entry)
{
    enum ledger_outcome outcome = LEDGER_UNKNOWN;

    ledger_store_insert(world.ledger, &entry, 1, &outcome);
    return outcome;
}

struct event event_of(uint32_t number, const char *name, int64_t start_s)
{
    struct event event = {.id = id_of(number), .version = 1, .capacity = 100, .start_s = start_s};

    snprintf(event.name, sizeof(event.name), "%s", name);
    return event;
}

struct location location_of(uint32_t number, const char *name)
{
    struct location location = {.id = id_of(number), .version = 1, .open_hour = 9};

    snprintf(location.name, sizeof(location.name), "%s", name);
    return location;
}

struct outbox_message message_of(enum outbox_kind kind, uint32_t subject, int64_t time_ms)
{
    static char body[] = "{\"id\": \"an event\"}";

    return (struct outbox_message){
        .kind = kind,
        .subject = id_of(subject),
        .version = 1,
        .name = "event.created",
        .time_ms = time_ms,
        .body = body,
        .body_bytes = strlen(body),
    };
}
