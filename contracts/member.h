/*
 * Members that several messages write alike: ids, moments, numbers that may be unknown. Only the
 * files of this folder use it. The getters note what is wrong with a member in @error, as those of
 * base/json.h do, and leave the value as it was when an optional member is absent or null.
 */
#ifndef EVENTS_CONTRACTS_MEMBER_H
#define EVENTS_CONTRACTS_MEMBER_H

#include "base/json.h"
#include "base/object_id.h"
#include "contracts/limits.h"

/* 24 hex digits, or null for none. An empty text is none as well; a required id is never none. */
void member_put_id(struct json_writer *writer, const char *name, const struct object_id *id);
bool member_get_id(const struct json *body, const char *name, enum json_need need,
                   struct object_id *id, struct error *error);

/* RFC 3339 text; read in any offset. */
void member_put_moment(struct json_writer *writer, const char *name, int64_t at_ms);
bool member_get_moment(const struct json *body, const char *name, enum json_need need,
                       int64_t *at_ms, struct error *error);

/* The same in whole seconds, 0 for not known, which is null on the wire. */
void member_put_date(struct json_writer *writer, const char *name, int64_t at_s);
bool member_get_date(const struct json *body, const char *name, int64_t *at_s, struct error *error);

/* A number, or null when it is negative: no limit. */
void member_put_limit(struct json_writer *writer, const char *name, int64_t limit);

/* A text of at most CONTRACT_TEXT_CHARACTERS_MAX characters; a required one has at least one. */
bool member_get_text(const struct json *object, const char *parent, const char *name,
                     enum json_need need, char text[CONTRACT_TEXT_BYTES], struct error *error);

/* `version`: 1 when it is absent. */
bool member_get_version(const struct json *body, int64_t *version, struct error *error);

#endif
