#include "http/answerers.h"

#include "base/thread.h"
#include "http/worker.h"

#include <unistd.h>

/* Under the lock, which is given up while it waits. NULL: the end. */
static struct http_deferred *take(struct http_answerers *answerers)
{
    struct http_deferred *deferred;

    while (!answerers->first && !answerers->is_ending) {
        answerers->n_idle++;
        pthread_cond_wait(&answerers->has_work, &answerers->mutex);
    }
    deferred = answerers->first;
    if (deferred)
        answerers->first = deferred->next;
    return deferred;
}

static void *answer(void *argument)
{
    struct http_answerers *answerers = argument;
    struct http_deferred *deferred;

    http_worker_take_turns();
    pthread_mutex_lock(&answerers->mutex);
    while ((deferred = take(answerers))) {
        pthread_mutex_unlock(&answerers->mutex);
        answerers->answer(deferred);
        pthread_mutex_lock(&answerers->mutex);
    }
    pthread_mutex_unlock(&answerers->mutex);
    return NULL;
}

static size_t n_wanted(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors < 8)
        return 1;
    return processors / 4 < HTTP_ANSWERERS_MAX ? (size_t)processors / 4 : HTTP_ANSWERERS_MAX;
}

bool http_answerers_start(struct http_answerers *answerers,
                          void (*answer_one)(struct http_deferred *deferred), struct error *error)
{
    size_t n = n_wanted();

    answerers->answer = answer_one;
    pthread_mutex_init(&answerers->mutex, NULL);
    pthread_cond_init(&answerers->has_work, NULL);
    while (answerers->n_threads < n) {
        if (!thread_start(&answerers->threads[answerers->n_threads], THREAD_SMALL_STACK_BYTES,
                          answer, answerers, "starting a thread that answers", error))
            return false;
        answerers->n_threads++;
    }
    return true;
}

void http_answerers_stop(struct http_answerers *answerers)
{
    if (!answerers->answer)
        return;
    pthread_mutex_lock(&answerers->mutex);
    answerers->is_ending = true;
    pthread_cond_broadcast(&answerers->has_work);
    pthread_mutex_unlock(&answerers->mutex);
    for (size_t i = 0; i < answerers->n_threads; i++)
        pthread_join(answerers->threads[i], NULL);
    pthread_cond_destroy(&answerers->has_work);
    pthread_mutex_destroy(&answerers->mutex);
}

void http_answerers_put(struct http_answerers *answerers, struct http_deferred *deferred)
{
    deferred->next = NULL;
    pthread_mutex_lock(&answerers->mutex);
    if (answerers->first)
        answerers->last->next = deferred;
    else
        answerers->first = deferred;
    answerers->last = deferred;
    /* Under the lock: with the last answer all this may go. */
    if (answerers->n_idle > 0) {
        answerers->n_idle--;
        pthread_cond_signal(&answerers->has_work);
    }
    pthread_mutex_unlock(&answerers->mutex);
}
