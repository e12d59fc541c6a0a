#include "tests/simulator/explore/bounds.h"

#define BOOKING(number)                                                                            \
    {                                                                                              \
        .bytes = { 4, 1, 1, [11] = (number) }                                                      \
    }
#define WITH_KEY                                                                                   \
    {                                                                                              \
        .kind = COMMAND_BOOK, .booking_id = BOOKING(1), .seats = 1, .fingerprint = 1,              \
        .keyed = true                                                                              \
    }
#define WITHOUT_KEY                                                                                \
    {                                                                                              \
        .kind = COMMAND_BOOK, .booking_id = BOOKING(2), .seats = 1, .fingerprint = 1               \
    }
#define CANCEL                                                                                     \
    {                                                                                              \
        .kind = COMMAND_CANCEL, .booking_id = BOOKING(1)                                           \
    }
#define CHANGE(seats)                                                                              \
    {                                                                                              \
        .kind = COMMAND_TAKE_OVER, .state = {.event_version = 2, .capacity = (seats) }             \
    }

const struct bounds bounds_each_time[] = {
    {"two with one key and one without, for one seat; two losses, two crashes",
     1,
     3,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     2,
     2,
     0},
    {"the same for two seats; one loss, two crashes",
     2,
     3,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     1,
     2,
     0},
    {"a cancellation as well, for one seat; one loss",
     1,
     4,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL},
     1,
     0,
     0},
    {"two cancellations, for one seat; two losses, one crash",
     1,
     3,
     {WITH_KEY, CANCEL, CANCEL},
     2,
     1,
     0},
    {"one seat becomes two; one loss", 1, 4, {WITH_KEY, WITH_KEY, WITHOUT_KEY, CHANGE(2)}, 1, 0, 0},
    {"two seats become one; one loss, one crash",
     2,
     3,
     {WITH_KEY, WITHOUT_KEY, CHANGE(1)},
     1,
     1,
     0},
    {"a version that differs in nothing; one loss, one caller leaves",
     1,
     3,
     {WITH_KEY, WITHOUT_KEY, CHANGE(1)},
     1,
     0,
     1},
};
const size_t n_bounds_each_time = ARRAY_SIZE(bounds_each_time);

const struct bounds bounds_full[] = {
    {"two with one key and one without, for two seats; two losses, two crashes, one leaves",
     2,
     3,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     2,
     2,
     1},
    {"a cancellation as well, for one seat; two losses, two crashes",
     1,
     4,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL},
     2,
     2,
     0},
    {"all of it, one seat becomes two; one loss, one crash",
     1,
     5,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL, CHANGE(2)},
     1,
     1,
     0},
    {"all of it, two seats become one; one loss, one crash",
     2,
     5,
     {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL, CHANGE(1)},
     1,
     1,
     0},
};
const size_t n_bounds_full = ARRAY_SIZE(bounds_full);
