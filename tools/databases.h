/* The databases of the two services, for words that read both behind their backs. One thread. */
#ifndef EVENTS_TOOLS_DATABASES_H
#define EVENTS_TOOLS_DATABASES_H

#include "persistence/database.h"

/* Where each service's database is when neither command line nor environment says it. */
#define DATABASES_LOCAL "mongodb://127.0.0.1:27017/"

/* A URL that names no database means the service's own. Waits until it answers, some seconds at most. */
MUST_CHECK bool databases_open_events(const char *url, struct database **database,
                                      struct error *error);
MUST_CHECK bool databases_open_bookings(const char *url, struct database **database,
                                        struct error *error);

#endif
