#include "proxy.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 64,
    CHUNK_BYTES = 65536
};

struct connection {
    int client; /* -1: not in use */
    int server;
    bool loses_reply;
};

struct proxy {
    pthread_t thread;
    int listener;
    int wake[2]; /* closed at the end */
    int port;
    struct addrinfo *target;
    struct connection connections[CONNECTIONS_MAX];

    pthread_mutex_t mutex; /* guards what follows */
    char command[32];
    enum proxy_loss loss;
    int n_times;
    int n_lost;
};

/* ---- one connection ---- */

static void hang_up(struct connection *connection)
{
    close(connection->client);
    close(connection->server);
    *connection = (struct connection){.client = -1, .server = -1};
}

static void pass(int to, const char *bytes, ssize_t size)
{
    while (size > 0) {
        ssize_t n = send(to, bytes, (size_t)size, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        bytes += n;
        size -= n;
    }
}

/*
 * A command's name is the first key of its document: behind header, flags, section, length and
 * type.
 */
static bool is_to_be_lost(struct proxy *proxy, const char *bytes, ssize_t size,
                          enum proxy_loss *loss)
{
    enum {
        NAME_OFFSET = 26
    };
    bool is_meant;

    pthread_mutex_lock(&proxy->mutex);
    is_meant = proxy->n_times > 0 && size > NAME_OFFSET + (ssize_t)sizeof(proxy->command) &&
               strcmp(bytes + NAME_OFFSET, proxy->command) == 0;
    if (is_meant) {
        proxy->n_times--;
        proxy->n_lost++;
        *loss = proxy->loss;
    }
    pthread_mutex_unlock(&proxy->mutex);
    return is_meant;
}

static void from_client(struct proxy *proxy, struct connection *connection)
{
    static char bytes[CHUNK_BYTES];
    ssize_t size = recv(connection->client, bytes, sizeof(bytes), 0);
    enum proxy_loss loss;

    if (size <= 0) {
        hang_up(connection);
        return;
    }
    if (is_to_be_lost(proxy, bytes, size, &loss)) {
        if (loss == PROXY_LOSES_REQUEST) {
            hang_up(connection);
            return;
        }
        connection->loses_reply = true;
    }
    pass(connection->server, bytes, size);
}

/* A reply that is to be lost has come, so its request was carried out. */
static void from_server(struct connection *connection)
{
    static char bytes[CHUNK_BYTES];
    ssize_t size = recv(connection->server, bytes, sizeof(bytes), 0);

    if (size <= 0 || connection->loses_reply)
        hang_up(connection);
    else
        pass(connection->client, bytes, size);
}

/* ---- all of them ---- */

static void take(struct proxy *proxy)
{
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(proxy->target->ai_family, SOCK_STREAM, 0);

    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &proxy->connections[i];

        if (connection->client >= 0)
            continue;
        *connection = (struct connection){.client = client, .server = server};
        if (connect(server, proxy->target->ai_addr, proxy->target->ai_addrlen) != 0)
            hang_up(connection);
        return;
    }
    close(client);
    close(server);
}

static void serve(struct proxy *proxy, const struct pollfd *polled)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &proxy->connections[i];

        if (connection->client >= 0 && polled[2 * i].revents)
            from_client(proxy, connection);
        if (connection->client >= 0 && polled[2 * i + 1].revents)
            from_server(connection);
    }
}

/* Descriptors of connections in pairs, then these. */
enum {
    LISTENER = 2 * CONNECTIONS_MAX,
    WAKE,
    N_POLLED
};

static struct pollfd watch(int descriptor)
{
    return (struct pollfd){.fd = descriptor, .events = POLLIN};
}

static void *run(void *context)
{
    struct proxy *proxy = context;
    struct pollfd polled[N_POLLED];

    for (;;) {
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            polled[2 * i] = watch(proxy->connections[i].client);
            polled[2 * i + 1] = watch(proxy->connections[i].server);
        }
        polled[LISTENER] = watch(proxy->listener);
        polled[WAKE] = watch(proxy->wake[0]);
        poll(polled, N_POLLED, -1);
        if (polled[WAKE].revents)
            return NULL;
        serve(proxy, polled);
        if (polled[LISTENER].revents)
            take(proxy);
    }
}

static void find_target(struct proxy *proxy)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    mongoc_uri_t *uri = mongoc_uri_new(getenv("MYEVENTS_TEST_MONGO_URL"));
    const mongoc_host_list_t *host = mongoc_uri_get_hosts(uri);
    char port[8];

    snprintf(port, sizeof(port), "%u", host->port);
    cr_assert_eq(getaddrinfo(host->host, port, &hints, &proxy->target), 0);
    mongoc_uri_destroy(uri);
}

struct proxy *proxy_open(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    struct proxy *proxy = memory_new(sizeof(*proxy), NULL);

    cr_assert_not_null(proxy);
    find_target(proxy);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        proxy->connections[i] = (struct connection){.client = -1, .server = -1};
    pthread_mutex_init(&proxy->mutex, NULL);
    cr_assert_eq(pipe(proxy->wake), 0);
    proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(proxy->listener, (struct sockaddr *)&address, length), 0);
    cr_assert_eq(listen(proxy->listener, CONNECTIONS_MAX), 0);
    cr_assert_eq(getsockname(proxy->listener, (struct sockaddr *)&address, &length), 0);
    proxy->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&proxy->thread, NULL, run, proxy), 0);
    return proxy;
}

int proxy_port(const struct proxy *proxy)
{
    return proxy->port;
}

void proxy_lose(struct proxy *proxy, const char *command, enum proxy_loss loss, int n_times)
{
    pthread_mutex_lock(&proxy->mutex);
    snprintf(proxy->command, sizeof(proxy->command), "%s", command);
    proxy->loss = loss;
    proxy->n_times = n_times;
    proxy->n_lost = 0;
    pthread_mutex_unlock(&proxy->mutex);
}

int proxy_lost(struct proxy *proxy)
{
    int n_lost;

    pthread_mutex_lock(&proxy->mutex);
    n_lost = proxy->n_lost;
    pthread_mutex_unlock(&proxy->mutex);
    return n_lost;
}

void proxy_free(struct proxy *proxy)
{
    close(proxy->wake[1]);
    pthread_join(proxy->thread, NULL);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (proxy->connections[i].client >= 0)
            hang_up(&proxy->connections[i]);
    }
    close(proxy->listener);
    close(proxy->wake[0]);
    freeaddrinfo(proxy->target);
    pthread_mutex_destroy(&proxy->mutex);
    memory_free(proxy);
}
