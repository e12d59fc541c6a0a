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

/* Two of one port differ in the last number of their address. */
static int listening_at(int port, uint32_t last)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last);
    cr_assert_eq(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(descriptor, 4), 0);
    return descriptor;
}

static int listening(void)
{
    return listening_at(0, 1);
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

static void reset(int descriptor)
{
    const struct linger at_once = {.l_onoff = 1};

    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(descriptor);
}

/* From one port to two addresses of ours: an answer to one must never go to the other. */
Test(sockets, are_not_taken_for_each_other)
{
    const int on = 1;
    int servers[2] = {listening()};
    int port = port_of(servers[0]);
    int clients[2];
    int ends[2];
    struct sockaddr_in from = loopback(0);

    servers[1] = listening_at(port, 2);
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in to = loopback(port);

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)i);
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(clients[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        setsockopt(clients[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
        cr_assert_eq(bind(clients[i], (const struct sockaddr *)&from, sizeof(from)), 0);
        from.sin_port = htons((uint16_t)port_of(clients[i]));
        cr_assert_eq(connect(clients[i], (const struct sockaddr *)&to, sizeof(to)), 0);
        ends[i] = accept(servers[i], NULL, NULL);
    }

    cr_expect_eq(http_socket_connected(port, "127.0.0.1", ntohs(from.sin_port)), -1);
    cr_expect_eq(http_socket_listening(port), -1);
    reset(clients[0]);
    cr_expect_eq(http_socket_connected(port, "127.0.0.1", ntohs(from.sin_port)), -1);
    close(ends[0]);
    cr_expect_eq(http_socket_connected(port, "127.0.0.1", ntohs(from.sin_port)), ends[1]);
    close(clients[1]);
    close(ends[1]);
    close(servers[0]);
    close(servers[1]);
}

Test(sockets, are_drained_when_the_other_side_has_it_all)
{
    char bytes[4096] = {0};
    int server = listening();
    int client = connected_to(port_of(server));
    int end = accept(server, NULL, NULL);

    cr_expect(http_socket_is_drained(end));
    cr_expect(http_socket_takes(end, sizeof(bytes)));
    cr_expect_not(http_socket_takes(end, 1 << 30));
    while (send(end, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        continue;
    cr_expect_not(http_socket_is_drained(end), "the client does not read");
    cr_expect_not(http_socket_is_drained(server), "it has nobody to send to");
    close(client);
    close(end);
    close(server);
}
