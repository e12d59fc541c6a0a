#include "tools/copy_feed.h"

#include "base/memory.h"
#include "bookingservice/translation.h"

bool copy_feed_open(struct copy_feed *feed, struct error *error)
{
    feed->events = memory_array(COPY_FEED_BATCH, sizeof(*feed->events), error);
    feed->event_changes = memory_array(COPY_FEED_BATCH, sizeof(*feed->event_changes), error);
    feed->locations = memory_array(COPY_FEED_BATCH, sizeof(*feed->locations), error);
    feed->location_changes = memory_array(COPY_FEED_BATCH, sizeof(*feed->location_changes), error);
    return feed->events && feed->event_changes && feed->locations && feed->location_changes;
}

static void empty(struct copy_feed *feed)
{
    for (size_t i = 0; i < feed->n_locations; i++)
        location_clear(&feed->locations[i]);
    feed->n_locations = 0;
    feed->n_events = 0;
}

void copy_feed_close(struct copy_feed *feed)
{
    empty(feed);
    memory_free(feed->events);
    memory_free(feed->event_changes);
    memory_free(feed->locations);
    memory_free(feed->location_changes);
    *feed = (struct copy_feed){0};
}

static void add_event(struct copy_feed *feed, struct event event, bool removed)
{
    struct event *kept = &feed->events[feed->n_events];

    *kept = event;
    feed->event_changes[feed->n_events++] = (struct copy_event){.event = kept, .removed = removed};
}

static void add_location(struct copy_feed *feed, struct location location, bool removed)
{
    struct location *kept = &feed->locations[feed->n_locations];

    *kept = location;
    feed->location_changes[feed->n_locations++] =
        (struct copy_location){.location = kept, .removed = removed};
}

static bool sort(struct copy_feed *feed, const struct message *message, struct error *error)
{
    const struct removed *removed = &message->as.removed;
    struct location location;

    switch (message->kind) {
    case MESSAGE_EVENT_CREATED:
    case MESSAGE_EVENT_UPDATED:
        add_event(feed, event_from_message(&message->as.event), false);
        return true;
    case MESSAGE_EVENT_REMOVED:
        add_event(feed, (struct event){.id = removed->id, .version = removed->version}, true);
        return true;
    case MESSAGE_LOCATION_CREATED:
    case MESSAGE_LOCATION_UPDATED:
        if (!location_from_message(&message->as.location, &location, error))
            return false;
        add_location(feed, location, false);
        return true;
    case MESSAGE_LOCATION_REMOVED:
        add_location(feed, (struct location){.id = removed->id, .version = removed->version}, true);
        return true;
    case MESSAGE_EVENT_BOOKED:
    case MESSAGE_BOOKING_CANCELLED:
    case N_MESSAGE_KINDS:
        break;
    }
    return error_set(error, ERROR_UNSUPPORTED, "%s says nothing of the catalogue",
                     message_name(message->kind));
}

bool copy_feed_take(struct copy_feed *feed, const struct envelope *envelope, struct error *error)
{
    CLEANUP(message_clear) struct message message = {0};
    struct error unfit = {0};

    if (message_decode(envelope, &message, &unfit) && sort(feed, &message, &unfit)) {
        feed->n_taken++;
        return feed->n_events + feed->n_locations < COPY_FEED_BATCH || copy_feed_flush(feed, error);
    }
    if (unfit.code == ERROR_MEMORY) {
        *error = unfit;
        return false;
    }
    feed->n_left_out++;
    return true;
}

/* Locations first, so that an event is never shown without the one that came before it. */
bool copy_feed_flush(struct copy_feed *feed, struct error *error)
{
    if (!copy_store_put_locations(feed->store, feed->location_changes, feed->n_locations, error) ||
        !copy_store_put_events(feed->store, feed->event_changes, feed->n_events, error))
        return false;
    empty(feed);
    return true;
}
