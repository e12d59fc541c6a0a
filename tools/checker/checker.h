/*
 * Decides from a history which of the invariants I1 to I10 hold; docs/checker.md says what is decided
 * from what. Needs about n log n steps for n lines and touches nothing but memory. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_CHECKER_H
#define EVENTS_TOOLS_CHECKER_CHECKER_H

#include "tools/checker/findings.h"
#include "tools/checker/history.h"

/*
 * Fill @findings, which starts as {0}. The entries of @history are put in order. ERROR_TOO_LARGE when
 * the memory given to the history is used up, ERROR_MEMORY.
 */
MUST_CHECK bool checker_judge(struct history *history, struct findings *findings,
                              struct error *error);

#endif
