/*
 * A door to the server that can be slammed: it passes bytes both ways, and loses what it is told
 * to. The connection on which something is lost is closed, as a network that breaks would do.
 */
#ifndef EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_PROXY_H
#define EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_PROXY_H

struct proxy;

enum proxy_loss {
    PROXY_LOSES_REQUEST, /* the server never sees it */
    PROXY_LOSES_REPLY    /* the server has carried it out */
};

/* To the first host of the url in MYEVENTS_TEST_MONGO_URL. */
struct proxy *proxy_open(void);
int proxy_port(const struct proxy *proxy);

/* The next @n_times a command of that name ("insert") passes, it or its reply is lost. */
void proxy_lose(struct proxy *proxy, const char *command, enum proxy_loss loss, int n_times);
int proxy_lost(struct proxy *proxy); /* how often it did */

void proxy_free(struct proxy *proxy);

#endif
