/*
 * A closed-loop load: so many kept-alive connections to one server, each sending its next request when
 * the last was answered. One thread with epoll, so that it takes little from the programs it measures.
 *
 *     load HOST PORT METHOD PATH BODY CONNECTIONS SECONDS
 *
 * Prints one JSON object: requests answered, by status, per second, and the latency in microseconds.
 * A closed loop hides the waiting of requests that were never sent; quote rates and latencies of it
 * together with the number of connections.
 */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWER_BYTES_MAX = 256 * 1024,
    LATENCIES_MAX = 20000000,
    STATUS_MAX = 600
};

struct load {
    const char *host;
    const char *port;
    struct buffer request;
    int connections;
    int64_t seconds;
    int epoll;
    int64_t ends_us;
    int64_t by_status[STATUS_MAX];
    int64_t cut; /* connections that ended in the middle of an answer */
    uint32_t *latencies_us;
    size_t n_latencies;
};

struct connection {
    int fd;
    int64_t sent_us;
    struct buffer answer;
};

static bool connect_one(struct load *load, struct connection *connection, struct error *error)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *address;
    const int on = 1;

    if (getaddrinfo(load->host, load->port, &hints, &address) != 0)
        return error_set(error, ERROR_INVALID, "%s:%s is no address", load->host, load->port);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 || connect(connection->fd, address->ai_addr, address->ai_addrlen) != 0) {
        freeaddrinfo(address);
        return error_set_errno(error, errno, "connecting");
    }
    freeaddrinfo(address);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        return error_set_errno(error, errno, "watching a connection");
    return true;
}

static bool send_request(const struct load *load, struct connection *connection,
                         struct error *error)
{
    const struct buffer *request = &load->request;

    buffer_reset(&connection->answer);
    connection->sent_us = clock_monotonic_us();
    /* Smaller than any socket buffer, and only one is ever under way: it goes out whole. */
    if (send(connection->fd, request->data, request->size_bytes, MSG_NOSIGNAL) !=
        (ssize_t)request->size_bytes)
        return error_set_errno(error, errno, "sending");
    return true;
}

/* 0: not complete yet; else the status. @closing: the server will close the connection. */
static int status_when_complete(const struct buffer *answer, bool *closing)
{
    const char *end = answer->size_bytes ? strstr(answer->data, "\r\n\r\n") : NULL;
    const char *length = end ? strcasestr(answer->data, "\r\nContent-Length:") : NULL;
    size_t body_bytes = 0;

    if (!end)
        return 0;
    if (length && length < end)
        body_bytes = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    if ((size_t)(end + 4 - answer->data) + body_bytes > answer->size_bytes)
        return 0;

    const char *close_header = strcasestr(answer->data, "\r\nConnection: close");

    *closing = close_header && close_header < end;
    return (int)strtol(answer->data + strlen("HTTP/1.1 "), NULL, 10);
}

static void note(struct load *load, const struct connection *connection, int status)
{
    const int64_t latency_us = clock_monotonic_us() - connection->sent_us;

    load->by_status[status > 0 && status < STATUS_MAX ? status : 0]++;
    if (load->n_latencies < LATENCIES_MAX)
        load->latencies_us[load->n_latencies++] = (uint32_t)latency_us;
}

static bool reconnect(struct load *load, struct connection *connection, struct error *error)
{
    close(connection->fd);
    return connect_one(load, connection, error) && send_request(load, connection, error);
}

