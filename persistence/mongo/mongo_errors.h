/*
 * What the driver's answers prove. Everything that is not certain is MONGO_UNKNOWN: the write may
 * have landed or may yet land, and only the same write sent again, or a majority read, can tell.
 * Pure: over whether the driver was content, the reply it made, and its error.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_ERRORS_H
#define EVENTS_PERSISTENCE_MONGO_ERRORS_H

#include "base/error.h"

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stddef.h>

enum mongo_outcome {
    MONGO_DONE,     /* acknowledged by a majority, journalled */
    MONGO_TAKEN,    /* the `_id` is taken, and no write concern error; durable only when read */
    MONGO_REPEATED, /* a key of another unique index is taken; the same holds */
    MONGO_NOT_SENT, /* there was no server to send it to */
    MONGO_REFUSED, /* the server does not take such a command: our own mistake, or we lack the right */
    MONGO_UNKNOWN,
};

/* What an error says about one write or read that is not mentioned in a list of write errors. */
enum mongo_outcome mongo_outcome_of(const bson_error_t *error);

/* What became of each of the @n writes of one unordered bulk. */
void mongo_outcomes_of(bool ok, const bson_t *reply, const bson_error_t *error, size_t n,
                       enum mongo_outcome *outcomes);

/*
 * A read failed: ERROR_UNAVAILABLE, or ERROR_INTERNAL when the server refuses it for something else than a missing
 * right. Returns false.
 */
bool mongo_read_error(const bson_error_t *cause, struct error *error);

/* A write ended with @outcome, which is not MONGO_DONE. Returns false. */
bool mongo_write_error(enum mongo_outcome outcome, const bson_error_t *cause, struct error *error);

#endif
