#include "base/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
    MS_PER_SECOND = 1000,
    SECONDS_PER_DAY = 24 * 60 * 60,
    DAYS_BEFORE_1970 = 719528, /* from 1 January of the year 0 */
    DAYS_BEFORE_10000 = 3652425,
};

static const int64_t ms_per_day = (int64_t)SECONDS_PER_DAY * MS_PER_SECOND;

static _Atomic int64_t set_wall_ms = -1;

static int64_t now_us(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now); /* fails for unknown clocks only */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
    int64_t wall_ms = atomic_load(&set_wall_ms);

    return wall_ms >= 0 ? wall_ms : now_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_monotonic_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

void clock_set_wall_ms(int64_t wall_ms)
{
    atomic_store(&set_wall_ms, wall_ms);
}

/* The Gregorian calendar, counted in days since 1 January of the year 0 (which is a leap year). */
static int64_t days_before_year(int64_t year)
{
    return 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* @month counts from 0; 12 is the end of the year. */
static int64_t days_before_month(int64_t year, int month)
{
    static const int16_t days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

    assert(month >= 0 && month < (int)ARRAY_SIZE(days));
    return days[month] + (month >= 2 && is_leap(year) ? 1 : 0);
}

/* What was stored may be anything: the nearest that four digits of a year can show. */
static int64_t nearest_shown(int64_t wall_ms)
{
    const int64_t least = -DAYS_BEFORE_1970 * ms_per_day;
    const int64_t most = least + DAYS_BEFORE_10000 * ms_per_day - 1;

    if (wall_ms < least)
        return least;
    return wall_ms < most ? wall_ms : most;
}

static char *write_number(char *text, unsigned number, size_t n_digits, char after)
{
    for (size_t i = n_digits; i > 0; i--) {
        text[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    text[n_digits] = after;
    return text + n_digits + 1;
}

void clock_format(int64_t wall_ms, char text[CLOCK_TEXT_BYTES])
{
    int64_t ms = nearest_shown(wall_ms) + DAYS_BEFORE_1970 * ms_per_day;
    int64_t days = ms / ms_per_day;
    unsigned of_day = (unsigned)(ms % ms_per_day);
    int64_t year = days / 366; /* never too high */
    int month = 0;

    while (days >= days_before_year(year + 1))
        year++;
    days -= days_before_year(year);
    while (days >= days_before_month(year, month + 1))
        month++;
    days -= days_before_month(year, month);

    text = write_number(text, (unsigned)year, 4, '-');
    text = write_number(text, (unsigned)month + 1, 2, '-');
    text = write_number(text, (unsigned)days + 1, 2, 'T');
    text = write_number(text, of_day / 3600000, 2, ':');
    text = write_number(text, of_day / 60000 % 60, 2, ':');
    text = write_number(text, of_day / 1000 % 60, 2, '.');
    text = write_number(text, of_day % 1000, 3, 'Z');
    *text = '\0';
}

/* Exactly @n_digits digits that make a number from @least to @most. */
static bool read_number(const char **text, int n_digits, int least, int most, int *number)
{
    int value = 0;

    for (int i = 0; i < n_digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    *number = value;
    return value >= least && value <= most;
}

static bool read_char(const char **text, char expected)
{
    if (**text != expected)
        return false;
    (*text)++;
    return true;
}

static bool read_date(const char **text, int64_t *days)
{
    int year;
    int month;
    int day;

    if (!read_number(text, 4, 0, 9999, &year) || !read_char(text, '-') ||
        !read_number(text, 2, 1, 12, &month) || !read_char(text, '-') ||
        !read_number(text, 2, 1, 31, &day))
        return false;
    if (day > days_before_month(year, month) - days_before_month(year, month - 1))
        return false;
    *days = days_before_year(year) + days_before_month(year, month - 1) + day - 1;
    return true;
}

static bool read_fraction(const char **text, int *ms)
{
    int weight = 100;

    if (!read_char(text, '.'))
        return true; /* there need not be one */
    if (**text < '0' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; (*text)++, weight /= 10)
        *ms += (**text - '0') * weight;
    return true;
}

static bool read_time(const char **text, int *seconds, int *ms)
{
    int hour;
    int minute;
    int second;

    if (!read_number(text, 2, 0, 23, &hour) || !read_char(text, ':') ||
        !read_number(text, 2, 0, 59, &minute) || !read_char(text, ':') ||
        !read_number(text, 2, 0, 60, &second) || !read_fraction(text, ms))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool read_offset(const char **text, int *seconds)
{
    int sign = **text == '-' ? -1 : 1;
    int hours;
    int minutes;

    *seconds = 0;
    if (read_char(text, 'Z') || read_char(text, 'z'))
        return true;
    if (!read_char(text, '+') && !read_char(text, '-'))
        return false;
    if (!read_number(text, 2, 0, 23, &hours) || !read_char(text, ':') ||
        !read_number(text, 2, 0, 59, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool clock_parse(const char *text, int64_t *wall_ms)
{
    int64_t days;
    int64_t ms;
    int seconds;
    int fraction_ms = 0;
    int offset_s;
    bool leap_second;

    if (!read_date(&text, &days) || (!read_char(&text, 'T') && !read_char(&text, 't')))
        return false;
    leap_second = strnlen(text, 7) == 7 && text[6] == '6';
    if (!read_time(&text, &seconds, &fraction_ms) || !read_offset(&text, &offset_s) || *text)
        return false;

    ms = days * ms_per_day + (int64_t)(seconds - offset_s) * MS_PER_SECOND;
    if (leap_second && ms % ms_per_day != 0)
        return false; /* they are inserted at the end of a day of UTC only */
    ms += fraction_ms;
    if (ms < 0 || ms >= DAYS_BEFORE_10000 * ms_per_day)
        return false;
    *wall_ms = ms - DAYS_BEFORE_1970 * ms_per_day;
    return true;
}
