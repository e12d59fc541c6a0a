#include "ledger/deadlines.h"

#include <utlist.h>

void deadlines_init(struct deadlines *deadlines)
{
    *deadlines = (struct deadlines){.sleeps_to_ms = INT64_MIN};
}

bool deadlines_put(struct deadlines *deadlines, struct call *call)
{
    struct call *before = deadlines->first ? deadlines->first->prev : NULL; /* the last one */

    while (before && before->deadline_ms > call->deadline_ms)
        before = before == deadlines->first ? NULL : before->prev;
    if (before)
        DL_APPEND_ELEM(deadlines->first, before, call);
    else
        DL_PREPEND(deadlines->first, call);
    if (call->deadline_ms >= deadlines->sleeps_to_ms)
        return false;
    deadlines->sleeps_to_ms = call->deadline_ms;
    return true;
}

void deadlines_remove(struct deadlines *deadlines, struct call *call)
{
    DL_DELETE(deadlines->first, call);
}

struct call *deadlines_take(struct deadlines *deadlines, int64_t now_ms)
{
    struct call *call = deadlines->first;

    if (!call || call->deadline_ms > now_ms)
        return NULL;
    deadlines_remove(deadlines, call);
    return call;
}

int64_t deadlines_sleep(struct deadlines *deadlines)
{
    deadlines->sleeps_to_ms = deadlines->first ? deadlines->first->deadline_ms : INT64_MAX;
    return deadlines->sleeps_to_ms;
}
