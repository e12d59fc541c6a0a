/*
 * The digest of the catalogue that a service keeps, so that "copy equals source" can be watched: the
 * event service's is over its catalogue, the booking service's over its copy, and the two are equal
 * when the copy has everything.
 *
 * A thread walks over the whole store again and again, a page at a time, resting nine times as long as
 * each page took: about a tenth of one core at most, whatever is stored, and nothing at all is added
 * to the price of a change. A digest that every change brought forward would be cheaper still, but it
 * would be a second truth beside the documents, several replicas would have to share it, and what
 * is damaged in the store itself would never show. The price is age: a walk over 100 000 events takes
 * some ten seconds, one over a thousand a tenth of one; the age is shown. While changes go on a walk may
 * see some of them and not others, so digests are compared when all is quiet.
 */
#ifndef EVENTS_SERVICE_DIGEST_H
#define EVENTS_SERVICE_DIGEST_H

#include "base/buffer.h"
#include "domain/catalogue_digest.h"
#include "persistence/catalogue_scan.h"

#include <pthread.h>

/* How the store is walked over, as catalogue_store_scan(). May wait some seconds. */
struct digest_source {
    bool (*scan)(void *context, const struct catalogue_scan *scan, catalogue_item_visit *visit,
                 void *visit_context, struct error *error);
    void *context;
};

/* What a walk has found. */
struct digest_report {
    struct catalogue_digest kinds[N_CATALOGUE_KINDS];
    int64_t began_ms; /* UTC: what was stored before is in it. 0: no walk is over yet. */
    int64_t ended_ms; /* UTC */
};

/* Lives as long as somebody may ask for its report; {0} knows nothing. */
struct digest {
    struct digest_source source;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;               /* under lock */
    struct digest_report report; /* under lock */
    int64_t ended_ms;            /* under lock; monotonic, of the last walk that got through */
};

/* Once, before anybody asks. Registers the metrics. */
void digest_init(struct digest *digest);

/* Set the source before. The first walk begins at once. */
MUST_CHECK bool digest_start(struct digest *digest, struct error *error);

/* Waits for the page under way. The last report stays. */
void digest_stop(struct digest *digest);

/* False when no walk is over yet. Any thread; does not wait. */
MUST_CHECK bool digest_report(struct digest *digest, struct digest_report *report);

/* @report as the JSON object that GET /digest answers. */
void digest_write(const struct digest_report *report, struct buffer *body);

#endif
