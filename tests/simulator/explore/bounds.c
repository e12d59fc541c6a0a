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
    {.name = "a version that differs in nothing; one loss, one caller leaves",
     .capacity = 1,
     .n_calls = 3,
     .calls = {WITH_KEY, WITHOUT_KEY, CHANGE(1)},
     .losses = 1,
     .leaves = 1},
    {.name = "two cancellations, for one seat; two losses, one crash",
     .capacity = 1,
     .n_calls = 3,
     .calls = {WITH_KEY, CANCEL, CANCEL},
     .losses = 2,
     .crashes = 1},
    {.name = "two seats become one; one loss, one crash",
     .capacity = 2,
     .n_calls = 3,
     .calls = {WITH_KEY, WITHOUT_KEY, CHANGE(1)},
     .losses = 1,
     .crashes = 1},
    {.name = "two with one key and one without, for two seats; one loss, two crashes",
     .capacity = 2,
     .n_calls = 3,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     .losses = 1,
     .crashes = 2},
    {.name = "the same for one seat; two losses, two crashes",
     .capacity = 1,
     .n_calls = 3,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     .losses = 2,
     .crashes = 2},
    {.name = "a cancellation as well; one loss",
     .capacity = 1,
     .n_calls = 4,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL},
     .losses = 1},
    {.name = "one seat becomes two; one loss",
     .capacity = 1,
     .n_calls = 4,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY, CHANGE(2)},
     .losses = 1},
};
const size_t n_bounds_each_time = ARRAY_SIZE(bounds_each_time);

const struct bounds bounds_full[] = {
    {.name = "two with one key and one without, for two seats; two losses, two crashes, one leaves",
     .capacity = 2,
     .n_calls = 3,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY},
     .losses = 2,
     .crashes = 2,
     .leaves = 1},
    {.name = "a cancellation as well, for one seat; two losses, two crashes",
     .capacity = 1,
     .n_calls = 4,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL},
     .losses = 2,
     .crashes = 2},
    {.name = "all of it, one seat becomes two; one loss, one crash",
     .capacity = 1,
     .n_calls = 5,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL, CHANGE(2)},
     .losses = 1,
     .crashes = 1},
    {.name = "all of it, two seats become one; one loss, one crash",
     .capacity = 2,
     .n_calls = 5,
     .calls = {WITH_KEY, WITH_KEY, WITHOUT_KEY, CANCEL, CHANGE(1)},
     .losses = 1,
     .crashes = 1},
};
const size_t n_bounds_full = ARRAY_SIZE(bounds_full);
