#include "http/sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct wanted {
    int port;
    struct sockaddr_in peer; /* port 0: it listens */
};

static bool listens(int descriptor)
{
    int listens = 0;
    socklen_t listens_bytes = sizeof(listens);

    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_bytes) == 0 &&
           listens;
}

static bool is_at(int descriptor, int port)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);

    return getsockname(descriptor, (struct sockaddr *)&address, &address_bytes) == 0 &&
           address.sin_family == AF_INET && ntohs(address.sin_port) == port;
}

/* One whose peer has reset it may be the one: it has no peer any more that it could be known by. */
static bool may_come_from(int descriptor, const struct wanted *wanted)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);

    if (getpeername(descriptor, (struct sockaddr *)&address, &address_bytes) != 0)
        return errno == ENOTCONN && !listens(descriptor);
    return address.sin_family == AF_INET && address.sin_port == wanted->peer.sin_port &&
           address.sin_addr.s_addr == wanted->peer.sin_addr.s_addr &&
           is_at(descriptor, wanted->port);
}

static bool is_wanted(int descriptor, const struct wanted *wanted)
{
    if (wanted->peer.sin_port)
        return may_come_from(descriptor, wanted);
    return listens(descriptor) && is_at(descriptor, wanted->port);
}

static int find(const struct wanted *wanted)
{
    DIR *descriptors = opendir("/proc/self/fd");
    const struct dirent *entry;
    int found = -1;
    int n_found = 0;

    while (descriptors && (entry = readdir(descriptors))) {
        int descriptor = (int)strtol(entry->d_name, NULL, 10); /* "." is 0, which is not ours */

        if (is_wanted(descriptor, wanted)) {
            found = descriptor;
            n_found++;
        }
    }
    if (descriptors)
        closedir(descriptors);
    return n_found == 1 ? found : -1;
}

int http_socket_listening(int port)
{
    return find(&(struct wanted){.port = port});
}

int http_socket_connected(int port, const char *peer, int peer_port)
{
    struct wanted wanted = {.port = port, .peer.sin_port = htons((uint16_t)peer_port)};

    return inet_pton(AF_INET, peer, &wanted.peer.sin_addr) == 1 ? find(&wanted) : -1;
}

bool http_socket_is_drained(int descriptor)
{
    int waiting_bytes = 0;

    return ioctl(descriptor, SIOCOUTQ, &waiting_bytes) == 0 && waiting_bytes == 0;
}

/* The kernel counts what it keeps beside the bytes as well, socket(7): as much again at most. */
bool http_socket_takes(int descriptor, size_t n)
{
    int buffer_bytes = 0;
    socklen_t size_bytes = sizeof(buffer_bytes);

    return getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, &size_bytes) == 0 &&
           n <= (size_t)buffer_bytes / 4;
}
