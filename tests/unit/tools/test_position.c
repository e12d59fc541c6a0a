#include "base/clock.h"
#include "tools/messages/position.h"

#include <criterion/criterion.h>
#include <string.h>

static struct error error;

static struct position position_of(const char *text)
{
    struct position position = {0};

    cr_assert(position_read("from", text, &position, &error), "%s", error.text);
    return position;
}

static struct tapped message_at(int64_t offset, int64_t time_ms)
{
    return (struct tapped){.offset = offset, .envelope.time_ms = time_ms};
}

Test(position, is_an_offset_or_a_time)
{
    cr_expect_eq(position_of(NULL).kind, POSITION_NONE);
    cr_expect_eq(position_of("first").kind, POSITION_NONE);
    cr_expect_eq(position_of("0").kind, POSITION_OFFSET);
    cr_expect_eq(position_of("120000").number, 120000);
    cr_expect_eq(position_of("2026-11-21T09:30:00.5Z").kind, POSITION_TIME);
    cr_expect_eq(position_of("1970-01-01T00:00:01.5Z").number, 1500);
}

Test(position, names_the_option_that_is_neither)
{
    static const char *const bad[] = {"",    "last",       "-1",
                                      "1.5", "2026-11-21", "99999999999999999999"};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct position position = {0};

        cr_expect_not(position_read("until", bad[i], &position, &error), "%s", bad[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect(strstr(error.text, "--until"), "%s", error.text);
    }
}

Test(position, tells_what_lies_before_it)
{
    struct position none = position_of("first");
    struct position offset = position_of("5");
    struct position time = position_of("1970-01-01T00:00:01Z");
    struct tapped before = message_at(4, 999);
    struct tapped at = message_at(5, 1000);
    struct tapped timeless = message_at(6, 0);

    cr_expect_not(position_is_behind(&none, &before));
    cr_expect(position_is_behind(&offset, &before));
    cr_expect_not(position_is_behind(&offset, &at));
    cr_expect(position_is_behind(&time, &before));
    cr_expect_not(position_is_behind(&time, &at));
    cr_expect(position_is_behind(&time, &timeless));
}

Test(position, begins_early_enough_for_clocks_that_differ)
{
    struct position past = position_of("2026-11-21T09:30:00Z");
    struct position future = position_of("2126-11-21T09:30:00Z");
    struct position offset = position_of("7");

    clock_set_wall_ms(past.number + 3600000);

    cr_expect_eq(position_start(&past).kind, QUEUE_TAP_TIME);
    cr_expect_eq(position_start(&past).number, past.number / 1000 - 60);
    cr_expect_eq(position_start(&future).number, past.number / 1000 + 3540);
    cr_expect_eq(position_start(&offset).kind, QUEUE_TAP_OFFSET);
    cr_expect_eq(position_start(&offset).number, 7);
    cr_expect_eq(position_start(&(struct position){0}).kind, QUEUE_TAP_FIRST);
}
