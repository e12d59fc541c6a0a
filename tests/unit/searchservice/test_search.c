/* What is heard and what is then found, over the memory backend. */
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "persistence/memory_faults.h"
#include "searchservice/search_service.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define EVENT(last, version, name, place, start)                                                   \
    "{\"id\":\"00000000000000000000000" last "\",\"version\":" version ",\"name\":\"" name         \
    "\",\"location_id\":\"00000000000000000000000" place "\",\"start_date\":\"" start "\"}"
#define PLACE(last, version, name)                                                                 \
    "{\"id\":\"00000000000000000000000" last "\",\"version\":" version ",\"name\":\"" name "\"}"
#define REMOVED(last, version)                                                                     \
    "{\"id\":\"00000000000000000000000" last "\",\"version\":" version "}"

static struct database *database;
static struct search_service service;

static void begin(void)
{
    char url[64];
    struct error error = {0};

    log_setup(LOG_WARNING, LOG_FORMAT_TEXT, "test");
    cr_assert(random_init(&error));
    snprintf(url, sizeof(url), "memory:%llu", (unsigned long long)random_u64());
    const struct database_options options = {.backend = "memory", .url = url, .name = "test"};

    cr_assert(database_open(&options, &database, &error), "%s", error.text);
    service.copy = database_copy(database);
    service.found = database_search(database);
}

static void end(void)
{
    database_free(database);
}

TestSuite(event_search, .init = begin, .fini = end);
TestSuite(search_heard, .init = begin, .fini = end);

static struct delivery delivery_of(const char *name, const char *body)
{
    struct delivery delivery = {.verdict = DELIVERY_RETRY};

    snprintf(delivery.envelope.name, sizeof(delivery.envelope.name), "%s", name);
    delivery.envelope.body = body;
    delivery.envelope.body_bytes = strlen(body);
    return delivery;
}

static enum delivery_verdict hear(const char *name, const char *body)
{
    struct delivery delivery = delivery_of(name, body);

    search_heard(&service, &delivery, 1);
    return delivery.verdict;
}

/* The whole answer: a status above 299 is the error's text instead. */
static const char *search(const char *query)
{
    static char text[8192];
    CLEANUP(http_response_clear) struct http_response response = {0};
    const struct http_request request = {
        .method = "GET", .path = "/search", .query = query, .body = ""};
    struct error error = {0};

    http_response_init(&response);
    if (event_search(&service, &request, &response, &error))
        snprintf(text, sizeof(text), "%.*s%.*s", (int)response.headers.size_bytes,
                 response.headers.size_bytes ? response.headers.data : "",
                 (int)response.body.size_bytes, response.body.data);
    else
        snprintf(text, sizeof(text), "%d %s", error.code, error.details[0].pointer);
    return text;
}

static bool finds(const char *query, const char *text)
{
    return strstr(search(query), text) != NULL;
}

static void hear_season(void)
{
    cr_assert_eq(hear("location.created", PLACE("a", "1", "West Street")), DELIVERY_ACKNOWLEDGE);
    cr_assert_eq(hear("event.created", EVENT("1", "1", "Aida", "a", "2030-01-01T00:00:00Z")),
                 DELIVERY_ACKNOWLEDGE);
    cr_assert_eq(hear("event.created", EVENT("2", "1", "Jazz", "b", "2030-01-02T00:00:00Z")),
                 DELIVERY_ACKNOWLEDGE);
}

/* Entries of the index whose events the copy does not have; they stand before the season. */
static void index_gone(size_t n)
{
    struct search_entry *gone = memory_array(n, sizeof(*gone), NULL);
    struct error error = {0};

    cr_assert(gone);
    for (size_t i = 0; i < n; i++)
        gone[i] = (struct search_entry){
            .event_id = {.bytes = {(uint8_t)(i + 1)}}, .event_version = 1, .words = "aida"};
    cr_assert(search_store_put(service.found, gone, n, &error), "%s", error.text);
    memory_free(gone);
}

Test(event_search, shows_events_with_their_places)
{
    hear_season();

    cr_expect_str_eq(search("q=AIDA&place=street"),
                     "[{\"ID\":\"000000000000000000000001\",\"Name\":\"Aida\","
                     "\"StartDate\":1893456000,\"EndDate\":0,\"Hall\":\"\",\"Closed\":false,"
                     "\"Location\":{\"ID\":\"00000000000000000000000a\",\"Name\":\"West Street\","
                     "\"Address\":\"\",\"Country\":\"\"},\"Version\":1}]");
    cr_expect(finds("q=jazz", "\"Location\":null"));
    cr_expect_str_eq(search("q=jazz&place=street"), "[]");
    cr_expect_str_eq(search("place=aida"), "[]");
    cr_expect_str_eq(search("q=aida&from=1893456001"), "[]");
}

