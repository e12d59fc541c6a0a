/* One request and what came of it: its bytes, its answer, its line in the history. */
#ifndef EVENTS_BENCH_LOAD_CALL_H
#define EVENTS_BENCH_LOAD_CALL_H

#include "base/buffer.h"
#include "bench/load/plan.h"

#include <stdio.h>

struct call {
    enum operation operation;
    const char *event;            /* borrowed; NULL: none */
    struct object_id_hex booking; /* of a cancellation */
    uint64_t key;                 /* 0: none */
    int64_t due_us;               /* when it should have been sent */
    int64_t sent_us;              /* when it was; monotonic, as due_us */
};

struct answer {
    int status;       /* 0: none came */
    bool is_last;     /* the server will close the connection */
    const char *body; /* borrowed from what was received */
    size_t body_bytes;

    /* Of the body; not there before answer_read_body(). */
    struct object_id_hex booking; /* that it names; empty: none */
    int64_t left;                 /* free seats that it tells of; -1: none told */
    int64_t entry;                /* of the ledger, likewise */
    char reason[32];              /* the end of a problem's type; empty: none */
};

/* All bytes of the request. */
void call_write(const struct call *call, const struct plan *plan, struct buffer *request);

/* Whether an answer is complete in what was received; then its head is read. */
bool answer_read(const struct buffer *received, struct answer *answer);
void answer_read_body(struct answer *answer);

/* The line that `myevents check` reads (docs/checker.md); nothing for what it does not judge. */
void call_record(const struct call *call, const struct plan *plan, const struct answer *answer,
                 int64_t ended_us, FILE *history);

#endif
