#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "fetch.h"
#include "log_pipe.h"
#include "persistence/copy_store.h"
#include "service/health.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct database *database;
static struct copy_store *copy;
static struct digest digest;
static struct health *health;
static struct fetched fetched;
static _Atomic bool is_broken;

static bool scan(void *context, const struct catalogue_scan *scan, catalogue_item_visit *visit,
                 void *visit_context, struct error *error)
{
    (void)context;
    if (atomic_load(&is_broken))
        return error_set(error, ERROR_INTERNAL, "it is broken");
    return copy_store_scan(copy, scan, visit, visit_context, error);
}

static void start(void)
{
    static const struct database_options options = {.backend = "memory", .url = "digest"};
    const struct health_options port = {
        .listen = "127.0.0.1:0", .service_name = "bookingservice", .digest = &digest};

    log_pipe_open();
    cr_assert(random_init(NULL));
    cr_assert(database_open(&options, &database, NULL));
    copy = database_copy(database);
    digest.source.scan = scan;
    digest_init(&digest);
    cr_assert(health_open(&port, &health, NULL));
}

static void end(void)
{
    health_free(health);
    database_free(database);
}

TestSuite(digest, .init = start, .fini = end, .timeout = 30);

static void put_events(uint8_t first, uint8_t n)
{
    for (uint8_t i = first; i < first + n; i++) {
        const struct event event = {.id = {{1, i}}, .version = 1, .name = "Aida"};
        struct copy_event change = {.event = &event};

        cr_assert(copy_store_put_events(copy, &change, 1, NULL));
    }
}

static void remove_event(uint8_t number)
{
    const struct event event = {.id = {{1, number}}, .version = 2};
    struct copy_event change = {.event = &event, .removed = true};

    cr_assert(copy_store_put_events(copy, &change, 1, NULL));
}

/* The report of a walk that began after this was called. */
static struct digest_report next_report(void)
{
    static const struct timespec pause = {.tv_nsec = 1000000};
    const int64_t asked_ms = clock_wall_ms();
    struct digest_report report = {0};

    while (!digest_report(&digest, &report) || report.began_ms <= asked_ms)
        nanosleep(&pause, NULL);
    return report;
}

Test(digest, is_not_known_before_the_first_walk)
{
    struct digest_report report;

    cr_expect_not(digest_report(&digest, &report));
    fetch(health_port(health), "/digest", &fetched);
    cr_expect_eq(fetched.status, 503);
}

Test(digest, counts_more_than_a_page_of_everything)
{
    struct digest_report report;

    put_events(0, 250);
    remove_event(7);
    cr_assert(digest_start(&digest, NULL));
    report = next_report();
    digest_stop(&digest);

    cr_expect_eq(report.kinds[CATALOGUE_EVENT].n_items, 250);
    cr_expect_eq(report.kinds[CATALOGUE_EVENT].n_removed, 1);
    cr_expect_eq(report.kinds[CATALOGUE_EVENT].n_flawed, 0);
    cr_expect_eq(report.kinds[CATALOGUE_LOCATION].n_items, 0);
    cr_expect_neq(report.kinds[CATALOGUE_EVENT].sum, 0);
    cr_expect(report.began_ms > 0 && report.ended_ms >= report.began_ms);
}

Test(digest, follows_changes)
{
    struct digest_report first;
    struct digest_report second;

    put_events(0, 3);
    cr_assert(digest_start(&digest, NULL));
    first = next_report();
    remove_event(1);
    second = next_report();
    digest_stop(&digest);

    cr_expect_neq(first.kinds[CATALOGUE_EVENT].sum, second.kinds[CATALOGUE_EVENT].sum);
    cr_expect_eq(second.kinds[CATALOGUE_EVENT].n_removed, 1);
}

Test(digest, keeps_the_last_one_and_says_why_when_the_store_cannot_be_read)
{
    struct digest_report report;
    const char *line;

    put_events(0, 3);
    cr_assert(digest_start(&digest, NULL));
    (void)next_report();
    atomic_store(&is_broken, true);
    line = log_pipe_line();
    cr_expect(strstr(line, "no digest of the catalogue error=\"it is broken\""), "%s", line);
    digest_stop(&digest);

    cr_assert(digest_report(&digest, &report));
    cr_expect_eq(report.kinds[CATALOGUE_EVENT].n_items, 3);
}

Test(digest, is_shown_on_the_metrics_port)
{
    struct digest_report report;
    char expected[64];
    const char *age;

    put_events(0, 2);
    cr_assert(digest_start(&digest, NULL));
    report = next_report();
    digest_stop(&digest);

    fetch(health_port(health), "/digest", &fetched);
    cr_expect_eq(fetched.status, 200);
    snprintf(expected, sizeof(expected), "{\"event\":{\"digest\":\"%016llx\",\"items\":2,",
             (unsigned long long)report.kinds[CATALOGUE_EVENT].sum);
    cr_expect(strstr(fetched.body, expected), "%s", fetched.body);
    cr_expect(strstr(fetched.body, "\"location\":{\"digest\":\"0000000000000000\",\"items\":0,"
                                   "\"removed\":0,\"unreadable\":0},\"began\":\""),
              "%s", fetched.body);

    fetch(health_port(health), "/metrics", &fetched);
    snprintf(expected, sizeof(expected), "myevents_catalogue_digest{kind=\"event\"} %lld\n",
             (long long)catalogue_digest_short(&report.kinds[CATALOGUE_EVENT]));
    cr_expect(strstr(fetched.body, expected), "%s", fetched.body);
    cr_expect(strstr(fetched.body, "myevents_catalogue_items{kind=\"event\"} 2\n"));
    age = strstr(fetched.body, "\nmyevents_catalogue_digest_age_seconds ");
    cr_assert(age, "%s", fetched.body);
    cr_expect_lt(strtod(strchr(age, ' '), NULL), 20);
}
