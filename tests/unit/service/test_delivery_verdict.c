#include "base/trace.h"
#include "log_pipe.h"
#include "service/delivery_verdict.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(delivery_verdict, acknowledges_what_worked)
{
    cr_expect_eq(delivery_verdict_of(ERROR_NONE), DELIVERY_ACKNOWLEDGE);
}

Test(delivery_verdict, parks_what_no_repeat_can_mend)
{
    static const enum error_code codes[] = {
        ERROR_INVALID, ERROR_UNSUPPORTED, ERROR_TOO_LARGE,   ERROR_NOT_FOUND,  ERROR_GONE,
        ERROR_EXISTS,  ERROR_IN_USE,      ERROR_SOLD_OUT,    ERROR_USER_LIMIT, ERROR_KEY_REUSED,
        ERROR_CORRUPT, ERROR_INTERNAL,    ERROR_PRECONDITION};

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        cr_expect_eq(delivery_verdict_of(codes[i]), DELIVERY_PARK, "%s", error_code_name(codes[i]));
}

Test(delivery_verdict, retries_what_may_pass)
{
    static const enum error_code codes[] = {ERROR_BUSY, ERROR_UNAVAILABLE, ERROR_OUTCOME_UNKNOWN,
                                            ERROR_CONFLICT, ERROR_MEMORY};

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        cr_expect_eq(delivery_verdict_of(codes[i]), DELIVERY_RETRY, "%s",
                     error_code_name(codes[i]));
}

Test(delivery_verdict, is_written_into_the_delivery_with_its_reason)
{
    struct delivery delivery = {0};
    struct error error = {0};

    error_set(&error, ERROR_INVALID, "/seats: is missing");
    delivery_fail(&delivery, &error);

    cr_expect_eq(delivery.verdict, DELIVERY_PARK);
    cr_expect_str_eq(delivery.reason, "/seats: is missing");
}

Test(delivery_verdict, tells_kinds_of_parked_messages_apart)
{
    static const struct {
        enum error_code code;
        enum parked_kind kind;
    } cases[] = {
        {ERROR_INVALID, PARKED_MALFORMED},
        {ERROR_UNSUPPORTED, PARKED_UNKNOWN},
        {ERROR_TOO_LARGE, PARKED_TOO_LARGE},
        {ERROR_CORRUPT, PARKED_OTHER},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct delivery delivery = {0};
        struct error error = {0};

        error_set(&error, cases[i].code, "no");
        delivery_fail(&delivery, &error);
        cr_expect_eq(delivery.kind, cases[i].kind, "%s", error_code_name(cases[i].code));
    }
}

