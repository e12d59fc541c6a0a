/* A body of a request for an event, a location or a user: what is accepted reads back from what we show of it. */
#include "base/memory.h"
#include "bookingservice/user_body.h"
#include "eventservice/event_input.h"
#include "service/event_body.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum {
    INPUT_BYTES_MAX = 64 * 1024,
    BODY_BYTES_MAX = 1024 * 1024
};

static void must_name_member(const struct error *error)
{
    fuzz_must_be_refusal(error);
    MUST(error->code == ERROR_INVALID && error->n_details > 0);
}

static struct json *read_back(const struct buffer *body)
{
    struct json *document = NULL;

    MUST(buffer_ok(body, NULL) && json_parse(body->data, body->size_bytes, &document, NULL));
    return document;
}

/* ---- events ---- */

static void must_be_event(const struct event *event)
{
    MUST(event->name[0] && utf8_length(event->name) <= TEXT_CHARACTERS_MAX);
    MUST(event->capacity >= CAPACITY_UNKNOWN && event->capacity <= CAPACITY_MAX);
    MUST(event->start_s >= 0 && event->start_s <= SECONDS_MAX);
    MUST(event->end_s >= 0 && event->end_s <= SECONDS_MAX && event->duration_minutes >= 0);
    MUST(!event->start_s || !event->end_s || event->end_s >= event->start_s);
}

static void must_be_location(const struct location *location)
{
    MUST(location->n_halls <= HALLS_MAX && (location->halls || !location->n_halls));
    MUST(location->open_hour >= 0 && location->open_hour <= HOUR_MAX);
    MUST(location->close_hour >= 0 && location->close_hour <= HOUR_MAX);
    for (size_t i = 0; i < location->n_halls; i++)
        MUST(location->halls[i].name[0] && location->halls[i].capacity >= 0 &&
             location->halls[i].capacity <= CAPACITY_MAX);
}

static void must_be_same(const struct event *a, const struct event *b)
{
    MUST(object_id_equal(&a->id, &b->id) && object_id_equal(&a->location_id, &b->location_id));
    MUST(strcmp(a->name, b->name) == 0 && strcmp(a->hall, b->hall) == 0);
    MUST(a->capacity == b->capacity && a->closed == b->closed);
    MUST(a->duration_minutes == b->duration_minutes);
    MUST(a->start_s == b->start_s && a->end_s == b->end_s);
}

/* As GET shows it, PUT takes it: the same event. */
static void show_event(const struct event_input *input)
{
    CLEANUP(buffer_clear) struct buffer body = {0};
    CLEANUP(event_input_clear) struct event_input again = {0};
    struct json_writer writer = JSON_WRITER(&body);
    const struct event_view view = {.event = input->event};
    struct json *document;

    buffer_init(&body, BODY_BYTES_MAX);
    event_body_write(&writer, NULL, &view, 0);
    document = read_back(&body);
    MUST(event_input_read(document, NULL, &again, NULL));
    must_be_same(&input->event, &again.event);
    MUST(!again.brings_location && again.names_capacity && again.names_place);
    json_free(document);
}

/* What does not stand in the body stays, and what is null there is empty. */
static void must_keep(const struct json *body, const struct event *base, const struct event *event)
{
    MUST(json_member(body, "Name") || strcmp(event->name, base->name) == 0);
    MUST(json_member(body, "Hall") || strcmp(event->hall, base->hall) == 0);
    MUST(json_member(body, "StartDate") || event->start_s == base->start_s);
    MUST(json_member(body, "EndDate") || event->end_s == base->end_s);
    MUST(json_member(body, "Closed") || event->closed == base->closed);
    MUST(json_member(body, "Duration") || event->duration_minutes == base->duration_minutes);
    MUST(!json_is_null(json_member(body, "Hall")) || !event->hall[0]);
    MUST(!json_is_null(json_member(body, "StartDate")) || !event->start_s);
    MUST(!json_is_null(json_member(body, "EndDate")) || !event->end_s);
}

static void read_event(const struct json *body, const struct event *base)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    if (!event_input_read(body, base, &input, &error)) {
        must_name_member(&error);
        return;
    }
    must_be_event(&input.event);
    must_keep(body, base ? base : &(struct event){0}, &input.event);
    must_be_location(&input.location);
    MUST(input.brings_location == (input.location.name[0] != '\0'));
    show_event(&input);
}

/* ---- locations ---- */

static void show_location(const struct location *location)
{
    CLEANUP(buffer_clear) struct buffer body = {0};
    CLEANUP(location_clear) struct location again = {0};
    struct json_writer writer = JSON_WRITER(&body);
    struct json *document;

    buffer_init(&body, BODY_BYTES_MAX);
    location_body_write(&writer, NULL, location);
    document = read_back(&body);
    MUST(location_input_read(document, "", true, &again, NULL));
    MUST(object_id_equal(&again.id, &location->id) && strcmp(again.name, location->name) == 0);
    MUST(strcmp(again.address, location->address) == 0);
    MUST(strcmp(again.country, location->country) == 0);
    MUST(again.open_hour == location->open_hour && again.close_hour == location->close_hour);
    MUST(again.n_halls == location->n_halls);
    for (size_t i = 0; i < again.n_halls; i++)
        MUST(strcmp(again.halls[i].name, location->halls[i].name) == 0 &&
             strcmp(again.halls[i].location, location->halls[i].location) == 0 &&
             again.halls[i].capacity == location->halls[i].capacity);
    json_free(document);
}

static void read_location(const struct json *body, bool strict)
{
    CLEANUP(location_clear) struct location location = {0};
    struct error error = {0};

    if (!location_input_read(body, "/Location", strict, &location, &error)) {
        must_name_member(&error);
        return;
    }
    must_be_location(&location);
    if (location_check(&location, "", &error))
        show_location(&location);
    else
        must_name_member(&error);
}

/* ---- users ---- */

static void read_user(const struct json *body)
{
    CLEANUP(buffer_clear) struct buffer written = {0};
    struct json_writer writer = JSON_WRITER(&written);
    struct user user = {.age = -1};
    struct user again = {0};
    struct error error = {0};
    struct json *document;

    if (!user_body_read(body, &user, &error)) {
        must_name_member(&error);
        MUST(user.age == -1 && !user.first[0]);
        return;
    }
    MUST(user.first[0] && user.age >= 0 && user.age <= AGE_MAX);
    buffer_init(&written, BODY_BYTES_MAX);
    user_body_write(&writer, &user);
    document = read_back(&written);
    MUST(user_body_read(document, &again, NULL) && strcmp(again.first, user.first) == 0);
    MUST(strcmp(again.last, user.last) == 0 && again.age == user.age);
    json_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct event base = {.name = "Jazz", .hall = "Blue", .start_s = 10, .end_s = 20};
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    CLEANUP(json_freep) struct json *body = NULL;

    if (!json_parse(input.at, input.left_bytes, &body, NULL) || !json_is_object(body))
        return 0;
    read_event(body, NULL);
    read_event(body, &base);
    read_location(body, false);
    read_location(body, true);
    read_user(body);
    return 0;
}
