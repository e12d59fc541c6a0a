#include "base/random.h"
#include "bookingservice/booking_traces.h"

#include <criterion/criterion.h>
#include <string.h>

static struct booking_traces *traces;

static void begin(void)
{
    cr_assert(random_init(NULL));
    traces = booking_traces_new(NULL);
    cr_assert_not_null(traces);
}

static void end(void)
{
    booking_traces_free(traces);
}

TestSuite(booking_traces, .init = begin, .fini = end);

Test(booking_traces, go_on_with_a_step_each)
{
    const struct object_id ids[] = {object_id_random(), object_id_random(), object_id_random()};
    const struct trace first = trace_next(NULL);
    const struct trace last = trace_next(NULL);
    struct trace steps[3];

    booking_traces_put(traces, &ids[0], &first);
    booking_traces_put(traces, &ids[2], &last);
    booking_traces_take(traces, ids, 3, steps);

    cr_expect_str_eq(trace_id(&steps[0]).text, trace_id(&first).text);
    cr_expect_neq(memcmp(steps[0].span, first.span, sizeof(first.span)), 0);
    cr_expect(trace_is_none(&steps[1]));
    cr_expect_str_eq(trace_id(&steps[2]).text, trace_id(&last).text);
}

Test(booking_traces, of_a_cancellation_take_the_place_of_the_booking_s)
{
    const struct object_id id = object_id_random();
    const struct trace booked = trace_next(NULL);
    const struct trace cancelled = trace_next(NULL);
    struct trace step;

    booking_traces_put(traces, &id, &booked);
    booking_traces_put(traces, &id, &cancelled);
    booking_traces_take(traces, &id, 1, &step);

    cr_expect_str_eq(trace_id(&step).text, trace_id(&cancelled).text);
}

/* Bookings whose ids end alike want one group of places: the trace that was put longest ago gives way, none is mixed up. */
Test(booking_traces, are_never_another_booking_s)
{
    enum {
        N = 9
    };
    struct object_id ids[N];
    struct trace traces_put[N];
    struct trace steps[N];

    for (uint8_t i = 0; i < N; i++) {
        ids[i] = (struct object_id){{i, 1}};
        traces_put[i] = trace_next(NULL);
        booking_traces_put(traces, &ids[i], &traces_put[i]);
    }
    booking_traces_take(traces, ids, N, steps);

    cr_expect(trace_is_none(&steps[0]));
    for (size_t i = 1; i < N; i++)
        cr_expect_str_eq(trace_id(&steps[i]).text, trace_id(&traces_put[i]).text, "%zu", i);
}

Test(booking_traces, need_not_be_kept)
{
    const struct object_id id = object_id_random();
    const struct trace trace = trace_next(NULL);

    booking_traces_put(NULL, &id, &trace);
    booking_traces_free(NULL);
}
