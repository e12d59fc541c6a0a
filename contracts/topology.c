#include "contracts/topology.h"

static const char *const catalogue_keys[] = {
    "event.created",
    "event.updated",
    "event.removed",
    "location.*",
    "eventCreated",
    "locationCreated",
    NULL,
};
static const char *const event_queue_keys[] = {"event.booked", "booking.cancelled", "eventBooked",
                                               NULL};
static const char *const bookings_log_keys[] = {"event.booked", "booking.*", "eventBooked", NULL};

const struct topology_queue topology_booking_queue = {"booking", catalogue_keys};
const struct topology_queue topology_event_queue = {"event", event_queue_keys};
const struct topology_queue topology_catalogue_log = {"catalogue.log", catalogue_keys};
const struct topology_queue topology_bookings_log = {"bookings.log", bookings_log_keys};
