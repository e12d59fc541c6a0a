#include "http/sockets.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NOBODY_PORT = 1
};

static int port_of(int descriptor)
{
    struct sockaddr_in address = {0};
    socklen_t address_bytes = sizeof(address);

    cr_assert_eq(getsockname(descriptor, (struct sockaddr *)&address, &address_bytes), 0);
    return ntohs(address.sin_port);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listening(void)
{
    const struct sockaddr_in address = loopback(0);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(descriptor, 4), 0);
    return descriptor;
}

static int connected_to(int port)
{
    const struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
    return descriptor;
}

Test(sockets, are_found_where_they_listen)
{
    int one = listening();
    int other = listening();

    cr_expect_eq(http_socket_listening(port_of(one)), one);
    cr_expect_eq(http_socket_listening(port_of(other)), other);
    cr_expect_eq(http_socket_listening(NOBODY_PORT), -1);
    close(one);
    close(other);
}

/* Both ends are ours here, and one peer is connected to two ports. */
Test(sockets, are_found_by_their_port_and_their_peer)
{
    int server = listening();
    int port = port_of(server);
    int clients[2] = {connected_to(port), connected_to(port)};
    int ends[2] = {accept(server, NULL, NULL), accept(server, NULL, NULL)};

    for (int i = 0; i < 2; i++)
        cr_expect_eq(http_socket_connected(port, "127.0.0.1", port_of(clients[i])), ends[i]);
    cr_expect_eq(http_socket_connected(port_of(clients[0]), "127.0.0.1", port), clients[0]);
    cr_expect_eq(http_socket_connected(NOBODY_PORT, "127.0.0.1", port_of(clients[0])), -1);
    cr_expect_eq(http_socket_connected(port, "127.0.0.2", port_of(clients[0])), -1);
    cr_expect_eq(http_socket_connected(port, "::1", port_of(clients[0])), -1);
    for (int i = 0; i < 2; i++) {
        close(clients[i]);
        close(ends[i]);
    }
    close(server);
}
