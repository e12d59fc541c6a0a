#include "contracts/event_booked.h"

#include "contracts/member.h"

void event_booked_encode(const struct event_booked *message, const char *moment,
                         struct json_writer *writer)
{
    json_open_object(writer, NULL);
    member_put_id(writer, "eventId", &message->event_id);
    member_put_id(writer, "userId", &message->user_id);
    member_put_id(writer, "bookingId", &message->booking_id);
    json_put_integer(writer, "seats", message->seats);
    member_put_moment(writer, moment, message->at_ms);
    json_put_integer(writer, "seatsSold", message->seats_sold);
    member_put_limit(writer, "seatsLeft", message->seats_left);
    json_put_integer(writer, "entry", message->entry);
    json_close_object(writer);
}

static bool decode_sums(const struct json *body, struct event_booked *read, struct error *error)
{
    bool fine = json_get_integer(body, "", "seatsSold", JSON_REQUIRED, 0, CONTRACT_NUMBER_MAX,
                                 &read->seats_sold, error);

    fine &= json_get_integer(body, "", "seatsLeft", JSON_OPTIONAL, 0, CONTRACT_CAPACITY_MAX,
                             &read->seats_left, error);
    fine &= json_get_integer(body, "", "entry", JSON_REQUIRED, 0, CONTRACT_NUMBER_MAX, &read->entry,
                             error);
    return fine;
}

static bool decode_booking(const struct json *body, const char *moment, struct event_booked *read,
                           struct error *error)
{
    bool fine = member_get_id(body, "userId", JSON_OPTIONAL, &read->user_id, error);

    fine &= member_get_id(body, "bookingId", JSON_REQUIRED, &read->booking_id, error);
    fine &= json_get_integer(body, "", "seats", JSON_REQUIRED, 1, CONTRACT_CAPACITY_MAX,
                             &read->seats, error);
    fine &= member_get_moment(body, moment, JSON_REQUIRED, &read->at_ms, error);
    return fine;
}

bool event_booked_decode(const struct json *body, const char *moment, struct event_booked *message,
                         struct error *error)
{
    struct event_booked read = {.seats_left = -1, .entry = -1};
    bool fine = member_get_id(body, "eventId", JSON_REQUIRED, &read.event_id, error);

    if (json_member(body, "entry")) {
        fine &= decode_booking(body, moment, &read, error);
        fine &= decode_sums(body, &read, error);
    }
    if (fine)
        *message = read;
    return fine;
}
