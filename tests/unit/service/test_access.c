#include "base/random.h"
#include "fetch.h"
#include "log_pipe.h"
#include "metrics_text.h"
#include "service/access.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct http_request request = {
    .method = "POST", .path = "/events/%41", .request_id = "r-1"};
static const struct http_route rows[] = {{.method = "GET", .pattern = "/events/{id}"},
                                         {.method = "POST", .pattern = "/events/{id}"}};
static const struct http_routes routes = {.rows = rows, .n_rows = ARRAY_SIZE(rows)};
static const struct http_route *const route = &rows[1];
static struct http_observer observer;

static void start(void)
{
    log_pipe_open();
    observer = access_observer(&routes);
}

TestSuite(access, .init = start);

static const char *line_of(const struct http_route *matched, int status, const struct error *error)
{
    observer.done(observer.context, &request, matched, status, error, 1234);
    return log_pipe_line();
}

static void expect_line(const char *line, const char *level, const char *fields)
{
    cr_expect(strstr(line, level), "%s", line);
    cr_expect(strstr(line, fields), "%s", line);
}

Test(access, writes_a_line_for_each_request)
{
    expect_line(line_of(route, 201, NULL), " info  request ",
                "method=POST path=\"/events/%41\" status=201 duration_us=1234 request_id=r-1 "
                "route=\"/events/{id}\"\n");
    cr_expect(log_pipe_is_empty());
}

Test(access, leaves_the_route_out_when_there_is_none)
{
    expect_line(line_of(NULL, 404, NULL), " info ", "request_id=r-1\n");
}

Test(access, says_why_when_the_fault_is_ours)
{
    struct error error = {0};

    error_set(&error, ERROR_UNAVAILABLE, "the database is away");

    expect_line(line_of(route, 503, &error), " warn ", "error=\"the database is away\"\n");
    expect_line(line_of(route, 500, &error), " error ", "error=\"the database is away\"\n");
}

Test(access, keeps_the_client_s_mistakes_to_the_level_debug)
{
    struct error error = {0};

    error_set(&error, ERROR_INVALID, "seats: must be 1 to 10");

    cr_expect_not(strstr(line_of(route, 400, &error), "error="));
    log_setup(LOG_DEBUG, LOG_FORMAT_TEXT, NULL);
    expect_line(line_of(route, 400, &error), " info ", "error=\"seats: must be 1 to 10\"\n");
}

Test(access, writes_nothing_below_the_level)
{
    log_setup(LOG_WARNING, LOG_FORMAT_TEXT, NULL);
    observer.done(observer.context, &request, route, 200, NULL, 10);

    cr_expect(log_pipe_is_empty());
    expect_line(line_of(route, 503, NULL), " warn ", "status=503");
}

Test(access, counts_requests_by_class)
{
    static const int statuses[] = {200, 201, 204, 304, 404, 409, 503, 0, 999};

    log_setup(LOG_ERROR, LOG_FORMAT_TEXT, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        observer.done(observer.context, &request, route, statuses[i], NULL, 1000);

    cr_expect(metrics_have("myevents_http_requests_total{class=\"2xx\"}", "3"));
    cr_expect(metrics_have("myevents_http_requests_total{class=\"3xx\"}", "1"));
    cr_expect(metrics_have("myevents_http_requests_total{class=\"4xx\"}", "2"));
    cr_expect(metrics_have("myevents_http_requests_total{class=\"5xx\"}", "1"));
}

#define DURATION(what, labels) "myevents_http_request_duration_seconds_" what "{" labels "}"

Test(access, measures_requests_by_route_and_class)
{
    log_setup(LOG_ERROR, LOG_FORMAT_TEXT, NULL);
    observer.done(observer.context, &request, &rows[0], 200, NULL, 20000);
    observer.done(observer.context, &request, &rows[1], 201, NULL, 20000);
    observer.done(observer.context, &request, &rows[1], 204, NULL, 500);
    observer.done(observer.context, &request, &rows[1], 503, NULL, 1);
    observer.done(observer.context, &request, NULL, 404, NULL, 1);

#define BOOKED "method=\"POST\",route=\"/events/{id}\",class=\"2xx\""
    cr_expect(metrics_have(DURATION("bucket", BOOKED ",le=\"0.01\""), "1"));
    cr_expect(metrics_have(DURATION("bucket", BOOKED ",le=\"0.025\""), "2"));
    cr_expect(metrics_have(DURATION("sum", BOOKED), "0.0205"));
    cr_expect(metrics_have(DURATION("count", BOOKED), "2"));
    cr_expect(metrics_have(DURATION("count", "method=\"GET\",route=\"/events/{id}\",class=\"2xx\""),
                           "1"));
    cr_expect(metrics_have(
        DURATION("count", "method=\"POST\",route=\"/events/{id}\",class=\"5xx\""), "1"));
    cr_expect(metrics_have(DURATION("count", "method=\"none\",route=\"none\",class=\"4xx\""), "1"));
}

static double seen_in_flight;

static bool look(void *context, const struct http_request *received, struct http_response *response,
                 struct error *error)
{
    (void)context;
    (void)received;
    (void)response;
    (void)error;
    seen_in_flight = metrics_value("myevents_http_in_flight");
    return true;
}

Test(access, shows_the_requests_in_flight_as_long_as_there_is_a_server)
{
    static const struct http_route looking[] = {{"GET", "/", look, 0}};
    const struct http_routes one = {.rows = looking, .n_rows = 1};
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .threads = 2, .routes = one, .observer = access_observer(&one)};
    static struct fetched fetched;
    struct http_server *server = NULL;

    cr_assert(random_init(NULL));
    cr_assert(http_server_open(&options, &server, NULL));
    access_watch(server);
    fetch(http_server_port(server), "/", &fetched);

    cr_expect_eq(fetched.status, 200);
    cr_expect_eq(seen_in_flight, 1);
    expect_line(log_pipe_line(), " info ", "method=GET path=/ status=200");
    access_forget();
    http_server_stop(server, 1000);
    cr_expect_geq(metrics_value("myevents_http_in_flight"), 0);
}
