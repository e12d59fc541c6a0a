/* What the kernel does for the sockets that listen, and the library does not ask it for. */
#ifndef EVENTS_HTTP_LISTENING_H
#define EVENTS_HTTP_LISTENING_H

enum {
    HTTP_SILENT_S = 300, /* tcp(7) rounds up: 6 minutes */
    HTTP_BACKLOG = 16384 /* as many silent connections wait; net.core.somaxconn may allow fewer */
};

/*
 * Connections to @port are taken on when their first bytes have come, or after HTTP_SILENT_S (TCP_DEFER_ACCEPT): who
 * says nothing takes nobody's thread. Those beyond HTTP_BACKLOG are taken on at once, and so are all where that
 * cannot be had. Nothing is done where the kernel has no SYN cookies (net.ipv4.tcp_syncookies is 0): a full
 * backlog of silent ones would then keep everybody out.
 */
void http_listening_defer(int port);

#endif
