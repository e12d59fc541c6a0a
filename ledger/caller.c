#include "ledger/caller.h"

#include <time.h>

void caller_init(struct caller *caller)
{
    *caller = (struct caller){.mutex = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
}

void caller_clear(struct caller *caller)
{
    pthread_cond_destroy(&caller->told);
    pthread_mutex_destroy(&caller->mutex);
}

bool caller_wait(struct caller *caller, int64_t deadline_ms)
{
    const struct timespec deadline = {.tv_sec = deadline_ms / 1000,
                                      .tv_nsec = deadline_ms % 1000 * 1000000};
    int status = 0;
    bool is_done;

    pthread_mutex_lock(&caller->mutex);
    while (!caller->is_done && status == 0)
        status = pthread_cond_clockwait(&caller->told, &caller->mutex, CLOCK_MONOTONIC, &deadline);
    is_done = caller->is_done;
    caller->is_leaving = !is_done;
    pthread_mutex_unlock(&caller->mutex);
    return is_done;
}

void caller_wait_for_answer(struct caller *caller)
{
    pthread_mutex_lock(&caller->mutex);
    while (!caller->is_done)
        pthread_cond_wait(&caller->told, &caller->mutex);
    pthread_mutex_unlock(&caller->mutex);
}

/* Under its mutex to the end: once that is free, the caller may return and its memory be gone. */
bool caller_wake(struct caller *caller)
{
    bool is_leaving;

    pthread_mutex_lock(&caller->mutex);
    caller->is_done = true;
    is_leaving = caller->is_leaving;
    pthread_cond_signal(&caller->told);
    pthread_mutex_unlock(&caller->mutex);
    return !is_leaving;
}
