#include "base/trace.h"
#include "log_pipe.h"
#include "service/delivery_verdict.h"

#include <criterion/criterion.h>

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
    static const enum error_code codes[] = {ERROR_BUSY, ERROR_UNAVAILABLE, ERROR_UNKNOWN_OUTCOME,
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
