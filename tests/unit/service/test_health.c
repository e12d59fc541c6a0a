#include "base/memory.h"
#include "base/metrics.h"
#include "base/random.h"
#include "fetch.h"
#include "service/health.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Atomic bool database_well;
static _Atomic bool broker_well;
static _Atomic int times_asked;

static bool database_is_well(void *context)
{
    (void)context;
    atomic_fetch_add(&times_asked, 1);
    return atomic_load(&database_well);
}

static bool broker_is_well(void *context)
{
    (void)context;
    return atomic_load(&broker_well);
}

static const struct health_check checks[] = {
    {.name = "database", .is_well = database_is_well, .needed = true},
    {.name = "broker", .is_well = broker_is_well, .needed = false},
};
static const struct health_options options = {.listen = "127.0.0.1:0",
                                              .service_name = "eventservice",
                                              .checks = checks,
                                              .n_checks = ARRAY_SIZE(checks)};

static struct health *health;
static struct fetched fetched;

static void start(void)
{
    struct error error = {0};

    cr_assert(random_init(NULL));
    atomic_store(&database_well, true);
    atomic_store(&broker_well, true);
    cr_assert(health_open(&options, &health, &error), "%s", error.text);
}

static void end(void)
{
    health_free(health);
}

TestSuite(health, .init = start, .fini = end);

static void get(const char *path)
{
    fetch(health_port(health), path, &fetched);
}

static bool has(const char *text)
{
    return strstr(fetched.body, text) != NULL;
}

Test(health, is_alive_before_it_is_ready)
{
    get("/livez");

    cr_expect_eq(fetched.status, 200);
    cr_expect_str_eq(fetched.body, "alive\n");
}

Test(health, is_not_ready_and_asks_nobody_before_it_serves)
{
    get("/readyz");

    cr_expect_eq(fetched.status, 503);
    cr_expect_str_eq(fetched.body, "{\"ready\":false,\"serving\":false,\"checks\":["
                                   "{\"name\":\"database\",\"well\":null,\"needed\":true},"
                                   "{\"name\":\"broker\",\"well\":null,\"needed\":false}]}");
    cr_expect_eq(atomic_load(&times_asked), 0);
}

Test(health, is_ready_when_it_serves_and_all_is_well)
{
    health_set_serving(health, true);
    get("/readyz");

    cr_expect_eq(fetched.status, 200);
    cr_expect_str_eq(fetched.body, "{\"ready\":true,\"serving\":true,\"checks\":["
                                   "{\"name\":\"database\",\"well\":true,\"needed\":true},"
                                   "{\"name\":\"broker\",\"well\":true,\"needed\":false}]}");
    cr_expect(strstr(fetched.head, "Content-Type: application/json"));
}

Test(health, is_not_ready_when_what_it_needs_is_away)
{
    health_set_serving(health, true);
    atomic_store(&database_well, false);
    get("/readyz");

    cr_expect_eq(fetched.status, 503);
    cr_expect(has("{\"name\":\"database\",\"well\":false,\"needed\":true}"));
}

Test(health, is_ready_without_what_it_does_not_need_and_says_so)
{
    health_set_serving(health, true);
    atomic_store(&broker_well, false);
    get("/readyz");

    cr_expect_eq(fetched.status, 200);
    cr_expect(has("{\"name\":\"broker\",\"well\":false,\"needed\":false}"));
}

Test(health, is_not_ready_while_it_drains)
{
    health_set_serving(health, true);
    health_set_serving(health, false);
    get("/readyz");

    cr_expect_eq(fetched.status, 503);
    cr_expect_eq(atomic_load(&times_asked), 0);
}

Test(health, writes_a_line_for_each_check_when_asked)
{
    health_set_serving(health, true);
    atomic_store(&broker_well, false);
    get("/readyz?verbose");

    cr_expect_eq(fetched.status, 200);
    cr_expect_str_eq(fetched.body, "[+] serving\n[+] database well\n"
                                   "[-] broker away (not needed)\nready\n");
    cr_expect(strstr(fetched.head, "Content-Type: text/plain"));

    health_set_serving(health, false);
    get("/readyz?verbose=1");
    cr_expect_str_eq(fetched.body, "[-] starting or stopping\nnot ready\n");
}

Test(health, answers_healthz_like_readyz)
{
    get("/healthz");
    cr_expect_eq(fetched.status, 503);

    health_set_serving(health, true);
    get("/healthz");
    cr_expect_eq(fetched.status, 200);
    cr_expect(has("\"checks\""));
}

Test(health, refuses_a_query_it_cannot_read)
{
    get("/readyz?verbose=%ff");

    cr_expect_eq(fetched.status, 400);
}

Test(health, shows_metrics_as_prometheus_reads_them)
{
    static struct metric metric = METRIC_COUNTER("tests_total", "Tests.", NULL, NULL);

    metric_register(&metric);
    metric_add(&metric, 3);
    get("/metrics");

    cr_expect_eq(fetched.status, 200);
    cr_expect(strstr(fetched.head, "Content-Type: text/plain; version=0.0.4"));
    cr_expect(has("tests_total 3\n"));
}

Test(health, says_what_it_is)
{
    get("/info");

    cr_expect_eq(fetched.status, 200);
    cr_expect(has("\"name\":\"eventservice\""));
    cr_expect(has("\"version\":\"" EVENTS_VERSION "\""));
    cr_expect(has("\"build\":\""));
}

Test(health, has_no_other_paths)
{
    get("/events");

    cr_expect_eq(fetched.status, 404);
}

Test(health, says_so_when_its_port_is_taken)
{
    struct health_options same = options;
    struct health *other = NULL;
    struct error error = {0};
    char listen[32];

    (void)snprintf(listen, sizeof(listen), "127.0.0.1:%d", health_port(health));
    same.listen = listen;

    cr_expect_not(health_open(&same, &other, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect(strstr(error.text, "metrics port"), "%s", error.text);
}

Test(health, says_so_when_memory_fails)
{
    struct health *other = NULL;
    struct error error = {0};

    memory_fail_at(1, false);
    cr_expect_not(health_open(&options, &other, &error));
    memory_fail_at(0, false);

    cr_expect_eq(error.code, ERROR_MEMORY);
}
