#include "base/random.h"
#include "base/trace.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#define ID "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define ZEROS "00000000000000000000000000000000"

static void begin(void)
{
    cr_assert(random_init(NULL));
}

TestSuite(trace, .init = begin);

static const char *format(const struct trace *trace)
{
    static char text[TRACE_TEXT_BYTES];

    trace_format(trace, text);
    return text;
}

Test(trace, is_read_and_written_as_it_stands_in_the_header)
{
    static const char *const rows[][2] = {
        {"00-" ID "-" SPAN "-01", "00-" ID "-" SPAN "-01"},
        {"00-" ID "-" SPAN "-00", "00-" ID "-" SPAN "-00"},
        {"00-" ID "-" SPAN "-ff", "00-" ID "-" SPAN "-01"},      /* flags nobody knows */
        {"cc-" ID "-" SPAN "-01-what", "00-" ID "-" SPAN "-01"}, /* a later version */
        {"cc-" ID "-" SPAN "-01", "00-" ID "-" SPAN "-01"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct trace trace = {0};

        cr_assert(trace_parse(rows[i][0], &trace), "%s", rows[i][0]);
        cr_expect_str_eq(format(&trace), rows[i][1]);
        cr_expect_str_eq(trace_id(&trace).text, ID);
    }
}

Test(trace, that_is_malformed_is_left_alone)
{
    static const char *const rows[] = {
        "",
        "00",
        "00-" ID "-" SPAN,
        "00-" ID "-" SPAN "-0",
        "00-" ID "-" SPAN "-01-",
        "00-" ID "-" SPAN "-01 ",
        "00-" ID "-" SPAN "-0x",
        "ff-" ID "-" SPAN "-01",
        "cc-" ID "-" SPAN "-01x",
        "00-" ZEROS "-" SPAN "-01",
        "00-" ID "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00_" ID "-" SPAN "-01",
        "00-" ID "_" SPAN "-01",
        "00-" ID "-" SPAN "_01",
        "0g-" ID "-" SPAN "-01",
        "00-" ID "-" SPAN "-01\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct trace trace = {.flags = 9};

        cr_expect_not(trace_parse(rows[i], &trace), "%s", rows[i]);
        cr_expect_eq(trace.flags, 9);
    }
}

Test(trace, goes_on_with_another_span_or_begins)
{
    struct trace behind = trace_next("00-" ID "-" SPAN "-00");
    struct trace child = trace_child(&behind);
    struct trace first = trace_next(NULL);
    struct trace other = trace_next("nonsense");

    cr_expect_str_eq(trace_id(&behind).text, ID);
    cr_expect_eq(behind.flags, 0);
    cr_expect(!strstr(format(&behind), SPAN));
    cr_expect_str_eq(trace_id(&child).text, ID);
    cr_expect_neq(memcmp(child.span, behind.span, sizeof(child.span)), 0);
    cr_expect_not(trace_is_none(&first));
    cr_expect_eq(first.flags, TRACE_SAMPLED);
    cr_expect_neq(memcmp(first.id, other.id, sizeof(first.id)), 0);
    cr_expect(trace_parse(format(&first), &other));
}

Test(trace, of_none_is_none)
{
    const struct trace none = {0};
    struct trace child = trace_child(&none);

    cr_expect(trace_is_none(&child));
    cr_expect_str_empty(format(&none));
    cr_expect_str_empty(trace_id(&none).text);
}

static void *ask(void *is_none)
{
    *(bool *)is_none = trace_is_none(trace_current());
    return NULL;
}

Test(trace, belongs_to_a_thread_until_it_leaves)
{
    struct trace trace = trace_next(NULL);
    bool is_none_elsewhere = false;
    pthread_t thread;

    trace_enter(&trace);
    cr_expect_str_eq(trace_id(trace_current()).text, trace_id(&trace).text);
    cr_assert_eq(pthread_create(&thread, NULL, ask, &is_none_elsewhere), 0);
    pthread_join(thread, NULL);
    cr_expect(is_none_elsewhere);

    trace_leave();
    cr_expect(trace_is_none(trace_current()));
}
