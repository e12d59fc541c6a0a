#include "bookingservice/booking_body.h"

#include "domain/booking_code.h"

void booking_body_write(struct json_writer *writer, const struct booking *booking)
{
    json_open_object(writer, NULL);
    json_put_text(writer, "ID", object_id_hex(&booking->id).text);
    json_put_text(writer, "Code", booking_code_of(&booking->id).text);
    json_put_text(writer, "EventID", object_id_hex(&booking->event_id).text);
    if (object_id_is_none(&booking->user_id))
        json_put_null(writer, "UserID");
    else
        json_put_text(writer, "UserID", object_id_hex(&booking->user_id).text);
    json_put_integer(writer, "Seats", booking->seats);
    json_put_integer(writer, "Date", booking->made_at_ms / 1000);
    json_put_text(writer, "Status", booking->cancelled ? "cancelled" : "booked");
    json_close_object(writer);
}
