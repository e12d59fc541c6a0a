#include "contracts/member.h"

#include "base/clock.h"

#include <stdio.h>

enum {
    MS_PER_S = 1000
};

static bool refuse(const char *name, const char *what, struct error *error)
{
    char pointer[ERROR_POINTER_BYTES];

    snprintf(pointer, sizeof(pointer), "/%s", name);
    return error_detail(error, pointer, "%s", what);
}

bool member_get_text(const struct json *object, const char *parent, const char *name,
                     enum json_need need, char text[CONTRACT_TEXT_BYTES], struct error *error)
{
    return json_get_text(object, parent, name, need, need == JSON_REQUIRED ? 1 : 0,
                         CONTRACT_TEXT_CHARACTERS_MAX, text, CONTRACT_TEXT_BYTES, error);
}

void member_put_id(struct json_writer *writer, const char *name, const struct object_id *id)
{
    if (object_id_is_none(id))
        json_put_null(writer, name);
    else
        json_put_text(writer, name, object_id_hex(id).text);
}

bool member_get_id(const struct json *body, const char *name, enum json_need need,
                   struct object_id *id, struct error *error)
{
    char text[CONTRACT_TEXT_BYTES] = "";
    struct object_id read = {0};

    if (!member_get_text(body, "", name, need, text, error))
        return false;
    if (text[0] == '\0')
        return true;
    if (!object_id_parse(text, &read))
        return refuse(name, "must be an id of 24 hex digits", error);
    if (need == JSON_REQUIRED && object_id_is_none(&read))
        return refuse(name, "must not be all zeros", error);
    *id = read;
    return true;
}

void member_put_moment(struct json_writer *writer, const char *name, int64_t at_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(at_ms, text);
    json_put_text(writer, name, text);
}

bool member_get_moment(const struct json *body, const char *name, enum json_need need,
                       int64_t *at_ms, struct error *error)
{
    char text[CONTRACT_TEXT_BYTES] = "";

    if (!member_get_text(body, "", name, need, text, error))
        return false;
    if (need == JSON_OPTIONAL && text[0] == '\0')
        return true;
    if (!clock_parse(text, at_ms))
        return refuse(name, "must be a date and time as in RFC 3339", error);
    return true;
}

void member_put_date(struct json_writer *writer, const char *name, int64_t at_s)
{
    if (at_s == 0)
        json_put_null(writer, name);
    else
        member_put_moment(writer, name, at_s * MS_PER_S);
}

bool member_get_date(const struct json *body, const char *name, int64_t *at_s, struct error *error)
{
    /* 0001-01-01T00:00:00Z, which programs in Go write for a date that was never set. */
    const int64_t never_ms = INT64_C(-62135596800000);
    int64_t at_ms = 0;

    if (!member_get_moment(body, name, JSON_OPTIONAL, &at_ms, error))
        return false;
    *at_s = at_ms == never_ms ? 0 : at_ms / MS_PER_S;
    return true;
}

void member_put_limit(struct json_writer *writer, const char *name, int64_t limit)
{
    if (limit < 0)
        json_put_null(writer, name);
    else
        json_put_integer(writer, name, limit);
}

bool member_get_version(const struct json *body, int64_t *version, struct error *error)
{
    *version = 1;
    return json_get_integer(body, "", "version", JSON_OPTIONAL, 1, CONTRACT_NUMBER_MAX, version,
                            error);
}
