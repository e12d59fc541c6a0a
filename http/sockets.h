/*
 * The library keeps its sockets to itself, so the descriptors of the process are looked through, some 100 us for a
 * few hundred of them. Inside http only; any thread.
 */
#ifndef EVENTS_HTTP_SOCKETS_H
#define EVENTS_HTTP_SOCKETS_H

#include <stdint.h>

/*
 * The one socket that listens at @port, or the one connected to @port from @peer, an IPv4 address and a port. -1: there
 * is none, or not only one: a peer may use a port of its own for connections to several of our addresses.
 */
int http_socket_listening(int port);
int http_socket_connected(int port, const char *peer, int peer_port);

#endif
