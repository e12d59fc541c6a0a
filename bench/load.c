/*
 * A load of HTTP requests over so many kept-alive connections to one server. One thread with epoll, so that
 * it takes little from the programs it measures.
 *
 *     load HOST PORT METHOD PATH BODY CONNECTIONS SECONDS [RATE]
 *
 * Without a rate the loop is closed: each connection sends its next request when the last was answered.
 * That hides the waiting of requests that were never sent, so quote rates and latencies together with the
 * number of connections. With a rate it is open: requests arrive evenly, RATE a second, and a latency
 * counts from the moment at which the request should have been sent, so that waiting for a free connection
 * is part of it. What still waits 5 s after the end counts as unsent.
 *
 * Prints one JSON object: requests answered, by status, per second, and the latency in microseconds.
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

static const int64_t silence_us = 5000000; /* without any answer: it hangs */
static const int64_t late_us = 5000000;    /* after the end: nothing is sent any more */

struct load {
    const char *host;
    const char *port;
    struct buffer request;
    int n_connections;
    int64_t seconds;
    int64_t rate; /* arrivals a second; 0: whenever a connection is free */
    int epoll;
    int64_t began_us;
    int64_t ends_us;
    int64_t n_arrived; /* requests that were sent */
    struct connection *idle;
    int n_idle;
    int64_t by_status[STATUS_MAX];
    int64_t cut; /* connections that ended in the middle of an answer */
    uint32_t *latencies_us;
    size_t n_latencies;
};

struct connection {
    int fd;
    int64_t due_us; /* when its request should have been sent */
    struct buffer answer;
    bool is_busy; /* a request of it is under way */
    struct connection *next_idle;
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
    /* Smaller than any socket buffer, and only one is ever under way: it goes out whole. */
    if (send(connection->fd, request->data, request->size_bytes, MSG_NOSIGNAL) !=
        (ssize_t)request->size_bytes)
        return error_set_errno(error, errno, "sending");
    return true;
}

static void put_idle(struct load *load, struct connection *connection)
{
    connection->is_busy = false;
    connection->next_idle = load->idle;
    load->idle = connection;
    load->n_idle++;
}

/* When the next request arrives; INT64_MAX: none does any more. */
static int64_t next_arrival_us(const struct load *load, int64_t now_us)
{
    int64_t due_us = load->rate ? load->began_us + load->n_arrived * 1000000 / load->rate : now_us;

    return due_us < load->ends_us ? due_us : INT64_MAX;
}

/* Send what has arrived as far as connections are free. */
static bool send_arrived(struct load *load, struct error *error)
{
    const int64_t now_us = clock_monotonic_us();

    while (load->idle) {
        struct connection *connection = load->idle;
        int64_t due_us = next_arrival_us(load, now_us);

        if (due_us > now_us || now_us > load->ends_us + late_us)
            return true;
        load->idle = connection->next_idle;
        load->n_idle--;
        load->n_arrived++;
        connection->due_us = due_us;
        connection->is_busy = true;
        if (!send_request(load, connection, error))
            return false;
    }
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
    const int64_t latency_us = clock_monotonic_us() - connection->due_us;

    load->by_status[status > 0 && status < STATUS_MAX ? status : 0]++;
    if (load->n_latencies < LATENCIES_MAX)
        load->latencies_us[load->n_latencies++] = (uint32_t)latency_us;
}

static bool on_readable(struct load *load, struct connection *connection, struct error *error)
{
    char bytes[16384];
    bool closing = false;
    int status;
    const ssize_t n = recv(connection->fd, bytes, sizeof(bytes), 0);

    if (n > 0)
        buffer_append(&connection->answer, bytes, (size_t)n);
    if (!buffer_ok(&connection->answer, error))
        return false;
    status = status_when_complete(&connection->answer, &closing);
    if (n > 0 && !status)
        return true;
    if (connection->is_busy) {
        if (status)
            note(load, connection, status);
        else
            load->cut++;
        put_idle(load, connection);
    }
    if (n > 0 && !closing)
        return true;
    close(connection->fd); /* an idle one is closed by the server after a while */
    return connect_one(load, connection, error);
}

/* Until something can be read, or the next request arrives. */
static int wait_for(const struct load *load, struct epoll_event *events, int n_max)
{
    const int64_t now_us = clock_monotonic_us();
    const int64_t due_us = next_arrival_us(load, now_us);
    int64_t wait_us = silence_us;

    if (load->idle && due_us - now_us < wait_us)
        wait_us = due_us > now_us ? due_us - now_us : 0;

    const struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};

    return epoll_pwait2(load->epoll, events, n_max, &wait, NULL);
}

static bool is_over(const struct load *load)
{
    const int64_t now_us = clock_monotonic_us();

    return load->n_idle == load->n_connections && now_us >= load->ends_us &&
           (next_arrival_us(load, now_us) == INT64_MAX || now_us > load->ends_us + late_us);
}

static bool run(struct load *load, struct error *error)
{
    struct epoll_event events[256];

    load->began_us = clock_monotonic_us();
    load->ends_us = load->began_us + load->seconds * 1000000;
    while (!is_over(load)) {
        if (!send_arrived(load, error))
            return false;

        const int n = wait_for(load, events, (int)ARRAY_SIZE(events));

        if (n == 0 && load->n_idle < load->n_connections && !load->idle)
            return error_set(error, ERROR_UNAVAILABLE, "no answer for 5 s");
        for (int i = 0; i < n; i++) {
            if (!on_readable(load, events[i].data.ptr, error))
                return false;
        }
    }
    return true;
}

static bool open_connections(struct load *load, struct connection *connections, struct error *error)
{
    for (int i = 0; i < load->n_connections; i++) {
        buffer_init(&connections[i].answer, ANSWER_BYTES_MAX);
        if (!connect_one(load, &connections[i], error))
            return false;
        put_idle(load, &connections[i]);
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
           ", \"unsent\": %" PRId64 ", \"status\": {",
           seconds, load->n_latencies, (double)load->n_latencies / seconds, load->cut,
           load->rate ? load->rate * load->seconds - load->n_arrived : 0);
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
    CLEANUP(memory_freep)
    struct connection *connections =
        memory_array((size_t)load->n_connections, sizeof(*connections), error);

    load->latencies_us = memory_array(LATENCIES_MAX, sizeof(uint32_t), error);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!connections || !load->latencies_us || !open_connections(load, connections, error) ||
        !run(load, error))
        return false;

    const double seconds = (double)(clock_monotonic_us() - load->began_us) / 1e6;

    qsort(load->latencies_us, load->n_latencies, sizeof(uint32_t), compare);
    print(load, seconds);
    return true;
}

int main(int argc, char *argv[])
{
    struct load load = {0};
    struct error error = {0};

    if (argc != 8 && argc != 9) {
        fprintf(stderr, "usage: load HOST PORT METHOD PATH BODY CONNECTIONS SECONDS [RATE]\n");
        return 2;
    }
    load.host = argv[1];
    load.port = argv[2];
    load.n_connections = (int)strtol(argv[6], NULL, 10);
    load.seconds = strtol(argv[7], NULL, 10);
    load.rate = argc == 9 ? strtol(argv[8], NULL, 10) : 0;
    if (load.n_connections < 1 || load.n_connections > 10000 || load.seconds < 1 || load.rate < 0 ||
        load.rate > 1000000) {
        fprintf(stderr,
                "load: 1 to 10000 connections, at least 1 second, at most 1000000 a second\n");
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
