#include "base/clock.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <time.h>

static const struct {
    const char *text;
    int64_t wall_ms;
} moments[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2026-11-21T09:30:00.123Z", 1795253400123},
    {"2000-02-29T12:00:00.000Z", 951825600000},
    {"1900-03-01T00:00:00.000Z", -2203891200000},
    {"0000-01-01T00:00:00.000Z", -62167219200000},
    {"0000-12-31T23:59:59.999Z", -62135596800001},
    {"9999-12-31T23:59:59.999Z", 253402300799999},
};

Test(clock, writes_and_reads_rfc_3339)
{
    for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
        char text[CLOCK_TEXT_BYTES];
        int64_t wall_ms = 1;

        clock_format(moments[i].wall_ms, text);
        cr_expect_str_eq(text, moments[i].text, "%s instead of %s", text, moments[i].text);
        cr_expect(clock_parse(moments[i].text, &wall_ms));
        cr_expect_eq(wall_ms, moments[i].wall_ms, "%s: %" PRId64, moments[i].text, wall_ms);
    }
}

Test(clock, agrees_with_the_c_library_on_every_day)
{
    const int64_t first = -62167219200;
    const int64_t day = 24 * 60 * 60;

    for (int64_t i = 0; i < 3652425; i++) {
        time_t second = (time_t)(first + i * day + i % day);
        char text[CLOCK_TEXT_BYTES];
        struct tm parts;
        int64_t wall_ms = 0;

        clock_format((int64_t)second * 1000, text);
        cr_assert(gmtime_r(&second, &parts));
        cr_assert((text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
                              (text[3] - '0') ==
                          parts.tm_year + 1900 &&
                      (text[5] - '0') * 10 + (text[6] - '0') == parts.tm_mon + 1 &&
                      (text[8] - '0') * 10 + (text[9] - '0') == parts.tm_mday &&
                      (text[11] - '0') * 10 + (text[12] - '0') == parts.tm_hour,
                  "%s", text);
        cr_assert(clock_parse(text, &wall_ms));
        cr_assert_eq(wall_ms, (int64_t)second * 1000, "%s", text);
    }
}

Test(clock, shows_the_nearest_when_four_digits_do_not_suffice)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(INT64_MAX, text);
    cr_expect_str_eq(text, "9999-12-31T23:59:59.999Z");
    clock_format(INT64_MIN, text);
    cr_expect_str_eq(text, "0000-01-01T00:00:00.000Z");
    clock_format(253402300800000, text);
    cr_expect_str_eq(text, "9999-12-31T23:59:59.999Z");
}

Test(clock, reads_all_spellings)
{
    static const struct {
        const char *text;
        const char *same;
    } rows[] = {
        {"2026-11-21T09:30:00Z", "2026-11-21T09:30:00.000Z"},
        {"2026-11-21t09:30:00z", "2026-11-21T09:30:00.000Z"},
        {"2026-11-21T09:30:00.5Z", "2026-11-21T09:30:00.500Z"},
        {"2026-11-21T09:30:00.123456789012345678Z", "2026-11-21T09:30:00.123Z"},
        {"2026-11-21T09:30:00.9999Z", "2026-11-21T09:30:00.999Z"},
        {"2026-11-21T09:30:00+00:00", "2026-11-21T09:30:00.000Z"},
        {"2026-11-21T09:30:00-00:00", "2026-11-21T09:30:00.000Z"},
        {"2026-11-21T09:30:00+01:30", "2026-11-21T08:00:00.000Z"},
        {"2026-11-21T23:30:00.25-01:00", "2026-11-22T00:30:00.250Z"},
        {"2027-01-01T00:30:00+23:59", "2026-12-31T00:31:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
        {"2016-12-31T15:59:60.5-08:00", "2017-01-01T00:00:00.500Z"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[CLOCK_TEXT_BYTES];
        int64_t wall_ms = 0;

        cr_expect(clock_parse(rows[i].text, &wall_ms), "%s", rows[i].text);
        clock_format(wall_ms, text);
        cr_expect_str_eq(text, rows[i].same, "%s became %s", rows[i].text, text);
    }
}

Test(clock, reads_nothing_else)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-21",
        "2026-11-21T",
        "2026-11-21T09",
        "2026-11-21T09:30",
        "2026-11-21T09:30Z",
        "2026-11-21T09:30:00",
        "2026-11-21 09:30:00Z",
        " 2026-11-21T09:30:00Z",
        "2026-11-21T09:30:00Z ",
        "2026-11-21T09:30:00ZZ",
        "2026-11-21T09:30:00.Z",
        "2026-11-21T09:30:00,5Z",
        "2026-1-21T09:30:00Z",
        "26-11-21T09:30:00Z",
        "12026-11-21T09:30:00Z",
        "-026-11-21T09:30:00Z",
        "+2026-11-21T09:30:00Z",
        "2026-00-21T09:30:00Z",
        "2026-13-21T09:30:00Z",
        "2026-11-00T09:30:00Z",
        "2026-11-31T09:30:00Z",
        "2026-02-29T09:30:00Z",
        "1900-02-29T09:30:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z",
        "2026-11-21T09:30:60Z",
        "2026-11-21T23:59:61Z",
        "2016-12-31T23:59:60+01:00",
        "2026-11-21T09:30:00+24:00",
        "2026-11-21T09:30:00+01:60",
        "2026-11-21T09:30:00+0100",
        "2026-11-21T09:30:00+01",
        "2026-11-21T09:30:00+1:00",
        "2026/11/21T09:30:00Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:00-00:01",
        "9999-12-31T23:59:60Z",
    };
    int64_t wall_ms = 77;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        cr_expect_not(clock_parse(texts[i], &wall_ms), "%s", texts[i]);

    cr_expect_eq(wall_ms, 77);
}

Test(clock, may_be_set)
{
    int64_t real = clock_wall_ms();

    clock_set_wall_ms(1234);
    cr_expect_eq(clock_wall_ms(), 1234);
    clock_set_wall_ms(0);
    cr_expect_eq(clock_wall_ms(), 0);
    clock_set_wall_ms(-1);

    cr_expect_geq(clock_wall_ms(), real);
    cr_expect_gt(real, 1700000000000);
}

Test(clock, never_goes_back_when_monotonic)
{
    int64_t us = clock_monotonic_us();
    int64_t ms = clock_monotonic_ms();

    cr_expect_geq(ms, us / 1000);
    cr_expect_geq(clock_monotonic_us(), us);
}
