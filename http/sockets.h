/*
 * The library keeps its sockets to itself, so the descriptors of the process are looked through, some 100 us for a
 * few hundred of them. Inside http only; any thread.
 */
#ifndef EVENTS_HTTP_SOCKETS_H
#define EVENTS_HTTP_SOCKETS_H

#include <stdint.h>

/* The socket that listens at @port, or the one connected from @peer (an IPv4 address and a port); -1: there is none. */
int http_socket_listening(int port);
int http_socket_connected(int port, const char *peer, int peer_port);

#endif
