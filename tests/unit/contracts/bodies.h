/* What the tests of the messages share: examples as they stand in the folder, bodies to decode. */
#ifndef EVENTS_TESTS_CONTRACTS_BODIES_H
#define EVENTS_TESTS_CONTRACTS_BODIES_H

#include "contracts/message.h"

/*
 * The text of contracts/examples/@name.json, in static memory until the next call. The test ends
 * when it is missing.
 */
const char *example(const char *name);

/* message_decode() of a message called @name with @body; JSON in the tests is written with '. */
bool decode(const char *name, const char *body, struct message *message, struct error *error);

/* Check that it is refused as invalid, and that the bad member is @pointer. */
void refuse(const char *name, const char *body, const char *pointer);

struct object_id id_of(const char *hex);

#endif
