#include "msgqueue/amqp/watchdog.h"

#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

static void wait_until(struct watchdog *watchdog, int64_t until_ms)
{
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};

    pthread_cond_timedwait(&watchdog->changed, &watchdog->lock, &until);
}

static void wait_or_bite(struct watchdog *watchdog)
{
    int64_t deadline_ms = watchdog->deadline_ms;

    if (deadline_ms == 0) {
        watchdog->asleep = true;
        pthread_cond_wait(&watchdog->changed, &watchdog->lock);
        watchdog->asleep = false;
    } else if (clock_monotonic_ms() < deadline_ms) {
        wait_until(watchdog, deadline_ms);
    } else {
        shutdown(watchdog->descriptor, SHUT_RDWR);
        watchdog->deadline_ms = 0;
    }
}

static void *watch(void *context)
{
    struct watchdog *watchdog = context;

    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->stopping)
        wait_or_bite(watchdog);
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

static void init_locks(struct watchdog *watchdog)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&watchdog->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watchdog->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool watchdog_start(struct watchdog *watchdog, struct error *error)
{
    init_locks(watchdog);
    if (!thread_start(&watchdog->thread, THREAD_SMALL_STACK_BYTES, watch, watchdog,
                      "starting a thread", error)) {
        pthread_cond_destroy(&watchdog->changed);
        pthread_mutex_destroy(&watchdog->lock);
        return false;
    }
    watchdog->running = true;
    return true;
}

void watchdog_stop(struct watchdog *watchdog)
{
    if (!watchdog->running)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->stopping = true;
    pthread_cond_signal(&watchdog->changed);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->changed);
    pthread_mutex_destroy(&watchdog->lock);
    watchdog->running = false;
}

void watchdog_guard(struct watchdog *watchdog, int descriptor, int64_t timeout_ms)
{
    pthread_mutex_lock(&watchdog->lock);
    watchdog->descriptor = descriptor;
    watchdog->deadline_ms = clock_monotonic_ms() + timeout_ms;
    /* Already waiting for an earlier deadline, it will look at this one by itself. */
    if (watchdog->asleep)
        pthread_cond_signal(&watchdog->changed);
    pthread_mutex_unlock(&watchdog->lock);
}

void watchdog_release(struct watchdog *watchdog)
{
    pthread_mutex_lock(&watchdog->lock);
    watchdog->deadline_ms = 0;
    pthread_mutex_unlock(&watchdog->lock);
}
