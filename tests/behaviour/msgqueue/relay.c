#include "tests/behaviour/msgqueue/relay.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PAIRS_MAX = 64,
    CHUNK_BYTES = 65536
};

/* Bytes read from one end go to the other; -1: closed. */
struct pair {
    int ends[2];
};

struct relay {
    struct addrinfo *server;
    int door;
    int bell;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum relay_mood wanted;
    enum relay_mood mood;
    bool stopping;
    struct pair pairs[PAIRS_MAX]; /* the thread's */
    int n_pairs;
};

static void close_pair(struct relay *relay, int i)
{
    close(relay->pairs[i].ends[0]);
    close(relay->pairs[i].ends[1]);
    relay->pairs[i] = relay->pairs[--relay->n_pairs];
}

static void close_all(struct relay *relay)
{
    while (relay->n_pairs)
        close_pair(relay, 0);
}

static void let_in(struct relay *relay)
{
    int client = accept(relay->door, NULL, NULL);
    int server = socket(relay->server->ai_family, SOCK_STREAM, 0);
    int on = 1;

    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (relay->mood == RELAY_AWAY || relay->n_pairs == PAIRS_MAX ||
        connect(server, relay->server->ai_addr, relay->server->ai_addrlen) < 0) {
        close(client);
        close(server);
        return;
    }
    relay->pairs[relay->n_pairs++] = (struct pair){{client, server}};
}

static bool write_all(int descriptor, const char *bytes, ssize_t n)
{
    while (n > 0) {
        ssize_t written = send(descriptor, bytes, (size_t)n, MSG_NOSIGNAL);

        if (written <= 0)
            return false;
        bytes += written;
        n -= written;
    }
    return true;
}

static bool pass(int from, int to)
{
    static char chunk[CHUNK_BYTES];
    ssize_t n = read(from, chunk, sizeof(chunk));

    return n > 0 && write_all(to, chunk, n);
}

/* True while the relay is to go on. */
static bool obey(struct relay *relay)
{
    eventfd_t count;
    bool go_on;

    (void)!eventfd_read(relay->bell, &count);
    pthread_mutex_lock(&relay->lock);
    relay->mood = relay->wanted;
    if (relay->mood == RELAY_AWAY)
        close_all(relay);
    go_on = !relay->stopping;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
    return go_on;
}

static void serve_pairs(struct relay *relay, const struct pollfd *descriptors, int n_pairs)
{
    for (int i = n_pairs - 1; i >= 0; i--) {
        struct pair *pair = &relay->pairs[i];
        bool whole = true;

        if (descriptors[2 * i].revents)
            whole = pass(pair->ends[0], pair->ends[1]);
        if (whole && descriptors[2 * i + 1].revents)
            whole = pass(pair->ends[1], pair->ends[0]);
        if (!whole)
            close_pair(relay, i);
    }
}

static void *run(void *context)
{
    struct relay *relay = context;

    for (;;) {
        struct pollfd descriptors[2 + 2 * PAIRS_MAX] = {{.fd = relay->bell, .events = POLLIN},
                                                        {.fd = relay->door, .events = POLLIN}};
        int n_pairs = relay->mood == RELAY_MUTE ? 0 : relay->n_pairs;

        for (int i = 0; i < 2 * n_pairs; i++)
            descriptors[2 + i] =
                (struct pollfd){.fd = relay->pairs[i / 2].ends[i % 2], .events = POLLIN};
        poll(descriptors, (nfds_t)(2 + 2 * n_pairs), -1);
        serve_pairs(relay, descriptors + 2, n_pairs);
        if (descriptors[1].revents)
            let_in(relay);
        if (descriptors[0].revents && !obey(relay))
            return NULL;
    }
}

static void open_door(struct relay *relay)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);

    relay->door = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(relay->door >= 0 &&
              bind(relay->door, (struct sockaddr *)&address, sizeof(address)) == 0 &&
              listen(relay->door, PAIRS_MAX) == 0 &&
              getsockname(relay->door, (struct sockaddr *)&address, &size) == 0);
    relay->port = ntohs(address.sin_port);
}

struct relay *relay_open(const char *host, int port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct relay *relay = calloc(1, sizeof(*relay));
    char service[16];

    cr_assert(relay);
    snprintf(service, sizeof(service), "%d", port);
    cr_assert(getaddrinfo(host, service, &hints, &relay->server) == 0, "no address of %s", host);
    open_door(relay);
    relay->bell = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&relay->lock, NULL);
    pthread_cond_init(&relay->changed, NULL);
    cr_assert(pthread_create(&relay->thread, NULL, run, relay) == 0);
    return relay;
}

int relay_port(const struct relay *relay)
{
    return relay->port;
}

void relay_set(struct relay *relay, enum relay_mood mood)
{
    pthread_mutex_lock(&relay->lock);
    relay->wanted = mood;
    eventfd_write(relay->bell, 1);
    while (relay->mood != mood)
        pthread_cond_wait(&relay->changed, &relay->lock);
    pthread_mutex_unlock(&relay->lock);
}

void relay_close(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    relay->stopping = true;
    eventfd_write(relay->bell, 1);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->thread, NULL);
    close_all(relay);
    close(relay->door);
    close(relay->bell);
    freeaddrinfo(relay->server);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}
