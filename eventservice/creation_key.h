/*
 * The Idempotency-Key of a request that creates something. What was created keeps the key's hash and
 * the fingerprint of the request's meaning, so a repeat is answered with what is there.
 */
#ifndef EVENTS_EVENTSERVICE_CREATION_KEY_H
#define EVENTS_EVENTSERVICE_CREATION_KEY_H

#include "eventservice/event_input.h"
#include "eventservice/event_service.h"

struct creation_key {
    bool is_given;
    struct catalogue_key stored; /* when given */
};

/* @route names the operation ("POST /events"): the same key elsewhere is another operation. */
MUST_CHECK bool creation_key_read(const struct http_request *request, const char *route,
                                  struct creation_key *key, struct error *error);

/* Note what the request means: two bodies that say the same in other bytes mean the same. */
MUST_CHECK bool creation_key_mean_event(struct creation_key *key, const struct event_input *input,
                                        struct error *error);
MUST_CHECK bool creation_key_mean_location(struct creation_key *key,
                                           const struct location *location, struct error *error);

/*
 * Whether something was created under @key, and then its @id; nothing is without a key.
 * ERROR_KEY_REUSED: the request then meant something else.
 */
MUST_CHECK bool creation_key_find(struct event_service *service, enum outbox_kind kind,
                                  const struct creation_key *key, bool *is_found,
                                  struct object_id *id, struct error *error);

/*
 * The id of what is created under a key that is given, for a client that chose none. It comes from the key and
 * the meaning, so that a repeat, and what it brings along under ids of its own, finds what the first one stored.
 */
struct object_id creation_key_id(const struct creation_key *key);

/* What the store keeps: NULL without a key. */
const struct catalogue_key *creation_key_stored(const struct creation_key *key);

#endif
