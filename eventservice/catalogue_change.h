/*
 * PUT, PATCH and DELETE of what the catalogue holds. A change starts from what was read and is stored
 * only over that version: who finds that another was first reads again and decides anew, If-Match
 * included; after twenty times ERROR_BUSY. What makes no difference is no new version and no message.
 */
#ifndef EVENTS_EVENTSERVICE_CATALOGUE_CHANGE_H
#define EVENTS_EVENTSERVICE_CATALOGUE_CHANGE_H

#include "eventservice/catalogue_tag.h"
#include "eventservice/event_service.h"

union catalogue_thing {
    struct event_view event;
    struct location location;
};

struct catalogue_change {
    struct event_service *service;
    const struct http_request *request;
    const struct json *body;
    struct object_id id; /* that of the path */
    bool is_partial;     /* the body says what becomes different; else it is the whole */
};

/* What an event or a location is to this: a table of functions. */
struct catalogue_noun {
    const char *name;
    bool (*read)(struct event_service *service, const struct object_id *id,
                 union catalogue_thing *item, struct error *error);
    struct catalogue_tag (*tag)(const union catalogue_thing *item);

    /* What the body makes of @current, which is NULL for a new one. It carries the version of @current. */
    bool (*decide)(const struct catalogue_change *change, const union catalogue_thing *current,
                   union catalogue_thing *item, struct error *error);
    bool (*is_same)(const union catalogue_thing *a, const union catalogue_thing *b);
    bool (*insert)(struct event_service *service, union catalogue_thing *item, struct error *error);
    bool (*store)(struct event_service *service, union catalogue_thing *item, struct error *error);
    bool (*remove)(struct event_service *service, const union catalogue_thing *item,
                   struct error *error);
    bool (*answer)(struct http_response *response, const union catalogue_thing *item,
                   struct error *error);
    bool (*answer_created)(struct http_response *response, const union catalogue_thing *item,
                           struct error *error);
    void (*clear)(union catalogue_thing *item);
};

/* ERROR_INVALID when @given, an id that stands in the body, is another than that of the path. */
MUST_CHECK bool catalogue_change_check_id(const struct catalogue_change *change,
                                          const struct object_id *given, struct error *error);

/* Requests on `{id}`. With @change->is_partial unset it may be new. Sets body and id of @change. */
MUST_CHECK bool catalogue_put(const struct catalogue_noun *noun, struct catalogue_change *change,
                              struct http_response *response, struct error *error);
MUST_CHECK bool catalogue_remove(const struct catalogue_noun *noun, struct catalogue_change *change,
                                 struct http_response *response, struct error *error);

#endif
