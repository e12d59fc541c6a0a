/*
 * What a comparison has found, told as it is found: a line of text or of JSON each, up to a limit; all
 * are counted. One thread.
 */
#ifndef EVENTS_TOOLS_COMPARISON_DIFFERENCES_H
#define EVENTS_TOOLS_COMPARISON_DIFFERENCES_H

#include "base/object_id.h"
#include "tools/word.h"

struct differences {
    const struct word_call *call; /* where to tell it */
    int64_t limit;                /* lines */
    int64_t n;                    /* differences, told or not */
    int64_t patience_end_ms;      /* monotonic: until then what differs may be on its way */
};

/* One member that is not the same on both sides. */
struct difference {
    const char *where; /* "copy" or "ledger": what is compared with the catalogue */
    const char *kind;  /* "event" */
    struct object_id id;
    const char *member;    /* "capacity" */
    const char *catalogue; /* as text, as the catalogue has it */
    const char *there;     /* and as the other has it */
};

void differences_tell(struct differences *differences, const struct difference *difference);

/*
 * Whether what has just differed should be looked at once more: a message may be on its way. Then a
 * short time has passed. False when patience or the person's is over.
 */
bool differences_look_again(struct differences *differences);

#endif
