/*
 * How many clients fit into the files that a process may open. Without a ceiling of ours, clients who stay
 * would hold every file, and nobody could be served for want of a connection to the database. Values.
 */
#ifndef EVENTS_SERVICE_ROOM_H
#define EVENTS_SERVICE_ROOM_H

#include <stdint.h>

/* What is open without clients: ports, log, broker, the database's watchers, the metrics port's clients. */
enum {
    ROOM_RESERVED = 32
};

struct room {
    int threads; /* that serve, one client each: 1 or more, and as many as wanted where they fit */
    int queue;   /* clients that wait behind them */
};

/* @files_max: what the process may open; @threads and @queue: wanted, 1 or more. */
struct room room_for(int64_t files_max, int threads, int queue);

#endif
