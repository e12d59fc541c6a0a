#include "base/metrics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char *const reasons[] = {"sold-out", "a\"b\\c\nd", NULL};
static const double seconds[] = {0.005, 0.5, 10, 0};

static struct metric bookings = METRIC_COUNTER("myevents_bookings_total", "Bookings.", NULL, NULL);
static struct metric rejected = METRIC_COUNTER("myevents_bookings_rejected_total",
                                               "Refused,\nfor a \\ \"reason\".", "reason", reasons);
static struct metric waiting = METRIC_GAUGE("myevents_waiting", "Requests that wait.");
static struct metric duration =
    METRIC_HISTOGRAM("myevents_commit_seconds", "Time of a commit.", seconds);

static const char *text_of(struct buffer *buffer)
{
    buffer_init(buffer, 100000);
    metrics_write(buffer);
    cr_assert(buffer_ok(buffer, NULL));
    return buffer->data ? buffer->data : "";
}

Test(metrics, show_nothing_before_one_is_registered)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_add(&bookings, 1);

    cr_expect_str_eq(text_of(&buffer), "");
}

Test(metrics, show_counters)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&bookings);
    metric_register(&bookings);
    metric_add(&bookings, 2);
    metric_add(&bookings, 40);

    cr_expect_str_eq(text_of(&buffer), "# HELP myevents_bookings_total Bookings.\n"
                                       "# TYPE myevents_bookings_total counter\n"
                                       "myevents_bookings_total 42\n");
}

static void set_waiting(void *context)
{
    metric_set(&waiting, ++*(int *)context);
}

Test(metrics, are_brought_up_to_date_when_they_are_scraped)
{
    CLEANUP(buffer_clear) struct buffer first;
    CLEANUP(buffer_clear) struct buffer second;
    int n = 6;

    metric_register_refresh(&waiting, set_waiting, &n);

    cr_expect(strstr(text_of(&first), "myevents_waiting 7\n"));
    cr_expect(strstr(text_of(&second), "myevents_waiting 8\n"));
}

Test(metrics, show_every_label_and_escape_what_must_be)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&rejected);
    metric_add_label(&rejected, 1, 3);

    cr_expect_str_eq(text_of(&buffer),
                     "# HELP myevents_bookings_rejected_total Refused,\\nfor a \\\\ \"reason\".\n"
                     "# TYPE myevents_bookings_rejected_total counter\n"
                     "myevents_bookings_rejected_total{reason=\"sold-out\"} 0\n"
                     "myevents_bookings_rejected_total{reason=\"a\\\"b\\\\c\\nd\"} 3\n");
}

Test(metrics, show_gauges)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&waiting);
    metric_set(&waiting, 7);
    metric_add(&waiting, -9);

    cr_expect_str_eq(text_of(&buffer), "# HELP myevents_waiting Requests that wait.\n"
                                       "# TYPE myevents_waiting gauge\n"
                                       "myevents_waiting -2\n");
}

static double read_number(void *context)
{
    return *(const double *)context;
}

Test(metrics, ask_for_gauges_when_they_are_scraped)
{
    static const struct {
        double number;
        const char *text;
    } rows[] = {{0, "0"},
                {1.5, "1.5"},
                {1234567890123, "1234567890123"},
                {0.001, "0.001"},
                {-(double)NAN, "NaN"},
                {(double)INFINITY, "+Inf"},
                {-(double)INFINITY, "-Inf"}};
    double number = 0;

    metric_register_read(&waiting, read_number, &number);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buffer_clear) struct buffer buffer;
        char expected[256];

        number = rows[i].number;
        snprintf(expected, sizeof(expected),
                 "# HELP myevents_waiting Requests that wait.\n"
                 "# TYPE myevents_waiting gauge\nmyevents_waiting %s\n",
                 rows[i].text);
        cr_expect_str_eq(text_of(&buffer), expected, "%s", buffer.data);
    }
}

Test(metrics, show_histograms_whose_buckets_add_up)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&duration);
    metric_observe(&duration, 0);
    metric_observe(&duration, 0.005); /* a bound belongs to its bucket */
    metric_observe(&duration, 0.25);
    metric_observe(&duration, 60);
    metric_observe(&duration, (double)NAN);

    cr_expect_str_eq(text_of(&buffer), "# HELP myevents_commit_seconds Time of a commit.\n"
                                       "# TYPE myevents_commit_seconds histogram\n"
                                       "myevents_commit_seconds_bucket{le=\"0.005\"} 2\n"
                                       "myevents_commit_seconds_bucket{le=\"0.5\"} 3\n"
                                       "myevents_commit_seconds_bucket{le=\"10\"} 3\n"
                                       "myevents_commit_seconds_bucket{le=\"+Inf\"} 4\n"
                                       "myevents_commit_seconds_sum 60.255\n"
                                       "myevents_commit_seconds_count 4\n");
}

