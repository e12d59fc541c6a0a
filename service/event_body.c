#include "service/event_body.h"

void seats_body_write(struct json_writer *writer, const char *name, int64_t seats)
{
    if (seats == CAPACITY_UNKNOWN)
        json_put_null(writer, name);
    else
        json_put_integer(writer, name, seats);
}

int64_t seats_left_of(int64_t capacity, int64_t sold)
{
    if (capacity == CAPACITY_UNKNOWN)
        return CAPACITY_UNKNOWN;
    return capacity > sold ? capacity - sold : 0;
}

/* An id, or an empty text for none. */
static void put_id(struct json_writer *writer, const char *name, const struct object_id *id)
{
    json_put_text(writer, name, object_id_is_none(id) ? "" : object_id_hex(id).text);
}

static void write_halls(struct json_writer *writer, const struct location *location)
{
    json_open_array(writer, "Halls");
    for (size_t i = 0; i < location->n_halls; i++) {
        json_open_object(writer, NULL);
        json_put_text(writer, "name", location->halls[i].name);
        json_put_text(writer, "location", location->halls[i].location);
        json_put_integer(writer, "capacity", location->halls[i].capacity);
        json_close_object(writer);
    }
    json_close_array(writer);
}

/* The members that MyEvents always had, in its order. */
static void write_location_members(struct json_writer *writer, const struct location *location)
{
    put_id(writer, "ID", &location->id);
    json_put_text(writer, "Name", location->name);
    json_put_text(writer, "Address", location->address);
    json_put_text(writer, "Country", location->country);
    json_put_integer(writer, "OpenTime", location->open_hour);
    json_put_integer(writer, "CloseTime", location->close_hour);
    write_halls(writer, location);
}

void location_body_write(struct json_writer *writer, const char *name,
                         const struct location *location)
{
    json_open_object(writer, name);
    write_location_members(writer, location);
    json_put_integer(writer, "Version", location->version);
    json_close_object(writer);
}

void event_body_write(struct json_writer *writer, const char *name, const struct event_view *view,
                      int64_t seats_left)
{
    const struct event *event = &view->event;

    json_open_object(writer, name);
    put_id(writer, "ID", &event->id);
    json_put_text(writer, "Name", event->name);
    json_put_integer(writer, "Duration", event->duration_minutes);
    json_put_integer(writer, "StartDate", event->start_s);
    json_put_integer(writer, "EndDate", event->end_s);
    json_open_object(writer, "Location");
    write_location_members(writer, &view->location);
    json_close_object(writer);
    put_id(writer, "LocationID", &event->location_id);
    json_put_text(writer, "Hall", event->hall);
    seats_body_write(writer, "Capacity", event->capacity);
    json_put_bool(writer, "Closed", event->closed);
    seats_body_write(writer, "SeatsLeft", seats_left);
    json_put_integer(writer, "Version", event->version);
    json_close_object(writer);
}
