/* An event service over the memory backends, and requests as the server would hand them in. */
#ifndef EVENTS_TESTS_UNIT_EVENTSERVICE_SUPPORT_H
#define EVENTS_TESTS_UNIT_EVENTSERVICE_SUPPORT_H

#include "eventservice/event_service.h"

struct fixture {
    struct event_service service;
    struct database *database;
    struct event_emitter *emitter;
};

void fixture_init(struct fixture *fixture);
void fixture_clear(struct fixture *fixture);

/* From now on each list of events or locations leaves out one that cannot be read, and ends with ERROR_CORRUPT. */
void fixture_damage_lists(struct fixture *fixture);

/* What a handler answered. Texts are cut when they are long. */
struct answer {
    bool ok;
    int status;
    bool replayed;
    char tag[64]; /* ETag, with its quotes */
    char body[4096];
    struct error error;
};

/* @id, or the name in its place, and @body may be NULL. */
struct answer fixture_call(struct fixture *fixture, http_handler *handle, const char *id,
                           const char *body);

/* The same with one header. */
struct answer fixture_call_with(struct fixture *fixture, http_handler *handle, const char *id,
                                const char *body, struct http_header header);

/* Create something by @handle; its id. */
struct object_id_hex fixture_create(struct fixture *fixture, http_handler *handle,
                                    const char *body);

/* The body holds this piece of JSON. */
#define expect_says(answer_, piece_)                                                               \
    cr_expect(strstr((answer_).body, (piece_)), "%s lacks %s", (answer_).body, (piece_))

#endif
