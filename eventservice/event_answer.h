/* What requests about one event or location are answered with: the body, and its entity tag. */
#ifndef EVENTS_EVENTSERVICE_EVENT_ANSWER_H
#define EVENTS_EVENTSERVICE_EVENT_ANSWER_H

#include "eventservice/event_service.h"

MUST_CHECK bool event_answer(struct http_response *response, const struct event_view *view,
                             struct error *error);
MUST_CHECK bool location_answer(struct http_response *response, const struct location *location,
                                struct error *error);

/* The same with status 201 and `Location`. */
MUST_CHECK bool event_answer_created(struct http_response *response, const struct event_view *view,
                                     struct error *error);
MUST_CHECK bool location_answer_created(struct http_response *response,
                                        const struct location *location, struct error *error);

/* The same for reading: 304 without a body when the client has it already. */
MUST_CHECK bool location_answer_read(const struct http_request *request,
                                     struct http_response *response,
                                     const struct location *location, struct error *error);

/* And by name, which another thing may bear the next time: the tag tells them apart by their ids. */
MUST_CHECK bool event_answer_named(const struct http_request *request,
                                   struct http_response *response, const struct event_view *view,
                                   struct error *error);
MUST_CHECK bool location_answer_named(const struct http_request *request,
                                      struct http_response *response,
                                      const struct location *location, struct error *error);

/* 204 */
void event_answer_removed(struct http_response *response);

#endif
