#include "bookingservice/booking_metrics.h"

#include "base/metrics.h"
#include "service/metric_source.h"

#include <string.h>

static const double seat_bounds[] = {1, 2, 3, 4, 5, 6, 8, 10, 0};
static const double batch_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 0};

/* Names of error codes, so that what a client sees and what is counted read the same. */
static const char *const reasons[] = {"not-found",  "gone",  "sold-out",    "user-limit",
                                      "key-reused", "busy",  "unavailable", "outcome-unknown",
                                      "invalid",    "other", NULL};

static struct metric bookings =
    METRIC_COUNTER("myevents_bookings_total", "Bookings made by this process.", NULL, NULL);
static struct metric seats =
    METRIC_COUNTER("myevents_seats_booked_total", "Seats booked by this process.", NULL, NULL);
static struct metric rejected = METRIC_COUNTER("myevents_bookings_rejected_total",
                                               "Bookings refused, by reason.", "reason", reasons);
static struct metric seats_per_booking =
    METRIC_HISTOGRAM("myevents_seats_per_booking", "Seats of one booking.", seat_bounds);
static struct metric batch = METRIC_HISTOGRAM(
    "myevents_ledger_batch_bookings", "Bookings carried by one ledger entry.", batch_bounds);
static struct metric bookings_count =
    METRIC_COUNTER("myevents_bookings_count", "Bookings, under the name of MyEvents.", NULL, NULL);

static double cancelled(void *ledger)
{
    return (double)ledger_counts(ledger).cancelled;
}

static double lost_races(void *ledger)
{
    return (double)ledger_counts(ledger).lost_races;
}

static double resends(void *ledger)
{
    return (double)ledger_counts(ledger).resends;
}

static double own_found(void *ledger)
{
    return (double)ledger_counts(ledger).own_found;
}

static double contradictions(void *ledger)
{
    return (double)ledger_counts(ledger).corrupt;
}

static struct metric_figure figures[] = {
    {.metric = METRIC_COUNTER("myevents_bookings_cancelled_total",
                              "Bookings given back through this process.", NULL, NULL),
     .read = cancelled},
    {.metric = METRIC_COUNTER("myevents_ledger_lost_races_total",
                              "Entries that another replica wrote first.", NULL, NULL),
     .read = lost_races},
    {.metric = METRIC_COUNTER("myevents_ledger_resends_total",
                              "Entries sent again after an unknown outcome.", NULL, NULL),
     .read = resends},
    {.metric = METRIC_COUNTER("myevents_ledger_own_found_total",
                              "Entries sent again that had landed before.", NULL, NULL),
     .read = own_found},
    {.metric = METRIC_GAUGE("myevents_ledger_contradictions",
                            "Events closed because their ledger contradicts itself."),
     .read = contradictions},
};

static struct metric_source source = METRIC_SOURCE(figures);

static struct metric *const own[] = {&bookings, &seats, &rejected, &seats_per_booking, &batch};

void booking_metrics_register(struct ledger *ledger, bool myevents_names)
{
    for (size_t i = 0; i < ARRAY_SIZE(own); i++)
        metric_register(own[i]);
    if (myevents_names)
        metric_register(&bookings_count);
    metric_source_register(&source, ledger);
}

void booking_metrics_forget(void)
{
    metric_source_forget(&source);
}

void booking_metrics_rejected(enum error_code code)
{
    size_t reason = 0;

    while (reason < ARRAY_SIZE(reasons) - 2 && strcmp(reasons[reason], error_code_name(code)) != 0)
        reason++;
    metric_add_label(&rejected, reason, 1);
}

void booking_metrics_landed(const struct ledger_entry *entry)
{
    int64_t n_seats = 0;

    if (entry->n_bookings == 0)
        return;
    for (size_t i = 0; i < entry->n_bookings; i++) {
        n_seats += entry->bookings[i].seats;
        metric_observe(&seats_per_booking, entry->bookings[i].seats);
    }
    metric_add(&bookings, (int64_t)entry->n_bookings);
    metric_add(&bookings_count, (int64_t)entry->n_bookings);
    metric_add(&seats, n_seats);
    metric_observe(&batch, (double)entry->n_bookings);
}
