/* A booking as it is shown over HTTP. */
#ifndef EVENTS_BOOKINGSERVICE_BOOKING_BODY_H
#define EVENTS_BOOKINGSERVICE_BOOKING_BODY_H

#include "base/json.h"
#include "domain/booking.h"

void booking_body_write(struct json_writer *writer, const struct booking *booking);

#endif
