/* One HTTP request over a connection of its own, for tests. */
#ifndef EVENTS_TESTS_FETCH_H
#define EVENTS_TESTS_FETCH_H

#include <stddef.h>

enum {
    FETCH_BYTES = 64 * 1024
};

struct fetched {
    int status;
    char head[4096];
    char body[FETCH_BYTES];
};

/* GET @path from the loopback's @port; fails the test when there is no whole answer. */
void fetch(int port, const char *path, struct fetched *fetched);

#endif
