/*
 * The port for people and machines that watch. A port of its own, so that it answers while the main one
 * is full, and is not shown outside.
 *   /livez    200 while the process answers at all
 *   /readyz   200 when requests are welcome, else 503; an object that names each check, or with
 *             ?verbose a line for each; /healthz is the same
 *   /metrics  Prometheus text
 *   /info     name, version and build
 *   /digest   the digest of the catalogue kept here, as of the last walk (digest.h)
 */
#ifndef EVENTS_SERVICE_HEALTH_H
#define EVENTS_SERVICE_HEALTH_H

#include "base/error.h"
#include "service/digest.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HEALTH_CHECKS_MAX = 16
};

struct health;

/*
 * One thing that readiness looks at. Called from the port's threads, only while serving; answers from
 * memory at once.
 */
struct health_check {
    const char *name; /* "database" */
    bool (*is_well)(void *context);
    bool needed; /* not well: not ready (503); otherwise only said in the body */
};

/* All of it is borrowed for the life of the port. */
struct health_options {
    const char *listen; /* "host:port" */
    const char *service_name;
    const struct health_check *checks;
    size_t n_checks;       /* at most HEALTH_CHECKS_MAX */
    void *context;         /* of the checks */
    struct digest *digest; /* NULL: no catalogue is kept here */
};

/* Answers from now on, and is not ready until it is told to be. Errors as http_server_open(). */
MUST_CHECK bool health_open(const struct health_options *options, struct health **health,
                            struct error *error);
int health_port(const struct health *health); /* in use, also when 0 was asked for */

/*
 * Ready or not regardless of the checks: not before the start is complete, not while draining. When it
 * has been set to false no check runs any more, so that what they look at may end.
 */
void health_set_serving(struct health *health, bool serving);

void health_free(struct health *health); /* NULL is fine */

#endif