Test(delivery_verdict, of_what_is_done_says_so_in_the_trace_of_the_message)
{
    struct delivery delivery = {
        .from_log = true,
        .envelope = {.name = "event.created",
                     .id = "1:2",
                     .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};

    log_pipe_open();
    delivery_take(&delivery, true, LOG_INFO);

    cr_expect_eq(delivery.verdict, DELIVERY_ACKNOWLEDGE);
    cr_expect(delivery.changed);
    cr_expect(strstr(log_pipe_line(),
                     "message taken over trace=0af7651916cd43dd8448eb211c80319c name=event.created "
                     "id=1:2 news=1 from_log=1\n"));
    cr_expect(trace_is_none(trace_current()));
}

Test(delivery_verdict, says_once_what_is_parked)
{
    struct delivery delivery = {.envelope = {.name = "event.updated", .id = "1:2"}};
    const struct error malformed = {.code = ERROR_INVALID, .text = "/id: is missing"};

    log_pipe_open();
    delivery_fail(&delivery, &malformed);
    cr_expect(strstr(log_pipe_line(), "message parked name=event.updated id=1:2 "));
    delivery_fail(&delivery, &malformed);

    cr_expect(log_pipe_is_empty());
}

Test(delivery_verdict, counts_and_says_what_a_log_leaves_out_for_damage)
{
    struct delivery delivery = {.envelope = {.name = "event.updated", .id = "1:2"}};
    const struct error damaged = {.code = ERROR_CORRUPT, .text = "member version is no integer"};
    const struct error malformed = {.code = ERROR_INVALID, .text = "/id: is missing"};
    const struct error away = {.code = ERROR_UNAVAILABLE, .text = "away"};

    log_pipe_open();
    delivery.from_log = true;
    delivery_fail(&delivery, &malformed); /* what stands in the message, everybody can see */
    delivery_fail(&delivery, &away);
    cr_expect(log_pipe_is_empty());
    delivery_fail(&delivery, &damaged);

    cr_expect(strstr(log_pipe_line(), "message of the log left out name=event.updated id=1:2 "));
    cr_expect_eq(metric_log_left_out.values[0], 1);
}

/* ---- many at once ---- */

enum {
    N_TOGETHER = 13
};

struct handled {
    size_t n_calls;
    enum error_code code; /* of a call that has a bad one */
};

/* Refuses all that come with one whose body is "bad". */
static bool handle(void *context, struct delivery *deliveries, size_t n_deliveries,
                   struct error *error)
{
    struct handled *handled = context;

    handled->n_calls++;
    for (size_t i = 0; i < n_deliveries; i++) {
        if (strcmp(deliveries[i].envelope.body, "bad") == 0)
            return error_set(error, handled->code, "bad");
    }
    for (size_t i = 0; i < n_deliveries; i++)
        deliveries[i].verdict = DELIVERY_ACKNOWLEDGE;
    return true;
}

static void expect_verdicts(enum error_code code, const char *bodies, const char *verdicts)
{
    struct delivery deliveries[N_TOGETHER] = {0};
    struct handled handled = {.code = code};
    char answers[N_TOGETHER + 1] = "";
    size_t n = strlen(bodies);

    for (size_t i = 0; i < n; i++) {
        deliveries[i].verdict = DELIVERY_RETRY;
        deliveries[i].envelope.body = bodies[i] == '!' ? "bad" : "good";
    }
    deliveries_handle(handle, &handled, deliveries, n);

    for (size_t i = 0; i < n; i++)
        answers[i] = "arp"[deliveries[i].verdict];
    cr_expect_str_eq(answers, verdicts, "%s with %s", bodies, error_code_name(code));
    cr_expect_leq(handled.n_calls, 2 * n);
}

Test(deliveries_handle, parks_only_what_fails_alone)
{
    expect_verdicts(ERROR_CORRUPT, ".............", "aaaaaaaaaaaaa");
    expect_verdicts(ERROR_CORRUPT, "!............", "paaaaaaaaaaaa");
    expect_verdicts(ERROR_CORRUPT, "...........!.", "aaaaaaaaaaapa");
    expect_verdicts(ERROR_CORRUPT, ".!..!!......!", "apaappaaaaaap");
    expect_verdicts(ERROR_INTERNAL, "!!!", "ppp");
    expect_verdicts(ERROR_CORRUPT, "!", "p");
}

Test(deliveries_handle, keeps_all_together_when_the_trouble_passes_by_itself)
{
    expect_verdicts(ERROR_UNAVAILABLE, "....!...", "rrrrrrrr");
}

/* Damage at first, and then the database goes away. */
static bool handle_and_leave(void *context, struct delivery *deliveries, size_t n_deliveries,
                             struct error *error)
{
    struct handled *handled = context;

    (void)deliveries;
    (void)n_deliveries;
    return error_set(error, ++handled->n_calls < 3 ? ERROR_CORRUPT : ERROR_UNAVAILABLE, "away");
}

Test(deliveries_handle, does_not_wait_for_each_when_the_database_goes_away_meanwhile)
{
    struct delivery deliveries[8] = {0};
    struct handled handled = {0};

    for (size_t i = 0; i < ARRAY_SIZE(deliveries); i++)
        deliveries[i].verdict = DELIVERY_RETRY;
    deliveries_handle(handle_and_leave, &handled, deliveries, ARRAY_SIZE(deliveries));

    for (size_t i = 0; i < ARRAY_SIZE(deliveries); i++)
        cr_expect_eq(deliveries[i].verdict, DELIVERY_RETRY);
    cr_expect_eq(handled.n_calls, 3);
}
