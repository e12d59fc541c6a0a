#include "http/sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
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

static bool comes_from(int descriptor, const struct sockaddr_in *peer)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);

    return getpeername(descriptor, (struct sockaddr *)&address, &address_bytes) == 0 &&
           address.sin_family == AF_INET && address.sin_port == peer->sin_port &&
           address.sin_addr.s_addr == peer->sin_addr.s_addr;
}

static bool is_wanted(int descriptor, const struct wanted *wanted)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);

    return (wanted->peer.sin_port ? comes_from(descriptor, &wanted->peer) : listens(descriptor)) &&
           getsockname(descriptor, (struct sockaddr *)&address, &address_bytes) == 0 &&
           address.sin_family == AF_INET && ntohs(address.sin_port) == wanted->port;
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
