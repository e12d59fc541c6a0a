/* A user as shown over HTTP, and as read from a request. */
#ifndef EVENTS_BOOKINGSERVICE_USER_BODY_H
#define EVENTS_BOOKINGSERVICE_USER_BODY_H

#include "base/json.h"
#include "domain/user.h"

void user_body_write(struct json_writer *writer, const struct user *user);

/* The members that a client names; the id stays as it was. ERROR_INVALID names each that is bad. */
MUST_CHECK bool user_body_read(const struct json *body, struct user *user, struct error *error);

#endif
