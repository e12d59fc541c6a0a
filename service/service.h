/*
 * The life of a service process, the same for both: read the configuration, start the parts in the order of a
 * table, wait for a signal, drain, stop them in reverse. A part that needs a server which is away does not
 * end the process: it is tried again until it works or a signal comes.
 */
#ifndef EVENTS_SERVICE_SERVICE_H
#define EVENTS_SERVICE_SERVICE_H

#include "base/error.h"
#include "configs/config.h"

#include <stdbool.h>
#include <stddef.h>

/* A part: started top to bottom, stopped bottom to top. */
struct service_part {
    const char *name; /* "database": in log lines */

    /*
     * False with ERROR_UNAVAILABLE, ERROR_OUTCOME_UNKNOWN or ERROR_BUSY: tried again with back-off, so
     * it picks up what an earlier try has left. Any other error ends the start with exit status 1.
     */
    bool (*start)(void *context, struct error *error);
    void (*stop)(void *context); /* NULL: nothing to stop; called only when start succeeded */
};

struct service {
    enum config_service kind;
    const struct service_part *parts;
    size_t n_parts;
    void *context; /* of the parts */

    /* Called with the loaded configuration, which outlives everything, before the first part starts. */
    void (*configure)(void *context, const struct config *config);

    /* All parts run: says so, with the ports, in the log line "serving". */
    void (*serving)(void *context);

    /* A signal to stop came: not ready from now on; returns when drained. */
    void (*drain)(void *context);
};

/*
 * What SIGHUP asks for from now on, while all parts run; NULL: nothing. For the part that has something
 * to read again, at its start and stop; called in main's thread.
 */
void service_on_hangup(void (*reload)(void *context), void *context);

/*
 * The whole of main: 0 after a clean stop by SIGTERM or SIGINT (or after --help and the like),
 * CONFIG_EXIT_STATUS for a bad configuration, 1 when a part cannot start. SIGPIPE is ignored.
 */
int service_main(const struct service *service, int argc, char *argv[]);

#endif
