/*
 * A TCP relay between a program and its server, with which a test plays the network: on, away (nothing
 * connects, everything is cut) or mute (connections stay, no byte passes). Own thread.
 */
#ifndef EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_RELAY_H
#define EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_RELAY_H

enum relay_mood {
    RELAY_ON,
    RELAY_AWAY,
    RELAY_MUTE
};

struct relay;

/* Fails the test when it cannot start. */
struct relay *relay_open(const char *host, int port);
int relay_port(const struct relay *relay);

/* Returns when the mood is in force. */
void relay_set(struct relay *relay, enum relay_mood mood);
void relay_close(struct relay *relay);

#endif
