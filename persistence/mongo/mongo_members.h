/*
 * Members of documents as rows: name, type, bounds, and where in a struct the value lives. Writing
 * and reading go by the same rows, so they cannot drift apart.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_MEMBERS_H
#define EVENTS_PERSISTENCE_MONGO_MEMBERS_H

#include "base/error.h"
#include "base/object_id.h"

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mongo_type {
    MONGO_ID,     /* struct object_id */
    MONGO_TEXT,   /* char[] */
    MONGO_BOOL,   /* bool */
    MONGO_INT32,  /* int32_t, within bounds */
    MONGO_INT64,  /* int64_t, within bounds */
    MONGO_UINT64, /* uint64_t, stored as the int64 of the same bits */
};

/* How "none" is stored: the id none, the text "", false, or the number @none. */
enum mongo_none {
    MONGO_WRITTEN, /* like any other value; a missing member is corrupt */
    MONGO_NULL,    /* as null; a missing member is corrupt */
    MONGO_ABSENT,  /* not at all */
};

struct mongo_member {
    const char *name;
    enum mongo_type type;
    enum mongo_none none_is;
    size_t offset;
    size_t size_bytes;
    int64_t none; /* of a number */
    int64_t min;
    int64_t max;
};

#define MONGO_MEMBER(name_, type_, none_is_, struct_, member_)                                     \
    MONGO_NUMBER(name_, type_, none_is_, struct_, member_, 0, 0, 0)

#define MONGO_NUMBER(name_, type_, none_is_, struct_, member_, none_, min_, max_)                  \
    {                                                                                              \
        .name = (name_), .type = (type_), .none_is = (none_is_),                                   \
        .offset = offsetof(struct_, member_), .size_bytes = sizeof(((struct_ *)NULL)->member_),    \
        .none = (none_), .min = (min_), .max = (max_)                                              \
    }

enum {
    MONGO_MEMBERS_MAX = 32
};

/* All rows of one struct. */
struct mongo_record {
    const struct mongo_member *members;
    size_t n_members;
    size_t size_bytes; /* of the struct */
};

#define MONGO_RECORD(members_, struct_)                                                            \
    {                                                                                              \
        .members = (members_), .n_members = ARRAY_SIZE(members_), .size_bytes = sizeof(struct_)    \
    }

/* Append the members of the struct at @value; an array of such structs, unless it is empty. */
void mongo_record_append(bson_t *document, const struct mongo_record *record, const void *value);
void mongo_records_append(bson_t *document, const char *name, const struct mongo_record *record,
                          const void *values, size_t n_values);

/*
 * Read the members that follow @document into the struct at @value. Members without a row are
 * passed over. ERROR_CORRUPT names the member that is missing, twice there, of another type or out
 * of its bounds; @value is then half written.
 */
MUST_CHECK bool mongo_record_read(const bson_iter_t *document, const struct mongo_record *record,
                                  void *value, struct error *error);

/*
 * An array of a document: count its items, absent counts as none; then read them into an array with
 * room for all. ERROR_CORRUPT.
 */
struct mongo_items {
    const char *name;
    bson_iter_t iter; /* before the first item */
    size_t n_items;
};

MUST_CHECK bool mongo_items_find(const bson_t *document, const char *name,
                                 struct mongo_items *items, struct error *error);
MUST_CHECK bool mongo_items_read(const struct mongo_items *items, const struct mongo_record *record,
                                 void *values, struct error *error);

/* Ids as the driver wants them. */
void mongo_append_id(bson_t *document, const char *name, const struct object_id *id);
struct object_id mongo_id_of(const bson_iter_t *iter); /* the iterator holds one */

#endif
