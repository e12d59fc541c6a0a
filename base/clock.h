/*
 * Time. The wall clock (UTC, milliseconds since 1970) goes into records; the monotonic clock decides
 * how long to wait. Neither takes part in correctness. Tests may set the wall clock. Any thread.
 */
#ifndef EVENTS_BASE_CLOCK_H
#define EVENTS_BASE_CLOCK_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/* Tests: clock_wall_ms() answers @wall_ms from now on; a negative value returns to the real clock. */
void clock_set_wall_ms(int64_t wall_ms);

enum {
    CLOCK_TEXT_BYTES = 32
};

/* RFC 3339, UTC: "2026-11-21T09:30:00.123Z". Outside the years 0 to 9999 the nearest of them. */
void clock_format(int64_t wall_ms, char text[CLOCK_TEXT_BYTES]);

/*
 * RFC 3339 with any offset; fractions beyond milliseconds are cut, a leap second is the next one.
 * False when it is not one, or in UTC not of the years 0 to 9999.
 */
MUST_CHECK bool clock_parse(const char *text, int64_t *wall_ms);

#endif