Test(event_search, links_the_next_page_of_a_full_one)
{
    hear_season();

    cr_expect(finds("limit=1", "Aida"));
    cr_expect(finds("limit=1", "rel=\"next\""));
    cr_expect_not(finds("limit=3", "rel=\"next\""));
}

/* A page that the index fills with what is gone would say that there is nothing. */
Test(event_search, fills_a_page_although_events_are_gone)
{
    hear_season();
    index_gone(3);

    cr_expect(finds("q=aida&limit=1", "Aida"));
    cr_expect_not(finds("q=aida&limit=1", "rel=\"next\""));
    cr_expect(finds("limit=1", "rel=\"next\""));
}

/* While the copy is behind, a small page may have thousands of them before it. */
Test(event_search, passes_over_many_events_that_are_gone_in_a_few_steps)
{
    enum {
        N_GONE = 250,
        N_STEPS = 4 /* of 2, 100, 100 and the rest */
    };
    char away[64];

    hear_season();
    index_gone(N_GONE);
    for (size_t i = 0; i < N_STEPS; i++)
        memory_faults_plan(database, "search.find", MEMORY_FAULT_NONE);
    memory_faults_plan(database, "search.find", MEMORY_FAULT_AWAY);

    cr_expect(finds("q=aida&limit=1", "Aida"));
    snprintf(away, sizeof(away), "%d ", ERROR_UNAVAILABLE);
    cr_expect_str_eq(search("q=aida"), away, "fewer steps");
}

Test(event_search, bears_damaged_entries_and_no_other_trouble)
{
    char away[64];

    hear_season();
    memory_faults_plan(database, "search.find", MEMORY_FAULT_DAMAGED);
    cr_expect_str_eq(search("q=aida"), "[]");

    snprintf(away, sizeof(away), "%d ", ERROR_UNAVAILABLE);
    memory_faults_plan(database, "search.find", MEMORY_FAULT_AWAY);
    cr_expect_str_eq(search("q=aida"), away);
    cr_expect(finds("q=aida", "Aida"));
}

