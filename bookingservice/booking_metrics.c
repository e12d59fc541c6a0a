#include "bookingservice/booking_metrics.h"

#include "base/metrics.h"

#include <string.h>

static const double seat_bounds[] = {1, 2, 3, 4, 5, 6, 8, 10, 0};
static const double batch_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 0};

/* Names of error codes, so that what a client sees and what is counted read the same. */
static const char *const reasons[] = {"not-found",  "gone",  "sold-out",    "user-limit",
                                      "key-reused", "busy",  "unavailable", "unknown-outcome",
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
static struct metric lost_races = METRIC_COUNTER(
    "myevents_ledger_lost_races_total", "Entries that another replica wrote first.", NULL, NULL);
static struct metric resends = METRIC_COUNTER(
    "myevents_ledger_resends_total", "Entries sent again after an unknown outcome.", NULL, NULL);
static struct metric own_found =
    METRIC_COUNTER("myevents_ledger_own_found_total",
                   "Entries sent again that were found to have landed before.", NULL, NULL);
static struct metric corrupt = METRIC_GAUGE(
    "myevents_ledger_contradictions", "Events closed because their ledger contradicts itself.");

static double read_lost_races(void *context)
{
    return (double)ledger_counts(context).lost_races;
}

static double read_resends(void *context)
{
    return (double)ledger_counts(context).resends;
}

static double read_own_found(void *context)
{
    return (double)ledger_counts(context).own_found;
}

static double read_corrupt(void *context)
{
    return (double)ledger_counts(context).corrupt;
}

void booking_metrics_register(struct ledger *ledger, bool myevents_names)
{
    metric_register(&bookings);
    metric_register(&seats);
    metric_register(&rejected);
    metric_register(&seats_per_booking);
    metric_register(&batch);
    metric_register_read(&lost_races, read_lost_races, ledger);
    metric_register_read(&resends, read_resends, ledger);
    metric_register_read(&own_found, read_own_found, ledger);
    metric_register_read(&corrupt, read_corrupt, ledger);
    if (myevents_names)
        metric_register(&bookings_count);
}

void booking_metrics_booked(int32_t n_seats)
{
    metric_add(&bookings, 1);
    metric_add(&bookings_count, 1);
    metric_add(&seats, n_seats);
    metric_observe(&seats_per_booking, n_seats);
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
    if (entry->n_bookings)
        metric_observe(&batch, (double)entry->n_bookings);
}
