#include "bookingservice/booking_traces.h"

#include "base/memory.h"

#include <pthread.h>
#include <string.h>

/* Far above the threads that wait at once, so that two seldom want one place. */
enum {
    PLACES = 8192
};

struct place {
    struct object_id booking_id;
    struct trace trace;
};

struct booking_traces {
    pthread_mutex_t mutex;
    struct place places[PLACES];
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
static struct place *place_of(struct booking_traces *traces, const struct object_id *booking_id)
{
    uint32_t number;

    memcpy(&number, booking_id->bytes + OBJECT_ID_BYTES - sizeof(number), sizeof(number));
    return &traces->places[number % PLACES];
}

void booking_traces_put(struct booking_traces *traces, const struct object_id *booking_id,
                        const struct trace *trace)
{
    if (!traces)
        return;
    pthread_mutex_lock(&traces->mutex);
    *place_of(traces, booking_id) = (struct place){.booking_id = *booking_id, .trace = *trace};
    pthread_mutex_unlock(&traces->mutex);
}

void booking_traces_take(struct booking_traces *traces, const struct object_id *booking_ids,
                         size_t n_bookings, struct trace *steps)
{
    pthread_mutex_lock(&traces->mutex);
    for (size_t i = 0; i < n_bookings; i++) {
        const struct place *place = place_of(traces, &booking_ids[i]);
        const bool is_there = object_id_equal(&place->booking_id, &booking_ids[i]);

        steps[i] = is_there ? place->trace : (struct trace){0};
    }
    pthread_mutex_unlock(&traces->mutex);
    for (size_t i = 0; i < n_bookings; i++)
        steps[i] = trace_child(&steps[i]);
}
