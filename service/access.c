#include "service/access.h"

#include "base/log.h"
#include "service/metric_source.h"

enum {
    STATUS_CLASSES = 5,
    FIELDS_MAX = 8,
    ROUTES = HTTP_ROUTES_MAX + 1 /* the last one in use: none */
};

static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx", NULL};
static const double seconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 0};

static const struct http_routes *known; /* set before the first request */
static struct metric_series series[ROUTES * STATUS_CLASSES];
static struct metric requests =
    METRIC_COUNTER("myevents_http_requests_total", "HTTP requests answered, by class of status.",
                   "class", classes);
static struct metric duration =
    METRIC_HISTOGRAM("myevents_http_request_duration_seconds",
                     "Time from the head of a request to its written answer, by route and class "
                     "of status.",
                     seconds);

static double in_flight(void *server)
{
    return http_server_in_flight(server);
}

static struct metric_figure figures[] = {
    {.metric = METRIC_GAUGE("myevents_http_in_flight", "HTTP requests being answered."),
     .read = in_flight},
};
static struct metric_source source = METRIC_SOURCE(figures);

static void name_series(const struct http_route *route, struct metric_series first[STATUS_CLASSES])
{
    for (size_t i = 0; i < STATUS_CLASSES; i++) {
        first[i].labels[0] = (struct metric_label){"method", route ? route->method : "none"};
        first[i].labels[1] = (struct metric_label){"route", route ? route->pattern : "none"};
        first[i].labels[2] = (struct metric_label){"class", classes[i]};
    }
}

static void count(const struct http_route *route, int status, int64_t duration_us)
{
    int class = status / 100;
    size_t row = route ? (size_t)(route - known->rows) : known->n_rows;

    if (class < 1 || class > STATUS_CLASSES)
        return;
    metric_add_label(&requests, (size_t) class - 1, 1);
    metric_observe_series(&duration, row * STATUS_CLASSES + (size_t) class - 1,
                          (double)duration_us / 1e6);
}

/* 500 is a fault of ours; the other 5xx say that something we need is away. */
static enum log_level level_of(int status)
{
    if (status == 500)
        return LOG_ERROR;
    return status > 500 ? LOG_WARNING : LOG_INFO;
}

static void note(const struct http_request *request, const struct http_route *route, int status,
                 const struct error *error, int64_t duration_us)
{
    struct log_field fields[FIELDS_MAX] = {
        LOG_TEXT("method", request->method),
        LOG_TEXT("path", request->path),
        LOG_NUMBER("status", status),
        LOG_NUMBER("duration_us", duration_us),
        LOG_TEXT("request_id", request->request_id),
    };
    size_t n = 5;

    if (route)
        fields[n++] = LOG_TEXT("route", route->pattern);
    if (error && (status >= 500 || log_enabled(LOG_DEBUG)))
        fields[n++] = LOG_CAUSE(error);
    fields[n] = LOG_END;
    log_line(level_of(status), "request", fields);
}

static void done(void *context, const struct http_request *request, const struct http_route *route,
                 int status, const struct error *error, int64_t duration_us)
{
    (void)context;
    count(route, status, duration_us);
    if (log_enabled(level_of(status)))
        note(request, route, status, error, duration_us);
}

struct http_observer access_observer(const struct http_routes *routes)
{
    known = routes;
    for (size_t i = 0; i < routes->n_rows; i++)
        name_series(&routes->rows[i], &series[i * STATUS_CLASSES]);
    name_series(NULL, &series[routes->n_rows * STATUS_CLASSES]);
    duration.series = series;
    duration.n_series = (routes->n_rows + 1) * STATUS_CLASSES;
    metric_register(&requests);
    metric_register(&duration);
    return (struct http_observer){.done = done};
}

void access_watch(struct http_server *server)
{
    metric_source_register(&source, server);
}

void access_forget(void)
{
    metric_source_forget(&source);
}
