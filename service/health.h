/*
 * The port for people and machines that watch: /livez, /readyz (with ?verbose), /healthz, /metrics and
 * /info. A port of its own, so that it answers while the main one is full, and is not shown outside.
 */
#ifndef EVENTS_SERVICE_HEALTH_H
#define EVENTS_SERVICE_HEALTH_H

#include "base/error.h"

#include <stdbool.h>

struct health;

/* One thing that readiness looks at. Called from the port's threads; answers from memory at once. */
struct health_check {
    const char *name; /* "database" */
    bool (*is_well)(void *context);
    bool needed; /* not well: not ready (503); otherwise only said in the body */
};

struct health_options {
    const char *listen; /* "host:port" */
    const char *service_name;
    const struct health_check *checks; /* borrowed */
    size_t n_checks;
    void *context; /* of the checks */
};

MUST_CHECK bool health_open(const struct health_options *options, struct health **health,
                            struct error *error);
int health_port(const struct health *health);

/* Ready or not regardless of the checks: not before the start is complete, not while draining. */
void health_set_serving(struct health *health, bool serving);

void health_free(struct health *health);

#endif
