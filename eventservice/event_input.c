#include "eventservice/event_input.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdio.h>

enum {
    DURATION_MINUTES_MAX = 10000000
};

/* A name is there already, or has to come. */
static bool read_required_name(const struct json *body, const char *parent, char name[TEXT_BYTES],
                               struct error *error)
{
    bool may_lack = name[0] && !json_member(body, "Name");

    return json_get_text(body, parent, "Name", may_lack ? JSON_OPTIONAL : JSON_REQUIRED, 1,
                         TEXT_CHARACTERS_MAX, name, TEXT_BYTES, error);
}

static bool is_null(const struct json *body, const char *name)
{
    const struct json *value = json_member(body, name);

    return value && json_is_null(value);
}

static bool read_text(const struct json *body, const char *parent, const char *name,
                      char text[TEXT_BYTES], struct error *error)
{
    if (is_null(body, name))
        text[0] = '\0';
    return json_get_text(body, parent, name, JSON_OPTIONAL, 0, TEXT_CHARACTERS_MAX, text,
                         TEXT_BYTES, error);
}

static bool read_hour(const struct json *body, const char *parent, const char *name, int64_t *hour,
                      struct error *error)
{
    if (is_null(body, name))
        *hour = 0;
    return json_get_integer(body, parent, name, JSON_OPTIONAL, 0, HOUR_MAX, hour, error);
}

/* A moment in unix seconds or as RFC 3339 text; 0, null or absent: not known. */
static bool read_moment(const struct json *body, const char *name, int64_t *seconds,
                        struct error *error)
{
    const struct json *value = json_member(body, name);
    const char *text = json_text(value);
    char pointer[ERROR_POINTER_BYTES];
    int64_t ms;

    if (is_null(body, name))
        *seconds = 0;
    if (!text)
        return json_get_integer(body, "", name, JSON_OPTIONAL, 0, SECONDS_MAX, seconds, error);
    snprintf(pointer, sizeof(pointer), "/%s", name);
    if (!clock_parse(text, &ms))
        return error_detail(error, pointer,
                            "must be unix seconds or a time such as "
                            "2026-11-21T20:00:00Z");
    if (ms < 0)
        return error_detail(error, pointer, "must not lie before 1970");
    *seconds = ms / 1000;
    return true;
}

/* The client's choice of an id: absent, null and empty mean none. */
static bool read_id(const struct json *body, const char *parent, const char *name, bool strict,
                    struct object_id *id, struct error *error)
{
    const struct json *value = json_member(body, name);
    const char *text = json_text(value);
    char pointer[ERROR_POINTER_BYTES];

    if (!value || json_is_null(value) || (text && !text[0]))
        return true;
    if (text && object_id_parse(text, id))
        return true;
    if (!strict)
        return true;
    snprintf(pointer, sizeof(pointer), "%s/%s", parent, name);
    return error_detail(error, pointer, "must be 24 hexadecimal digits");
}

static bool read_hall(const struct json *value, const char *parent, struct hall *hall,
                      struct error *error)
{
    if (!json_is_object(value))
        return error_detail(error, parent, "must be an object");

    bool name = json_get_text(value, parent, "name", JSON_REQUIRED, 1, TEXT_CHARACTERS_MAX,
                              hall->name, sizeof(hall->name), error);
    bool place = json_get_text(value, parent, "location", JSON_OPTIONAL, 0, TEXT_CHARACTERS_MAX,
                               hall->location, sizeof(hall->location), error);
    bool capacity = json_get_integer(value, parent, "capacity", JSON_REQUIRED, 0, CAPACITY_MAX,
                                     &hall->capacity, error);
    return name && place && capacity;
}

static bool read_halls(const struct json *body, const char *parent, struct location *location,
                       struct error *error)
{
    const struct json *halls = json_member(body, "Halls");
    char pointer[ERROR_POINTER_BYTES];
    bool all = true;

