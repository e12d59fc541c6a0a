#include "base/clock.h"
#include "metrics_text.h"
#include "msgqueue/backend.h"
#include "service/listener_metrics.h"

#include <criterion/criterion.h>

static bool is_connected(struct event_listener *listener, struct error *error)
{
    (void)listener;
    (void)error;
    return true;
}

static int64_t last_heard_ms;

static struct event_listener_counts counts(struct event_listener *listener)
{
    (void)listener;
    return (struct event_listener_counts){
        .acknowledged = 1,
        .retried = 2,
        .parked = 3,
        .parked_by_kind = {[PARKED_MALFORMED] = 1, [PARKED_QUARANTINE] = 2},
        .recovered = 4,
        .connects = 5,
        .last_heard_ms = last_heard_ms};
}

Test(listener_metrics, show_what_the_listener_counts)
{
    static const struct event_listener_ops ops = {.is_connected = is_connected, .counts = counts};
    struct event_listener listener = {.ops = &ops};

    listener_metrics_register(&listener);

    cr_expect(metrics_have("myevents_messages_acknowledged_total", "1"));
    cr_expect(metrics_have("myevents_messages_retried_total", "2"));
    cr_expect(metrics_have("myevents_messages_parked_total{kind=\"malformed\"}", "1"));
    cr_expect(metrics_have("myevents_messages_parked_total{kind=\"quarantine\"}", "2"));
    cr_expect(metrics_have("myevents_messages_parked_total{kind=\"other\"}", "0"));
    cr_expect(metrics_have("myevents_log_recovered_total", "4"));
    cr_expect(metrics_have("myevents_log_left_out_total", "0"));
    cr_expect(metrics_have("myevents_listener_connects_total", "5"));
    cr_expect(metrics_have("myevents_listener_connected", "1"));
    cr_expect(metrics_have("myevents_messages_heard_age_seconds", "NaN"), "nothing has come yet");
    last_heard_ms = clock_monotonic_ms() - 5000;
    cr_expect_float_eq(metrics_value("myevents_messages_heard_age_seconds"), 5, 2);

    listener_metrics_forget();
    listener.ops = NULL;
    cr_expect(metrics_have("myevents_messages_acknowledged_total", "1"), "also when it has ended");
    cr_expect(metrics_have("myevents_messages_parked_total{kind=\"quarantine\"}", "2"));
}
