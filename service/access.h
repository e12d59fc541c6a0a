/* What is said of each HTTP request: one log line, and the metrics of the server. */
#ifndef EVENTS_SERVICE_ACCESS_H
#define EVENTS_SERVICE_ACCESS_H

#include "http/server.h"

/*
 * For the options of the server, with its routes, which are borrowed. Registers the metrics: one thread, at
 * start.
 */
struct http_observer access_observer(const struct http_routes *routes);

/* Count the requests in flight at @server from now on. */
void access_watch(struct http_server *server);

/* Before that server stops. */
void access_forget(void);

#endif