    if (!halls)
        return true;
    memory_free(location->halls);
    location->halls = NULL;
    location->n_halls = 0;
    if (json_is_null(halls))
        return true;
    snprintf(pointer, sizeof(pointer), "%s/Halls", parent);
    if (!json_is_array(halls))
        return error_detail(error, pointer, "must be an array");
    if (json_size(halls) > HALLS_MAX)
        return error_detail(error, pointer, "must have at most %d halls", HALLS_MAX);
    if (!location_make_halls(location, json_size(halls), error))
        return false;
    for (size_t i = 0; i < location->n_halls; i++) {
        snprintf(pointer, sizeof(pointer), "%s/Halls/%zu", parent, i);
        all = read_hall(json_item(halls, i), pointer, &location->halls[i], error) && all;
    }
    return all;
}

bool location_input_read(const struct json *body, const char *parent, bool strict,
                         struct location *location, struct error *error)
{
    bool ok = read_id(body, parent, "ID", strict, &location->id, error);

    ok = read_required_name(body, parent, location->name, error) && ok;
    ok = read_text(body, parent, "Address", location->address, error) && ok;
    ok = read_text(body, parent, "Country", location->country, error) && ok;
    ok = read_hour(body, parent, "OpenTime", &location->open_hour, error) && ok;
    ok = read_hour(body, parent, "CloseTime", &location->close_hour, error) && ok;
    return read_halls(body, parent, location, error) && ok;
}

/* GET shows an event without a location with empty members; such a body brings none along. */
static bool is_empty_location(const struct json *value)
{
    const char *id = json_text(json_member(value, "ID"));
    const char *name = json_text(json_member(value, "Name"));

    return id && !id[0] && name && !name[0];
}

static bool read_location(const struct json *body, struct event_input *input, struct error *error)
{
    const struct json *value = json_member(body, "Location");

    if (!read_id(body, "", "LocationID", true, &input->event.location_id, error))
        return false;
    if (!value || json_is_null(value) || (json_is_object(value) && is_empty_location(value)))
        return true;
    if (!json_is_object(value))
        return error_detail(error, "/Location", "must be an object");
    input->brings_location = true;
    if (!read_id(value, "/Location", "ID", false, &input->location.id, error))
        return false;
    if (object_id_is_none(&input->event.location_id))
        input->event.location_id = input->location.id;
    /* A stored location is named by its id alone; what else stands there then does not matter. */
    if (!object_id_is_none(&input->location.id) && !json_member(value, "Name"))
        return !(input->brings_location = false);
    return location_input_read(value, "/Location", false, &input->location, error);
}

/* What the body says about seats and place is told apart from what the event had. */
static void note_names(const struct json *body, struct event_input *input)
{
    bool names_location = json_member(body, "Location") || json_member(body, "LocationID");

    input->names_capacity = json_member(body, "Capacity") != NULL;
    input->names_place = names_location || json_member(body, "Hall");
    input->event.id = (struct object_id){0};
    input->event.capacity = CAPACITY_UNKNOWN;
    if (names_location)
        input->event.location_id = (struct object_id){0};
    if (is_null(body, "Duration"))
        input->event.duration_minutes = 0;
    if (is_null(body, "Closed"))
        input->event.closed = false;
}

bool event_input_read(const struct json *body, const struct event *base, struct event_input *input,
                      struct error *error)
{
    struct event *event = &input->event;

    if (base)
        *event = *base;
    note_names(body, input);

    bool ok = read_id(body, "", "ID", true, &event->id, error);

    ok = read_required_name(body, "", event->name, error) && ok;
    ok = json_get_integer(body, "", "Duration", JSON_OPTIONAL, 0, DURATION_MINUTES_MAX,
                          &event->duration_minutes, error) &&
         ok;
    ok = read_moment(body, "StartDate", &event->start_s, error) && ok;
    ok = read_moment(body, "EndDate", &event->end_s, error) && ok;
    ok = read_text(body, "", "Hall", event->hall, error) && ok;
    ok = json_get_bool(body, "", "Closed", JSON_OPTIONAL, &event->closed, error) && ok;
    ok = json_get_integer(body, "", "Capacity", JSON_OPTIONAL, 0, CAPACITY_MAX, &event->capacity,
                          error) &&
         ok;
    ok = read_location(body, input, error) && ok;
    return ok && event_check(event, error);
}

void event_input_clear(struct event_input *input)
{
    location_clear(&input->location);
    *input = (struct event_input){0};
}
