/*
 * Breadth first, so that the first violation found has the shortest schedule there is. A state is kept as
 * its hash and the move that led to it; to go on from it all moves are made again from the beginning.
 */
#ifndef EVENTS_TESTS_SIMULATOR_EXPLORE_SEARCH_H
#define EVENTS_TESTS_SIMULATOR_EXPLORE_SEARCH_H

#include "tests/simulator/explore/field.h"

#include <time.h>

struct search {
    struct field *field;
    const struct bounds *bounds;
    clock_t deadline; /* by clock(), when to give up; 0: never */

    struct node {
        uint32_t parent;
        struct move move;
        uint8_t depth;
    } * nodes; /* owned; in the order of their depth */
    size_t n_nodes;
    size_t n_nodes_max;
    uint64_t *hashes; /* owned; open addressing; 0: free */
    size_t n_hashes;  /* a power of two */
    size_t n_moves;   /* made, without those made again */
    size_t n_open;    /* states from which it has not gone on, for want of time */
    uint32_t failed;  /* the node where an invariant fell */
};

void search_clear(struct search *search); /* {0} is fine */

/*
 * All states within @bounds, or until the deadline: then search_depth() tells how far. False: an invariant fell
 * (@error has it, search_print() the schedule), or there was no memory (ERROR_MEMORY).
 */
MUST_CHECK bool search_run(struct search *search, struct error *error);

/* The schedule that leads to the violation. */
void search_print(struct search *search);

/*
 * Moves of the longest schedule that does not go round in circles; of those that were all looked at, when
 * time was wanting.
 */
unsigned search_depth(const struct search *search);

#endif