static bool on_readable(struct load *load, struct connection *connection, struct error *error)
{
    char bytes[16384];
    bool closing = false;
    const ssize_t n = recv(connection->fd, bytes, sizeof(bytes), 0);

    if (n <= 0) {
        load->cut++;
        return reconnect(load, connection, error);
    }
    buffer_append(&connection->answer, bytes, (size_t)n);
    if (!buffer_ok(&connection->answer, error))
        return false;

    const int status = status_when_complete(&connection->answer, &closing);

    if (!status)
        return true;
    note(load, connection, status);
    if (clock_monotonic_us() >= load->ends_us) {
        epoll_ctl(load->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
        close(connection->fd);
        connection->fd = -1;
        load->connections--;
        return true;
    }
    return closing ? reconnect(load, connection, error) : send_request(load, connection, error);
}

static bool run(struct load *load, struct connection *connections, struct error *error)
{
    struct epoll_event events[256];
    const int all = load->connections;

    load->ends_us = clock_monotonic_us() + load->seconds * 1000000;
    for (int i = 0; i < all; i++) {
        buffer_init(&connections[i].answer, ANSWER_BYTES_MAX);
        if (!connect_one(load, &connections[i], error) ||
            !send_request(load, &connections[i], error))
            return false;
    }
    while (load->connections > 0) {
        const int n = epoll_wait(load->epoll, events, 256, 5000);

        if (n == 0)
            return error_set(error, ERROR_UNAVAILABLE, "no answer for 5 s");
        for (int i = 0; i < n; i++) {
            if (!on_readable(load, events[i].data.ptr, error))
                return false;
        }
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static uint32_t percentile(const struct load *load, double part)
{
    if (!load->n_latencies)
        return 0;
    return load->latencies_us[(size_t)((double)(load->n_latencies - 1) * part)];
}

static void print(const struct load *load, double seconds)
{
    const char *comma = "";

    printf("{\"seconds\": %.3f, \"answered\": %zu, \"per_second\": %.0f, \"cut\": %" PRId64
           ", \"status\": {",
           seconds, load->n_latencies, (double)load->n_latencies / seconds, load->cut);
    for (int i = 0; i < STATUS_MAX; i++) {
        if (!load->by_status[i])
            continue;
        printf("%s\"%d\": %" PRId64, comma, i, load->by_status[i]);
        comma = ", ";
    }
    printf("}, \"latency_us\": {\"p50\": %" PRIu32 ", \"p90\": %" PRIu32 ", \"p99\": %" PRIu32
           ", \"p999\": %" PRIu32 ", \"max\": %" PRIu32 "}}\n",
           percentile(load, 0.5), percentile(load, 0.9), percentile(load, 0.99),
           percentile(load, 0.999), percentile(load, 1.0));
}

static bool measure(struct load *load, struct error *error)
{
    const int64_t began_us = clock_monotonic_us();
    CLEANUP(memory_freep)
    struct connection *connections =
        memory_array((size_t)load->connections, sizeof(*connections), error);

    load->latencies_us = memory_array(LATENCIES_MAX, sizeof(uint32_t), error);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!connections || !load->latencies_us || !run(load, connections, error))
        return false;

    const double seconds = (double)(clock_monotonic_us() - began_us) / 1e6;

    qsort(load->latencies_us, load->n_latencies, sizeof(uint32_t), compare);
    print(load, seconds);
    return true;
}

int main(int argc, char *argv[])
{
    struct load load = {0};
    struct error error = {0};

    if (argc != 8) {
        fprintf(stderr, "usage: load HOST PORT METHOD PATH BODY CONNECTIONS SECONDS\n");
        return 2;
    }
    load.host = argv[1];
    load.port = argv[2];
    load.connections = (int)strtol(argv[6], NULL, 10);
    load.seconds = strtol(argv[7], NULL, 10);
    if (load.connections < 1 || load.connections > 10000 || load.seconds < 1) {
        fprintf(stderr, "load: 1 to 10000 connections and at least 1 second\n");
        return 2;
    }
    buffer_init(&load.request, 8192);
    buffer_format(&load.request,
                  "%s %s HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  argv[3], argv[4], argv[1], argv[2], strlen(argv[5]), argv[5]);
    if (!buffer_ok(&load.request, &error) || !measure(&load, &error)) {
        fprintf(stderr, "load: %s\n", error.text);
        return 1;
    }
    return 0;
}
