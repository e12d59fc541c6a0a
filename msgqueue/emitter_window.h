/*
 * The decisions of an emitter, without socket, thread and clock: what goes out next, under which
 * delivery tag, and how each message ends. Events go in as calls, time as a parameter; the actions
 * come out of emitter_window_send() and emitter_window_settled(). One thread at a time.
 *
 * An emission is in one of three places: waiting, on the wire (sent, not settled), or settled. What is
 * on the wire belongs to one generation, that is one connection, whose tags start at 1; when the
 * connection is lost all of it ends, and what was waiting goes on waiting for the next one. A message
 * counts as published when it was confirmed and no return with its id came before the confirm.
 */
#ifndef EVENTS_MSGQUEUE_EMITTER_WINDOW_H
#define EVENTS_MSGQUEUE_EMITTER_WINDOW_H

#include "msgqueue/emission.h"

struct emission_list {
    struct emission *first;
    struct emission *last;
    int n;
};

struct emitter_window {
    struct emission **on_wire; /* by tag modulo size; NULL: settled */
    int size;
    int queue_size;
    int64_t confirm_timeout_ms;
    uint64_t first_tag; /* none below it is on the wire */
    uint64_t next_tag;
    bool open;
    bool blocked; /* the broker asked to be left alone */
    bool stopped;
    struct emission_list waiting;
    struct emission_list settled;
};

MUST_CHECK bool emitter_window_init(struct emitter_window *window, int size, int queue_size,
                                    int64_t confirm_timeout_ms, struct error *error);

/* Frees whatever is still inside without finishing it. {0} is fine. */
void emitter_window_clear(struct emitter_window *window);

/*
 * Take @emission, which is the window's on success. ERROR_BUSY when the queue is full,
 * ERROR_UNAVAILABLE after a stop.
 */
MUST_CHECK bool emitter_window_add(struct emitter_window *window, struct emission *emission,
                                   struct error *error);

/* A connection is open, its channel confirms and its tags start at 1. */
void emitter_window_opened(struct emitter_window *window);

/* It is gone: all that was on the wire ends. Harmless when none was open. */
void emitter_window_lost(struct emitter_window *window);

/* Nothing more is taken, and all there is ends. */
void emitter_window_stop(struct emitter_window *window);

void emitter_window_blocked(struct emitter_window *window, bool blocked);

/* Confirm or refusal of @tag, with @multiple of everything up to it (tag 0: of all). */
void emitter_window_confirmed(struct emitter_window *window, uint64_t tag, bool multiple);
void emitter_window_refused(struct emitter_window *window, uint64_t tag, bool multiple);

/*
 * A message with this id came back as unroutable; its confirm is still to come. False: no such one is under way any
 * more.
 */
bool emitter_window_returned(struct emitter_window *window, const char *id);

/* What has been on the wire for too long ends; a later confirm of it is ignored. */
void emitter_window_tick(struct emitter_window *window, int64_t now_ms);

/*
 * The next message to publish; it is on the wire from here on, and stays the window's. NULL when there
 * is none, no connection, no room, or the broker is blocked.
 */
MUST_CHECK struct emission *emitter_window_send(struct emitter_window *window, int64_t now_ms);

/* The next one that has ended (see ->end); the caller's to finish. NULL when there is none. */
MUST_CHECK struct emission *emitter_window_settled(struct emitter_window *window);

#endif
