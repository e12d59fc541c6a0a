/*
 * What a history breaks: which invariant, in words, and the lines that show it. All are counted, the
 * first few of each invariant kept. A value, though a large one. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_FINDINGS_H
#define EVENTS_TOOLS_CHECKER_FINDINGS_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum invariant {
    INVARIANT_NO_OVERSELL = 1,
    INVARIANT_WHOLE_LEDGER,
    INVARIANT_NOTHING_LOST,
    INVARIANT_NOTHING_INVENTED,
    INVARIANT_AT_MOST_ONCE,
    INVARIANT_REAL_TIME,
    INVARIANT_REFUSALS,
    INVARIANT_MESSAGES,
    INVARIANT_COPIES,
    INVARIANT_EMPTY_ENDS,
    INVARIANT_END
};

enum {
    EVIDENCE_LINES_MAX = 8,
    FINDINGS_KEPT_MAX = 5, /* of each invariant */
    FINDING_TEXT_BYTES = 320
};

struct finding {
    enum invariant invariant;
    char text[FINDING_TEXT_BYTES];
    uint32_t lines[EVIDENCE_LINES_MAX]; /* ascending, without repeats and without 0 */
    size_t n_lines;
};

struct findings {
    struct finding kept[INVARIANT_END * FINDINGS_KEPT_MAX];
    size_t n_kept;
    uint64_t n[INVARIANT_END]; /* how often each is broken */
    uint64_t n_all;
    bool decided[INVARIANT_END]; /* the history had what is needed to decide it */
};

/* Lines that show something. Those beyond EVIDENCE_LINES_MAX are left out. */
struct evidence {
    uint32_t lines[EVIDENCE_LINES_MAX];
    size_t n_lines;
};
void evidence_add(struct evidence *evidence, uint32_t line);

void findings_add(struct findings *findings, enum invariant invariant,
                  const struct evidence *evidence, const char *format, ...) PRINTF_LIKE(4, 5);

/* "no oversell". Static text. */
const char *invariant_name(enum invariant invariant);

#endif
