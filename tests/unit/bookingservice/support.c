#include "support.h"

#include "base/clock.h"
#include "base/random.h"
#include "bookingservice/booking_metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void landed(void *context, const struct ledger_entry *entry)
{
    (void)context;
    booking_metrics_landed(entry);
}

void fixture_init(struct fixture *fixture)
{
    struct booking_service *service = &fixture->service;
    char url[64];
    struct error error = {0};

    memset(fixture, 0, sizeof(*fixture));
    cr_assert(random_init(&error));
    snprintf(url, sizeof(url), "memory:%llu", (unsigned long long)random_u64());
    const struct database_options options = {.backend = "memory", .url = url, .name = "test"};

    cr_assert(database_open(&options, &fixture->database, &error), "%s", error.text);
    service->copy = database_copy(fixture->database);
    service->ledgers = database_ledger(fixture->database);
    service->users = database_users(fixture->database);
    service->runtime.config.seats_per_booking = 10;
    booking_service_init_reads(service);
    const struct ledger_options ledger = {
        .store = service->ledgers, .waiting_max = 64, .landed = landed};

    cr_assert(ledger_open(&ledger, &service->ledger, &error), "%s", error.text);
}

void fixture_clear(struct fixture *fixture)
{
    ledger_stop(fixture->service.ledger, 1000);
    database_free(fixture->database);
}

int64_t fixture_deadline_ms(void)
{
    return clock_monotonic_ms() + 20000;
}

struct object_id fixture_event(struct fixture *fixture, int64_t capacity)
{
    struct ledger_change change = {
        .event_id = object_id_random(), .event_version = 1, .capacity = capacity};
    struct error error = {0};

    cr_assert(ledger_take_over(fixture->service.ledger, &change, 1, fixture_deadline_ms(), &error),
              "%s", error.text);
    return change.event_id;
}

/* As if they came only then: on a slow machine their time would be over. */
struct http_request request_to_book(const char *event_id, const char *key, const char *body)
{
    struct http_request request = {
        .method = "POST",
        .path = "/events/x/bookings",
        .parameters = {{"id", event_id}},
        .n_parameters = 1,
        .body = body,
        .body_bytes = strlen(body),
        .received_ms = fixture_deadline_ms(),
    };

    if (key)
        request.headers[request.n_headers++] = (struct http_header){"Idempotency-Key", key};
    return request;
}

struct http_request request_for(const char *name, const char *value)
{
    return (struct http_request){
        .method = "GET",
        .path = "/x",
        .parameters = {{name, value}},
        .n_parameters = 1,
        .body = "",
        .received_ms = fixture_deadline_ms(),
    };
}

static void take_text(const struct buffer *buffer, char *text, size_t size_bytes)
{
    if (buffer->size_bytes)
        snprintf(text, size_bytes, "%.*s", (int)buffer->size_bytes, buffer->data);
}

struct answer fixture_call(struct fixture *fixture, http_handler *handle,
                           const struct http_request *request)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct answer answer = {0};

    http_response_init(&response);
    answer.ok = http_handle(handle, &fixture->service, request, &response, &answer.error);
    answer.status = response.status;
    take_text(&response.headers, answer.headers, sizeof(answer.headers));
    take_text(&response.body, answer.body, sizeof(answer.body));
    answer.replayed = http_response_has_header(&response, "Idempotency-Replayed");
    return answer;
}
