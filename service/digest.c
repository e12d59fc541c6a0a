#include "service/digest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/thread.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

enum {
    PAGE_ITEMS = 200,
    RESTS_PER_PAGE = 9,
    REST_LEAST_MS = 500, /* after a walk, however short it was */
    REST_FAILED_MS = 2000,
};

/* In the order of enum catalogue_kind. */
static const char *const kinds[] = {"event", "location", NULL};

static struct metric metric_digest = {
    .kind = METRIC_KIND_GAUGE,
    .name = "myevents_catalogue_digest",
    .help = "Lower 48 bits of the digest of all events and all locations kept here.",
    .label = "kind",
    .labels = kinds,
};
static struct metric metric_items = {
    .kind = METRIC_KIND_GAUGE,
    .name = "myevents_catalogue_items",
    .help = "Events and locations kept here, removed ones included.",
    .label = "kind",
    .labels = kinds,
};
static struct metric metric_flawed = {
    .kind = METRIC_KIND_GAUGE,
    .name = "myevents_catalogue_unreadable",
    .help = "Documents of events and locations that break their own rules.",
    .label = "kind",
    .labels = kinds,
};
static struct metric metric_age =
    METRIC_GAUGE("myevents_catalogue_digest_age_seconds",
                 "Time since the digest was taken; NaN before the first.");

static double read_age(void *context)
{
    struct digest *digest = context;
    int64_t ended_ms;

    pthread_mutex_lock(&digest->lock);
    ended_ms = digest->ended_ms;
    pthread_mutex_unlock(&digest->lock);
    return ended_ms ? (double)(clock_monotonic_ms() - ended_ms) / 1000 : (double)NAN;
}

void digest_init(struct digest *digest)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&digest->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&digest->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    metric_register(&metric_digest);
    metric_register(&metric_items);
    metric_register(&metric_flawed);
    metric_register_read(&metric_age, read_age, digest);
}

/* ---- one walk ---- */

/* True when it is time to end. */
static bool rest(struct digest *digest, int64_t rest_us)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    rest_us += until.tv_nsec / 1000;
    until.tv_sec += rest_us / 1000000;
    until.tv_nsec = rest_us % 1000000 * 1000;
    pthread_mutex_lock(&digest->lock);
    while (!digest->stopping && pthread_cond_timedwait(&digest->wake, &digest->lock, &until) == 0)
        ;
    stopping = digest->stopping;
    pthread_mutex_unlock(&digest->lock);
    return stopping;
}

struct page {
    struct catalogue_digest *sum;
    struct catalogue_scan *scan;
    size_t n_items;
};

static bool add_item(void *context, const struct catalogue_item *item, struct error *error)
{
    struct page *page = context;

    (void)error;
    catalogue_digest_add(page->sum, item);
    page->scan->has_after = true;
    page->scan->after = item->id;
    page->n_items++;
    return true;
}

/* False with @error empty: it is time to end. */
static bool walk_kind(struct digest *digest, enum catalogue_kind kind, struct catalogue_digest *sum,
                      struct error *error)
{
    struct catalogue_scan scan = {.kind = kind, .limit = PAGE_ITEMS};
    struct page page = {.sum = sum, .scan = &scan};

    do {
        int64_t began_us = clock_monotonic_us();

        page.n_items = 0;
        if (!digest->source.scan(digest->source.context, &scan, add_item, &page, error) ||
            rest(digest, (clock_monotonic_us() - began_us) * RESTS_PER_PAGE))
            return false;
    } while (page.n_items == PAGE_ITEMS);
    return true;
}

static void publish(struct digest *digest, const struct digest_report *report)
{
    for (size_t i = 0; i < N_CATALOGUE_KINDS; i++) {
        metric_set_label(&metric_digest, i, catalogue_digest_short(&report->kinds[i]));
        metric_set_label(&metric_items, i, report->kinds[i].n_items);
        metric_set_label(&metric_flawed, i, report->kinds[i].n_flawed);
    }
    pthread_mutex_lock(&digest->lock);
    digest->report = *report;
    digest->ended_ms = clock_monotonic_ms();
    pthread_mutex_unlock(&digest->lock);
}

static bool walk(struct digest *digest, struct error *error)
{
    struct digest_report report = {.began_ms = clock_wall_ms()};

    for (size_t i = 0; i < N_CATALOGUE_KINDS; i++) {
        if (!walk_kind(digest, (enum catalogue_kind)i, &report.kinds[i], error))
            return false;
    }
    report.ended_ms = clock_wall_ms();
    publish(digest, &report);
    return true;
}

/* ---- all of them ---- */

/* Said once until it works again; that the database is away, others say. */
static void note_failure(const struct error *error, bool *has_failed)
{
    if (!*has_failed && error->code != ERROR_UNAVAILABLE)
        log_warning("no digest of the catalogue", LOG_CAUSE(error));
    *has_failed = true;
}

static void *run(void *context)
{
    struct digest *digest = context;
    bool has_failed = false;
    int64_t rest_ms;

    do {
        struct error error = {0};

        rest_ms = REST_LEAST_MS;
        if (walk(digest, &error)) {
            has_failed = false;
        } else if (error.code != ERROR_NONE) {
            note_failure(&error, &has_failed);
            rest_ms = REST_FAILED_MS;
        }
    } while (!rest(digest, rest_ms * 1000));
    return NULL;
}

bool digest_start(struct digest *digest, struct error *error)
{
    return thread_start(&digest->thread, THREAD_STACK_OF_SYSTEM, run, digest, "starting the digest",
                        error);
}

void digest_stop(struct digest *digest)
{
    pthread_mutex_lock(&digest->lock);
    digest->stopping = true;
    pthread_cond_signal(&digest->wake);
    pthread_mutex_unlock(&digest->lock);
    pthread_join(digest->thread, NULL);
    digest->stopping = false;
}

bool digest_report(struct digest *digest, struct digest_report *report)
{
    pthread_mutex_lock(&digest->lock);
    *report = digest->report;
    pthread_mutex_unlock(&digest->lock);
    return report->ended_ms != 0;
}

/* ---- as JSON ---- */

static void write_kind(struct json_writer *writer, enum catalogue_kind kind,
                       const struct catalogue_digest *sum)
{
    char text[20];

    snprintf(text, sizeof(text), "%016" PRIx64, sum->sum);
    json_open_object(writer, catalogue_kind_name(kind));
    json_put_text(writer, "digest", text);
    json_put_integer(writer, "items", sum->n_items);
    json_put_integer(writer, "removed", sum->n_removed);
    json_put_integer(writer, "unreadable", sum->n_flawed);
    json_close_object(writer);
}

static void write_moment(struct json_writer *writer, const char *name, int64_t at_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(at_ms, text);
    json_put_text(writer, name, text);
}

void digest_write(const struct digest_report *report, struct buffer *body)
{
    struct json_writer writer = JSON_WRITER(body);

    json_open_object(&writer, NULL);
    for (size_t i = 0; i < N_CATALOGUE_KINDS; i++)
        write_kind(&writer, (enum catalogue_kind)i, &report->kinds[i]);
    write_moment(&writer, "began", report->began_ms);
    write_moment(&writer, "ended", report->ended_ms);
    json_close_object(&writer);
}
