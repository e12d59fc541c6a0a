#include "tests/behaviour/msgqueue/relay.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
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

/* What was read at one end and the other has not taken yet. */
struct held {
    char bytes[CHUNK_BYTES];
    size_t n;
    size_t n_passed;
};

/* Bytes read from one end go to the other. Neither waits for the other: both may be writing to each other at once. */
struct pair {
    int ends[2];
    struct held *held[2]; /* owned; by the end that it was read from */
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
    for (int end = 0; end < 2; end++) {
        close(relay->pairs[i].ends[end]);
        free(relay->pairs[i].held[end]);
    }
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
    relay->pairs[relay->n_pairs++] = (struct pair){
        {client, server}, {calloc(1, sizeof(struct held)), calloc(1, sizeof(struct held))}};
}

static bool is_empty(const struct held *held)
{
    return held->n_passed == held->n;
}

static bool take(int from, struct held *held)
{
    ssize_t n = read(from, held->bytes, sizeof(held->bytes));

    held->n = n > 0 ? (size_t)n : 0;
    held->n_passed = 0;
    return n > 0;
}

static bool pass(struct held *held, int to)
{
    ssize_t n = send(to, held->bytes + held->n_passed, held->n - held->n_passed,
                     MSG_NOSIGNAL | MSG_DONTWAIT);

    held->n_passed += n > 0 ? (size_t)n : 0;
    return n > 0 || errno == EAGAIN;
}

/* An end is read when nothing of it is held, and written to when something is held for it. */
static void ask(const struct pair *pair, struct pollfd descriptors[2])
{
    for (int end = 0; end < 2; end++) {
        short events = is_empty(pair->held[end]) ? POLLIN : 0;

        if (!is_empty(pair->held[!end]))
            events |= POLLOUT;
        descriptors[end] = (struct pollfd){.fd = pair->ends[end], .events = events};
    }
}

static bool serve_pair(struct pair *pair, const struct pollfd descriptors[2])
{
    for (int end = 0; end < 2; end++) {
        struct held *held = pair->held[end];

        if (is_empty(held) && (descriptors[end].revents & ~POLLOUT) && !take(pair->ends[end], held))
            return false;
        if (!is_empty(held) && !pass(held, pair->ends[!end]))
            return false;
    }
    return true;
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
        if (!serve_pair(&relay->pairs[i], &descriptors[(size_t)2 * (size_t)i]))
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

        for (int i = 0; i < n_pairs; i++)
            ask(&relay->pairs[i], &descriptors[2 + 2 * i]);
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
