#include "bookingservice/booking_traces.h"

#include "base/memory.h"

#include <pthread.h>
#include <string.h>

/*
 * An id leads to a group of places, of which it takes the one that was put longest ago. Groups are far above the
 * threads that wait at once, so that a trace is never pushed out while it is still wanted.
 */
enum {
    GROUPS = 1024,
    PLACES_EACH = 8
};

struct place {
    struct object_id booking_id;
    struct trace trace;
    uint64_t put_as; /* a number that grows; 0: empty */
};

struct booking_traces {
    pthread_mutex_t mutex;
    uint64_t n_put;
    struct place groups[GROUPS][PLACES_EACH];
};

struct booking_traces *booking_traces_new(struct error *error)
{
    struct booking_traces *traces = memory_new(sizeof(*traces), error);
    int status;

    if (!traces)
        return NULL;
    status = pthread_mutex_init(&traces->mutex, NULL);
    if (status == 0)
        return traces;
    memory_free(traces);
    error_set_errno(error, status, "making a mutex");
    return NULL;
}

void booking_traces_free(struct booking_traces *traces)
{
    if (!traces)
        return;
    pthread_mutex_destroy(&traces->mutex);
    memory_free(traces);
}

/* The last bytes of a booking's id are derived from a hash, or random. */
static struct place *group_of(struct booking_traces *traces, const struct object_id *booking_id)
{
    uint32_t number;

    memcpy(&number, booking_id->bytes + OBJECT_ID_BYTES - sizeof(number), sizeof(number));
    return traces->groups[number % GROUPS];
}

/* NULL when it has none. */
static struct place *find(struct place *group, const struct object_id *booking_id)
{
    for (size_t i = 0; i < PLACES_EACH; i++) {
        if (group[i].put_as > 0 && object_id_equal(&group[i].booking_id, booking_id))
            return &group[i];
    }
    return NULL;
}

static struct place *find_oldest(struct place *group)
{
    struct place *oldest = &group[0];

    for (size_t i = 1; i < PLACES_EACH; i++) {
        if (group[i].put_as < oldest->put_as)
            oldest = &group[i];
    }
    return oldest;
}

void booking_traces_put(struct booking_traces *traces, const struct object_id *booking_id,
                        const struct trace *trace)
{
    struct place *group;
    struct place *place;

    if (!traces)
        return;
    pthread_mutex_lock(&traces->mutex);
    group = group_of(traces, booking_id);
    place = find(group, booking_id);
    if (!place)
        place = find_oldest(group);
    *place = (struct place){.booking_id = *booking_id, .trace = *trace, .put_as = ++traces->n_put};
    pthread_mutex_unlock(&traces->mutex);
}

void booking_traces_take(struct booking_traces *traces, const struct object_id *booking_ids,
                         size_t n_bookings, struct trace *steps)
{
    pthread_mutex_lock(&traces->mutex);
    for (size_t i = 0; i < n_bookings; i++) {
        const struct place *place = find(group_of(traces, &booking_ids[i]), &booking_ids[i]);

        steps[i] = place ? place->trace : (struct trace){0};
    }
    pthread_mutex_unlock(&traces->mutex);
    for (size_t i = 0; i < n_bookings; i++)
        steps[i] = trace_child(&steps[i]);
}
