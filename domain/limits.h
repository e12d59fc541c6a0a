/* The bounds that HTTP requests, messages and documents share. */
#ifndef EVENTS_DOMAIN_LIMITS_H
#define EVENTS_DOMAIN_LIMITS_H

enum {
    TEXT_CHARACTERS_MAX = 200,                /* Unicode characters of any text */
    TEXT_BYTES = TEXT_CHARACTERS_MAX * 4 + 1, /* the same in UTF-8, with the final NUL */
    HALLS_MAX = 100,
    CAPACITY_MAX = 1000000,
    SEATS_PER_BOOKING_MAX = 1000, /* what the configuration may allow at most */
    HOUR_MAX = 24,                /* opening and closing times are whole hours */
    AGE_MAX = 150,
};

/* 9999-12-31T23:59:59Z, the last moment that RFC 3339 can write. */
#define SECONDS_MAX INT64_C(253402300799)

#endif
