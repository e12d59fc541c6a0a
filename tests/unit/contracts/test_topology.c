#include "base/cleanup.h"
#include "contracts/message.h"
#include "contracts/topology.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

/* As a topic exchange compares them; "*" stands for one word, and ours stand last. */
static bool matches(const char *key, const char *name)
{
    size_t length = strlen(key);

    if (length < 2 || strcmp(key + length - 2, ".*") != 0)
        return strcmp(key, name) == 0;
    return strncmp(key, name, length - 1) == 0 && !strchr(name + length - 1, '.');
}

static bool takes(const struct topology_queue *queue, const char *name)
{
    for (const char *const *key = queue->keys; *key; key++) {
        if (matches(*key, name))
            return true;
    }
    return false;
}

Test(topology, leads_every_message_into_exactly_one_log)
{
    for (int kind = 0; kind < N_MESSAGE_KINDS; kind++) {
        const char *name = message_name((enum message_kind)kind);

        cr_expect_neq(takes(&topology_catalogue_log, name), takes(&topology_bookings_log, name),
                      "%s", name);
    }
}

Test(topology, leads_the_other_spellings_where_the_names_go)
{
    cr_expect(takes(&topology_booking_queue, "eventCreated"));
    cr_expect(takes(&topology_booking_queue, "locationCreated"));
    cr_expect(takes(&topology_catalogue_log, "eventCreated"));
    cr_expect(takes(&topology_catalogue_log, "locationCreated"));
    cr_expect(takes(&topology_event_queue, "eventBooked"));
    cr_expect(takes(&topology_bookings_log, "eventBooked"));
}

Test(topology, leads_no_service_its_own_messages)
{
    cr_expect_not(takes(&topology_booking_queue, "event.booked"));
    cr_expect_not(takes(&topology_booking_queue, "booking.cancelled"));
    cr_expect_not(takes(&topology_event_queue, "event.created"));
    cr_expect_not(takes(&topology_event_queue, "location.removed"));
}
