/*
 * How many clients fit into the files that a process may open, and into its memory. Without a ceiling of ours,
 * clients who stay would hold every file, and nobody could be served for want of a connection to the database;
 * and threads would take all the memory there is before one request has come. Values.
 */
#ifndef EVENTS_SERVICE_ROOM_H
#define EVENTS_SERVICE_ROOM_H

#include <stdint.h>

/* What is open without clients: ports, log, broker, the database's watchers, the metrics port's clients. */
enum {
    ROOM_RESERVED = 32
};

/* What a process without clients takes: of its data, and of its addresses, where libraries are as well. */
#define ROOM_RESERVED_DATA_BYTES (INT64_C(128) << 20)
#define ROOM_RESERVED_ADDRESS_BYTES (INT64_C(256) << 20)

/* A thread: its stack, its buffers and what most requests take. A page of large items takes many times that. */
#define ROOM_THREAD_BYTES (INT64_C(512) << 10)

/* Of the process; INT64_MAX: none. */
struct room_limits {
    int64_t files;
    int64_t data_bytes;
    int64_t address_bytes;
};

struct room {
    int threads; /* that serve, one client each: 1 or more, and as many as wanted where they fit */
    int queue;   /* clients that wait behind them */
};

/* @threads and @queue: wanted, 1 or more. */
struct room room_for(const struct room_limits *limits, int threads, int queue);

#endif