Test(metrics, show_histograms_by_labels_once_they_have_counted)
{
    static const double bounds[] = {1, 0};
    static struct metric_series series[] = {
        {.labels = {{"route", "/"}, {"class", "2xx"}}},
        {.labels = {{"route", "/unused"}, {"class", "2xx"}}},
        {.labels = {{"method", "GET"}, {"route", "/\"\\"}, {"class", "5xx"}}},
    };
    static struct metric latency = METRIC_HISTOGRAM("myevents_latency_seconds", "Time.", bounds);
    CLEANUP(buffer_clear) struct buffer buffer;

    latency.series = series;
    latency.n_series = ARRAY_SIZE(series);
    metric_register(&latency);
    metric_observe_series(&latency, 0, 0.5);
    metric_observe_series(&latency, 2, 2);

    cr_expect_str_eq(
        text_of(&buffer),
        "# HELP myevents_latency_seconds Time.\n"
        "# TYPE myevents_latency_seconds histogram\n"
        "myevents_latency_seconds_bucket{route=\"/\",class=\"2xx\",le=\"1\"} 1\n"
        "myevents_latency_seconds_bucket{route=\"/\",class=\"2xx\",le=\"+Inf\"} 1\n"
        "myevents_latency_seconds_sum{route=\"/\",class=\"2xx\"} 0.5\n"
        "myevents_latency_seconds_count{route=\"/\",class=\"2xx\"} 1\n"
        "myevents_latency_seconds_bucket"
        "{method=\"GET\",route=\"/\\\"\\\\\",class=\"5xx\",le=\"1\"} 0\n"
        "myevents_latency_seconds_bucket"
        "{method=\"GET\",route=\"/\\\"\\\\\",class=\"5xx\",le=\"+Inf\"} 1\n"
        "myevents_latency_seconds_sum{method=\"GET\",route=\"/\\\"\\\\\",class=\"5xx\"} 2\n"
        "myevents_latency_seconds_count{method=\"GET\",route=\"/\\\"\\\\\",class=\"5xx\"} 1\n");
}

Test(metrics, bear_endless_observations)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&duration);
    metric_observe(&duration, (double)INFINITY);
    metric_observe(&duration, -(double)INFINITY);

    cr_expect(strstr(text_of(&buffer), "myevents_commit_seconds_sum 0\n"), "%s", buffer.data);
}

Test(metrics, stand_in_the_order_of_their_registration_until_forgotten)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    CLEANUP(buffer_clear) struct buffer empty;

    metric_register(&waiting);
    metric_register(&bookings);
    text_of(&buffer);
    cr_expect_lt(strstr(buffer.data, "TYPE myevents_waiting"),
                 strstr(buffer.data, "TYPE myevents_bookings_total"));

    metric_forget_all();
    cr_expect_str_eq(text_of(&empty), "");
}

static void *add_many(void *context)
{
    for (int i = 0; i < 10000; i++) {
        metric_add(&bookings, 1);
        metric_observe(&duration, 1);
    }
    return context;
}

Test(metrics, lose_nothing_among_threads)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    pthread_t threads[4];

    metric_register(&bookings);
    metric_register(&duration);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, add_many, NULL), 0);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_join(threads[i], NULL);

    cr_expect(strstr(text_of(&buffer), "\nmyevents_bookings_total 40000\n"));
    cr_expect(strstr(buffer.data, "\nmyevents_commit_seconds_sum 40000\n"));
    cr_expect(strstr(buffer.data, "\nmyevents_commit_seconds_count 40000\n"));
}

Test(metrics, set_the_value_of_one_label)
{
    static const char *const kinds[] = {"event", "location", NULL};
    static struct metric items = {.kind = METRIC_KIND_GAUGE,
                                  .name = "items",
                                  .help = "Items.",
                                  .label = "kind",
                                  .labels = kinds};
    CLEANUP(buffer_clear) struct buffer buffer;

    metric_register(&items);
    metric_set_label(&items, 1, 7);
    metric_set_label(&items, 1, 5);

    cr_expect_str_eq(text_of(&buffer), "# HELP items Items.\n# TYPE items gauge\n"
                                       "items{kind=\"event\"} 0\nitems{kind=\"location\"} 5\n");
}
