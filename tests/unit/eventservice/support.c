#include "support.h"

#include "base/clock.h"
#include "base/random.h"
#include "persistence/backend.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

void fixture_init(struct fixture *fixture)
{
    struct event_service *service = &fixture->service;
    char url[64];
    struct error error = {0};

    memset(fixture, 0, sizeof(*fixture));
    cr_assert(random_init(&error));
    snprintf(url, sizeof(url), "memory:%llu", (unsigned long long)random_u64());
    const struct database_options options = {.backend = "memory", .url = url, .name = "test"};
    const struct event_emitter_options emitter = {.backend = "memory", .url = url};

    cr_assert(database_open(&options, &fixture->database, &error), "%s", error.text);
    cr_assert(event_emitter_open(&emitter, &fixture->emitter, &error), "%s", error.text);
    service->catalogue = database_catalogue(fixture->database);
    service->relay.catalogue = service->catalogue;
    service->relay.service_name = "eventservice";
    event_service_init_reads(service);
    const struct relay_options relay = {.source = catalogue_relay_source(&service->relay),
                                        .emitter = fixture->emitter};

    cr_assert(relay_open(&relay, &service->runtime.relay, &error), "%s", error.text);
}

void fixture_clear(struct fixture *fixture)
{
    relay_stop(fixture->service.runtime.relay, 1000);
    event_emitter_free(fixture->emitter);
    database_free(fixture->database);
}

static const struct catalogue_store_ops *whole;

static bool events_but_one(struct catalogue_store *store, const struct event_page *page,
                           event_visit *visit, void *context, struct error *error)
{
    return whole->events(store, page, visit, context, error) &&
           error_set(error, ERROR_CORRUPT, "one is damaged");
}

static bool locations_but_one(struct catalogue_store *store, const struct location_page *page,
                              location_visit *visit, void *context, struct error *error)
{
    return whole->locations(store, page, visit, context, error) &&
           error_set(error, ERROR_CORRUPT, "one is damaged");
}

void fixture_damage_lists(struct fixture *fixture)
{
    static struct catalogue_store_ops damaged;
    struct catalogue_store *catalogue = fixture->service.catalogue;

    whole = catalogue->ops;
    damaged = *whole;
    damaged.events = events_but_one;
    damaged.locations = locations_but_one;
    catalogue->ops = &damaged;
}

static void take_tag(const struct buffer *headers, char *tag, size_t size_bytes)
{
    char text[1024] = "";
    const char *found;

    if (headers->size_bytes)
        snprintf(text, sizeof(text), "%.*s", (int)headers->size_bytes, headers->data);
    found = strstr(text, "ETag: ");
    if (found)
        snprintf(tag, size_bytes, "%.*s", (int)strcspn(found + 6, "\r"), found + 6);
}

static struct answer call(struct fixture *fixture, http_handler *handle,
                          const struct http_request *request)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct answer answer = {0};

    http_response_init(&response);
    answer.ok = http_handle(handle, &fixture->service, request, &response, &answer.error);
    answer.status = response.status;
    answer.replayed = http_response_has_header(&response, "Idempotency-Replayed");
    take_tag(&response.headers, answer.tag, sizeof(answer.tag));
    if (response.body.size_bytes)
        snprintf(answer.body, sizeof(answer.body), "%.*s", (int)response.body.size_bytes,
                 response.body.data);
    return answer;
}

struct answer fixture_call_with(struct fixture *fixture, http_handler *handle, const char *id,
                                const char *body, struct http_header header)
{
    struct http_request request = {
        .method = "GET",
        .path = "/x",
        .parameters = {{"id", id}, {"name", id}},
        .n_parameters = id ? 2 : 0,
        .body = body ? body : "",
        .body_bytes = body ? strlen(body) : 0,
        .received_ms = clock_monotonic_ms(),
    };

    if (header.name)
        request.headers[request.n_headers++] = header;
    return call(fixture, handle, &request);
}

struct answer fixture_call(struct fixture *fixture, http_handler *handle, const char *id,
                           const char *body)
{
    return fixture_call_with(fixture, handle, id, body, (struct http_header){0});
}

struct object_id_hex fixture_create(struct fixture *fixture, http_handler *handle, const char *body)
{
    struct answer answer = fixture_call(fixture, handle, NULL, body);
    struct object_id_hex id = {0};
    const char *found = strstr(answer.body, "\"ID\":\"");

    cr_assert(answer.ok && found, "%s", answer.error.text);
    snprintf(id.text, sizeof(id.text), "%s", found + strlen("\"ID\":\""));
    return id;
}
