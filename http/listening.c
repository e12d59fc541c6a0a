#include "http/listening.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static bool listens_at(int descriptor, int port)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);
    int listens = 0;
    socklen_t listens_bytes = sizeof(listens);

    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_bytes) == 0 &&
           listens && getsockname(descriptor, (struct sockaddr *)&address, &address_bytes) == 0 &&
           address.sin_family == AF_INET && ntohs(address.sin_port) == port;
}

static bool has_cookies(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_syncookies", "re");
    int setting = file ? fgetc(file) : EOF;

    if (file)
        (void)fclose(file);
    return setting != EOF && setting != '0';
}

/* The library keeps its sockets to itself, so ours are looked through. */
void http_listening_defer(int port)
{
    const int seconds = HTTP_SILENT_S;
    DIR *descriptors = has_cookies() ? opendir("/proc/self/fd") : NULL;
    const struct dirent *entry;

    while (descriptors && (entry = readdir(descriptors))) {
        int descriptor = (int)strtol(entry->d_name, NULL, 10); /* "." is 0, which does not listen */

        if (listens_at(descriptor, port))
            (void)setsockopt(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
    }
    if (descriptors)
        closedir(descriptors);
}
