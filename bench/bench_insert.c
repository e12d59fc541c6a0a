/*
 * How fast mongod takes entries of ledgers from libmongoc alone: no rule, no look-up, no waiting
 * request, only the insert that every booking of ours needs, with the collection, the indexes and the document
 * that the services use, acknowledged by a majority and journalled.
 *
 *     bench_insert MONGO_URL [--batch BOOKINGS] [--entries PER_INSERT] [--in-flight N] [--seconds S]
 *                  [--inserts N] [--event ID] [--capacity N]
 *
 * --batch: bookings of an entry, 1 to 256. --entries: entries of one unordered insert, each of another
 * event, 1 to 64. --in-flight: inserts under way at a time. Ends after S seconds or N inserts. With --event
 * and --capacity its entries continue the ledger of that event behind entry 0, as the services would have
 * written them. Prints one JSON object; latencies are of whole inserts, in microseconds.
 */
#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "bench/histogram.h"
#include "persistence/database.h"
#include "persistence/ledger_store.h"
#include "persistence/mongo/mongo_entry.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    IN_FLIGHT_MAX = 64
};

struct plan {
    const char *url;
    long batch;
    long entries;
    long in_flight;
    long seconds;
    long inserts; /* 0: no limit */
    long capacity;
    struct object_id events[LEDGER_BULK_MAX];
    int64_t ends_us;
    _Atomic long n_inserts; /* begun; the sequence of the next entries */
};

struct worker {
    struct plan *plan;
    pthread_t thread;
    struct histogram latency;
    struct error error;
    bool failed;
};

static void fill(const struct plan *plan, struct ledger_entry *entry, long number)
{
    const struct object_id *event_id = &entry->key.event_id;
    const struct object_id nobody = {{0}};

    entry->key.sequence = number + 1;
    entry->token = object_id_random();
    entry->at_ms = clock_wall_ms();
    entry->state = (struct ledger_state){
        .event_version = 1, .capacity = plan->capacity, .seats_sold = (number + 1) * plan->batch};
    for (size_t i = 0; i < entry->n_bookings; i++) {
        entry->bookings[i] = (struct ledger_booking){
            .id = booking_id_of(event_id, random_u64()),
            .seats = 1,
            .fingerprint = booking_fingerprint(1, &nobody),
        };
    }
}

static bool insert(mongoc_collection_t *collection, const bson_t **documents, size_t n_documents,
                   const bson_t *options, struct error *error)
{
    bson_error_t cause;

    if (!mongoc_collection_insert_many(collection, documents, n_documents, options, NULL, &cause))
        return error_set(error, ERROR_UNAVAILABLE, "%s", cause.message);
    return true;
}

/* One insert: an entry for each event. What it takes to make the documents is not counted. */
static bool insert_once(struct worker *worker, mongoc_collection_t *collection,
                        const bson_t *options, struct ledger_entry *entry, long number)
{
    const struct plan *plan = worker->plan;
    bson_t *documents[LEDGER_BULK_MAX];
    const bson_t *borrowed[LEDGER_BULK_MAX];
    int64_t began_us;
    bool is_done;

    for (long i = 0; i < plan->entries; i++) {
        entry->key.event_id = plan->events[i];
        fill(plan, entry, number);
        documents[i] = mongo_entry_new(entry);
        borrowed[i] = documents[i];
    }
    began_us = clock_monotonic_us();
    is_done = insert(collection, borrowed, (size_t)plan->entries, options, &worker->error);
    histogram_add(&worker->latency, clock_monotonic_us() - began_us);
    for (long i = 0; i < plan->entries; i++)
        bson_destroy(documents[i]);
    return is_done;
}

static bool insert_all(struct worker *worker, mongoc_collection_t *collection,
                       const bson_t *options)
{
    struct plan *plan = worker->plan;
    CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};

    if (!ledger_entry_make(&entry, (size_t)plan->batch, 0, &worker->error))
        return false;
    while (clock_monotonic_us() < plan->ends_us) {
        const long number = atomic_fetch_add(&plan->n_inserts, 1);

        if (plan->inserts && number >= plan->inserts)
            return true;
        if (!insert_once(worker, collection, options, &entry, number))
            return false;
    }
    return true;
}

static void *work(void *context)
{
    struct worker *worker = context;
    mongoc_uri_t *uri = mongoc_uri_new(worker->plan->url);
    mongoc_client_t *client = mongoc_client_new_from_uri(uri);
    mongoc_collection_t *collection =
        mongoc_client_get_collection(client, mongoc_uri_get_database(uri), "ledger");
    mongoc_write_concern_t *concern = mongoc_write_concern_new();
    bson_t *options = BCON_NEW("ordered", BCON_BOOL(false));

    mongoc_write_concern_set_wmajority(concern, 5000);
    mongoc_write_concern_set_journal(concern, true);
    mongoc_write_concern_append(concern, options);
    worker->failed = !insert_all(worker, collection, options);
    bson_destroy(options);
    mongoc_write_concern_destroy(concern);
    mongoc_collection_destroy(collection);
    mongoc_client_destroy(client);
    mongoc_uri_destroy(uri);
    return NULL;
}

