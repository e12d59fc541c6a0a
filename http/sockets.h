/*
 * The library keeps its sockets to itself, so the descriptors of the process are looked through, some 100 us for a
 * few hundred of them. Inside http only; any thread.
 */
#ifndef EVENTS_HTTP_SOCKETS_H
#define EVENTS_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* The one socket that listens at @port. -1: there is none, or not only one. */
int http_socket_listening(int port);

/*
 * The caller's socket, connected to @port from @peer, an IPv4 address and a port. -1: it cannot be told from others.
 * A peer may use a port of its own for connections to several of our addresses, and again when it has reset one that
 * we have not closed yet.
 */
int http_socket_connected(int port, const char *peer, int peer_port);

/* True when all that was sent on it has arrived. */
bool http_socket_is_drained(int descriptor);

/* True when one that is drained takes @n bytes at once. */
bool http_socket_takes(int descriptor, size_t n);

#endif