Test(event_search, names_the_parameter_that_is_wrong)
{
    static const char *const rows[][2] = {
        {"q=...", "?q"},
        {"q=a&q=b", "?q"},
        {"place=%2E", "?place"},
        {"q=a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a", "?q"},
        {"from=yesterday", "?from"},
        {"limit=0", "?limit"},
        {"cursor=1", "?cursor"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char wanted[64];

        snprintf(wanted, sizeof(wanted), "%d %s", ERROR_INVALID, rows[i][1]);
        cr_expect_str_eq(search(rows[i][0]), wanted);
    }
}

Test(event_search, takes_texts_as_long_as_names_are)
{
    char query[sizeof("q=") + TEXT_CHARACTERS_MAX + 1] = "q=";
    char wanted[64];

    memset(query + 2, 'a', TEXT_CHARACTERS_MAX);
    cr_expect_str_eq(search(query), "[]");

    query[2 + TEXT_CHARACTERS_MAX] = 'a';
    snprintf(wanted, sizeof(wanted), "%d ?q", ERROR_INVALID);
    cr_expect_str_eq(search(query), wanted);
}

Test(search_heard, follows_an_event_and_its_place_in_any_order)
{
    hear_season();
    cr_expect_str_eq(search("place=hall"), "[]");

    hear("location.created", PLACE("b", "2", "Jazz Hall"));
    cr_expect(finds("place=hall", "\"Jazz\""));
    hear("location.updated", PLACE("b", "1", "Old Name"));
    cr_expect_str_eq(search("place=old"), "[]");
    hear("event.updated", EVENT("1", "3", "Nabucco", "b", "2030-01-03T00:00:00Z"));
    hear("event.updated", EVENT("1", "2", "Tosca", "a", "2030-01-03T00:00:00Z"));
    cr_expect(finds("q=nabucco&place=hall", "\"Version\":3"));
    cr_expect_str_eq(search("place=west"), "[]");

    hear("event.removed", REMOVED("1", "4"));
    hear("event.updated", EVENT("1", "3", "Nabucco", "b", "2030-01-03T00:00:00Z"));
    cr_expect_str_eq(search("q=nabucco"), "[]");
    hear("location.removed", REMOVED("b", "3"));
    cr_expect(finds("q=jazz", "Jazz Hall"));
}

Test(search_heard, takes_a_batch_and_parks_what_is_malformed)
{
    struct delivery deliveries[] = {
        delivery_of("event.created", EVENT("1", "1", "Aida", "a", "2030-01-01T00:00:00Z")),
        delivery_of("event.created", "{"),
        delivery_of("location.created", PLACE("a", "1", "West Street")),
        delivery_of("event.booked", "{}"),
    };

    search_heard(&service, deliveries, ARRAY_SIZE(deliveries));

    cr_expect_eq(deliveries[0].verdict, DELIVERY_ACKNOWLEDGE, "%s", deliveries[0].reason);
    cr_expect_eq(deliveries[1].verdict, DELIVERY_PARK);
    cr_expect_eq(deliveries[2].verdict, DELIVERY_ACKNOWLEDGE, "%s", deliveries[2].reason);
    cr_expect_eq(deliveries[3].verdict, DELIVERY_PARK);
    cr_expect(deliveries[0].changed && deliveries[2].changed);
    cr_expect(finds("q=aida&place=west", "Aida"));
}

Test(search_heard, keeps_what_it_cannot_store)
{
    static const char *const operations[] = {"copy.put_locations", "copy.put_events",
                                             "search.events", "search.put"};
    static const char body[] = EVENT("1", "1", "Aida", "a", "2030-01-01T00:00:00Z");
    struct delivery deliveries[] = {
        delivery_of("location.created", PLACE("a", "1", "West Street")),
        delivery_of("event.created", body),
    };

    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        memory_faults_plan(database, operations[i], MEMORY_FAULT_AWAY);
        search_heard(&service, deliveries, ARRAY_SIZE(deliveries));
        cr_expect_eq(deliveries[0].verdict, DELIVERY_RETRY, "%s", operations[i]);
        cr_expect_eq(deliveries[1].verdict, DELIVERY_RETRY, "%s", operations[i]);
    }
    search_heard(&service, deliveries, ARRAY_SIZE(deliveries));
    cr_expect_eq(deliveries[1].verdict, DELIVERY_ACKNOWLEDGE);
    cr_expect(finds("q=aida&place=west", "Aida"));
}

Test(search_heard, parks_what_meets_damage_and_finds_the_others)
{
    static const char *const operations[] = {"copy.put_events", "search.events", "search.put"};
    struct delivery deliveries[] = {
        delivery_of("event.created", EVENT("1", "1", "Aida", "a", "2030-01-01T00:00:00Z")),
        delivery_of("event.created", EVENT("2", "1", "Tosca", "a", "2030-01-01T00:00:00Z")),
    };

    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        deliveries[0].verdict = deliveries[1].verdict = DELIVERY_RETRY;
        for (int times = 0; times < 2; times++)
            memory_faults_plan(database, operations[i], MEMORY_FAULT_DAMAGED);
        search_heard(&service, deliveries, ARRAY_SIZE(deliveries));
        cr_expect_eq(deliveries[0].verdict, DELIVERY_PARK, "%s", operations[i]);
        cr_expect_eq(deliveries[1].verdict, DELIVERY_ACKNOWLEDGE, "%s", operations[i]);
        cr_expect(finds("q=tosca", "Tosca"));
    }
}

/* More events at one place than fit into one batch of the index. */
Test(search_heard, finds_all_events_of_a_place_by_its_new_name)
{
    enum {
        N_EVENTS = 150
    };
    size_t n = 0;

    hear("location.created", PLACE("a", "1", "Old"));
    for (int i = 0; i < N_EVENTS; i++) {
        char body[256];

        snprintf(body, sizeof(body),
                 "{\"id\":\"%024x\",\"version\":1,\"name\":\"E\",\"location_id\":"
                 "\"00000000000000000000000a\"}",
                 i + 1);
        cr_assert_eq(hear("event.created", body), DELIVERY_ACKNOWLEDGE);
    }
    hear("location.updated", PLACE("a", "2", "New"));

    struct search_hit hits[N_EVENTS + 1];
    const struct search_page page = {.limit = N_EVENTS + 1, .words = "@new"};
    struct error error = {0};

    cr_assert(search_store_find(service.found, &page, hits, &n, &error));
    cr_expect_eq(n, N_EVENTS);
}