/* The collection and its indexes, as the services make them. */
static bool prepare(const struct plan *plan, struct error *error)
{
    const struct database_options options = {
        .backend = "mongodb", .url = plan->url, .name = "bench", .app_name = "bench_insert"};
    CLEANUP(database_freep) struct database *database = NULL;

    return database_open(&options, &database, error) &&
           ledger_store_prepare(database_ledger(database), error);
}

static bool run(struct plan *plan, struct worker *workers, struct error *error)
{
    for (long i = 0; i < plan->in_flight; i++) {
        workers[i].plan = plan;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            return error_set(error, ERROR_INTERNAL, "no thread");
    }
    for (long i = 0; i < plan->in_flight; i++)
        pthread_join(workers[i].thread, NULL);
    for (long i = 0; i < plan->in_flight; i++) {
        if (workers[i].failed) {
            *error = workers[i].error;
            return false;
        }
    }
    return true;
}

static void print(const struct plan *plan, const struct histogram *latency, double seconds)
{
    const int64_t n_bookings = latency->n * plan->entries * plan->batch;

    printf("{\"batch\": %ld, \"entries\": %ld, \"in_flight\": %ld, \"bookings\": %" PRId64
           ", \"seconds\": %.3f, \"per_second\": %.0f, \"latency_us\": ",
           plan->batch, plan->entries, plan->in_flight, n_bookings, seconds,
           (double)n_bookings / seconds);
    histogram_print(latency, stdout);
    puts("}");
}

static bool measure(struct plan *plan, struct error *error)
{
    static struct histogram sum;
    const int64_t began_us = clock_monotonic_us();
    CLEANUP(memory_freep)
    struct worker *workers = memory_array(IN_FLIGHT_MAX, sizeof(*workers), error);

    plan->ends_us = began_us + plan->seconds * 1000000;
    if (!workers || !run(plan, workers, error))
        return false;
    for (long i = 0; i < plan->in_flight; i++)
        histogram_merge(&sum, &workers[i].latency);
    print(plan, &sum, (double)(clock_monotonic_us() - began_us) / 1e6);
    return true;
}

static const struct option flags[] = {
    {"batch", required_argument, NULL, 'b'},     {"entries", required_argument, NULL, 'n'},
    {"in-flight", required_argument, NULL, 'f'}, {"seconds", required_argument, NULL, 's'},
    {"inserts", required_argument, NULL, 'i'},   {"event", required_argument, NULL, 'e'},
    {"capacity", required_argument, NULL, 'c'},  {NULL, 0, NULL, 0},
};

static long *number_of(struct plan *plan, int flag)
{
    switch (flag) {
    case 'b':
        return &plan->batch;
    case 'n':
        return &plan->entries;
    case 'f':
        return &plan->in_flight;
    case 's':
        return &plan->seconds;
    case 'i':
        return &plan->inserts;
    case 'c':
        return &plan->capacity;
    default:
        return NULL;
    }
}

static bool read_flag(struct plan *plan, int flag, const char *text)
{
    long *number = number_of(plan, flag);

    if (number)
        *number = strtol(text, NULL, 10);
    return number || (flag == 'e' && object_id_parse(text, &plan->events[0]));
}

static bool read_plan(struct plan *plan, int argc, char *argv[])
{
    int flag;

    *plan = (struct plan){
        .batch = 256, .entries = 1, .in_flight = 1, .seconds = 3, .capacity = CAPACITY_UNKNOWN};
    for (size_t i = 0; i < LEDGER_BULK_MAX; i++)
        plan->events[i] = object_id_random();
    while ((flag = getopt_long(argc, argv, "", flags, NULL)) >= 0) {
        if (!read_flag(plan, flag, optarg))
            return false;
    }
    plan->url = argv[optind];
    return plan->url && plan->batch >= 1 && plan->batch <= LEDGER_BATCH_MAX && plan->entries >= 1 &&
           plan->entries <= LEDGER_BULK_MAX && plan->in_flight >= 1 &&
           plan->in_flight <= IN_FLIGHT_MAX && plan->seconds >= 1;
}

int main(int argc, char *argv[])
{
    static struct plan plan;
    struct error error = {0};

    if (!random_init(&error) || !read_plan(&plan, argc, argv)) {
        fprintf(
            stderr,
            "usage: bench_insert MONGO_URL [--batch 1..256] [--entries 1..64] [--in-flight 1..64]\n"
            "                    [--seconds S] [--inserts N] [--event ID] [--capacity N]\n");
        return 2;
    }
    mongoc_init();
    if (!prepare(&plan, &error) || !measure(&plan, &error)) {
        fprintf(stderr, "bench_insert: %s\n", error.text);
        return 1;
    }
    mongoc_cleanup();
    return 0;
}
