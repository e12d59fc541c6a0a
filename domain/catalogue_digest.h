/*
 * A number that stands for all events, or all locations, of a store: equal catalogues have equal
 * digests, whatever order they were read in, and different ones differ (by chance alike once in 2^64).
 *
 * Each item is hashed by itself, over its kind, id and all members that travel in messages, version and
 * tombstones included; the digest is the sum of the hashes. It is taken over the models and not over
 * messages, because models are what the stores of both services hold; so it lies here, below both. The
 * name of its location, which an event's message carries too, is the location's and counts there. Of a
 * tombstone there are only id and version: the message that removes says no more.
 *
 * A value that owns nothing; {0} is the digest of an empty store.
 */
#ifndef EVENTS_DOMAIN_CATALOGUE_DIGEST_H
#define EVENTS_DOMAIN_CATALOGUE_DIGEST_H

#include "domain/catalogue_item.h"

struct catalogue_digest {
    uint64_t sum;
    int64_t n_items;   /* tombstones and flawed ones included */
    int64_t n_removed; /* tombstones */
    int64_t n_flawed;  /* documents that cannot be read; they make the digest differ */
};

uint64_t catalogue_item_hash(const struct catalogue_item *item);
void catalogue_digest_add(struct catalogue_digest *digest, const struct catalogue_item *item);
bool catalogue_digest_equal(const struct catalogue_digest *a, const struct catalogue_digest *b);

/*
 * The lower 48 bits, for metrics: Prometheus keeps doubles, which hold whole numbers up to 2^53, and a
 * label with the digest would make a new series at every change.
 */
int64_t catalogue_digest_short(const struct catalogue_digest *digest);

#endif
