#include "domain/event.h"

#include <inttypes.h>

bool event_check(const struct event *event, struct error *error)
{
    bool fine = true;

    if (event->name[0] == '\0')
        fine = error_detail(error, "/Name", "is missing");
    if (event->start_s != 0 && event->end_s != 0 && event->end_s < event->start_s)
        fine = error_detail(error, "/EndDate", "is before the start");
    return fine;
}

static bool sum_of_halls(const struct location *location, int64_t *sum, struct error *error)
{
    int64_t seats = 0;

    for (size_t i = 0; i < location->n_halls; i++)
        seats += location->halls[i].capacity;
    if (seats > CAPACITY_MAX)
        return error_detail(error, "/Capacity",
                            "is not given, and the halls of the location have %" PRId64
                            " seats, more than %d",
                            seats, CAPACITY_MAX);
    *sum = seats;
    return true;
}

bool event_take_capacity(struct event *event, const struct location *location, struct error *error)
{
    const struct hall *hall = NULL;

    if (location && event->hall[0] != '\0') {
        hall = location_hall(location, event->hall);
        if (!hall)
            return error_detail(error, "/Hall", "is none of the location's halls");
    }
    if (event->capacity != CAPACITY_UNKNOWN)
        return true;
    if (hall) {
        event->capacity = hall->capacity;
        return true;
    }
    if (location && location->n_halls > 0)
        return sum_of_halls(location, &event->capacity, error);
    return true;
}
