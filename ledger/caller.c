#include "ledger/caller.h"

#include <errno.h>
#include <time.h>

void caller_init(struct caller *caller)
{
    *caller = (struct caller){0};
    sem_init(&caller->told, 0, 0);
}

void caller_clear(struct caller *caller)
{
    sem_destroy(&caller->told);
}

/* False: @deadline has passed. */
static bool wait_until(struct caller *caller, const struct timespec *deadline)
{
    while (sem_clockwait(&caller->told, CLOCK_MONOTONIC, deadline) != 0) {
        if (errno != EINTR)
            return false;
    }
    return true;
}

bool caller_wait(struct caller *caller, int64_t deadline_ms)
{
    const struct timespec deadline = {.tv_sec = deadline_ms / 1000,
                                      .tv_nsec = deadline_ms % 1000 * 1000000};
    enum caller_stage waits = CALLER_WAITS;
    bool is_told = wait_until(caller, &deadline);

    if (atomic_compare_exchange_strong(&caller->stage, &waits, CALLER_LEAVES))
        return false;
    if (!is_told) /* it is being woken at this moment */
        caller_wait_for_answer(caller);
    return true;
}

void caller_wait_for_answer(struct caller *caller)
{
    while (sem_wait(&caller->told) != 0)
        continue; /* a signal came */
}

/* The semaphore comes last: the caller may return then, and its memory be gone. */
bool caller_wake(struct caller *caller)
{
    bool was_leaving = atomic_exchange(&caller->stage, CALLER_IS_ANSWERED) == CALLER_LEAVES;

    sem_post(&caller->told);
    return !was_leaving;
}
