/* Values for the tests, and what a visit brought. */
#ifndef EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_SAMPLES_H
#define EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_SAMPLES_H

#include "world.h"

/* The id whose last bytes are @number: ids are in the order of their numbers. */
struct object_id id_of(uint32_t number);

/*
 * An entry of the event @event that holds @bookings, which stay the caller's; no token is used
 * twice.
 */
struct ledger_entry entry_of(uint32_t event, int64_t sequence, struct ledger_booking *bookings,
                             size_t n_bookings);
enum ledger_outcome insert_one(const struct ledger_entry *entry);

/* An event and a location of their own, version 1, and the message that announces them. */
struct event event_of(uint32_t number, const char *name, int64_t start_s);
struct location location_of(uint32_t number, const char *name);
struct outbox_message message_of(enum outbox_kind kind, uint32_t subject, int64_t time_ms);

#endif
