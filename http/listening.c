#include "http/listening.h"

#include "http/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

static bool has_cookies(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_syncookies", "re");
    int setting = file ? fgetc(file) : EOF;

    if (file)
        (void)fclose(file);
    return setting != EOF && setting != '0';
}

void http_listening_defer(int port)
{
    const int seconds = HTTP_SILENT_S;
    int descriptor = has_cookies() ? http_socket_listening(port) : -1;

    if (descriptor >= 0)
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}
