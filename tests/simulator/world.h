/*
 * The simulated world and its run: what the plan says happens, everything takes its time, and when it is
 * over the judge looks at what is left.
 */
#ifndef EVENTS_TESTS_SIMULATOR_WORLD_H
#define EVENTS_TESTS_SIMULATOR_WORLD_H

#include "base/buffer.h"
#include "bookingservice/ledger_relay.h"
#include "tests/simulator/agenda.h"
#include "tests/simulator/clients.h"
#include "tests/simulator/replica.h"
#include "tests/simulator/sights.h"

#include <stdio.h>

struct world {
    const struct plan *plan;
    struct agenda agenda;
    struct store store;
    struct network network;
    struct broker broker;
    struct replica replicas[REPLICAS_MAX];
    struct clients clients;
    int n_rows_left;
    int64_t last_row_ms;
    int n_noted[ROWS_MAX];         /* attempts at messages that came back too often, by row */
    bool is_quarantined[ROWS_MAX]; /* parked because too many attempts did not come back */
    bool is_left_out[ROWS_MAX];    /* of what was read from the log, for the same reason */
    int n_rounds_noted;            /* begun, since one was finished */

    struct ledger_relay relay; /* for the product's envelopes */
    struct relay_source source;
    struct buffer body;

    struct sights *sights;
    FILE *trace;        /* NULL: none */
    struct error error; /* the first violation; none: all is well so far */
};

/* Room for worlds, one after the other. NULL: no memory. */
struct world *world_new(void);
void world_free(struct world *world);

/* Run @plan to its end. False and ERROR_CORRUPT: an invariant fell. Adds to @sights. */
bool world_run(struct world *world, const struct plan *plan, struct sights *sights, FILE *trace,
               struct error *error);

/* For its parts. */
bool world_is_quiet(const struct world *world);
void world_add(struct world *world, struct happening happening);
void world_fail(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);
void world_say(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);

#define SAY(world, ...)                                                                            \
    do {                                                                                           \
        if ((world)->trace)                                                                        \
            world_say(world, __VA_ARGS__);                                                         \
    } while (0)

#define SEE(world, sight) ((world)->sights->n[sight]++)

static inline int64_t world_now_ms(const struct world *world)
{
    return world->agenda.now_ms;
}

#endif
