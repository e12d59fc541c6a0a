#include "service/watch.h"

#include "base/log.h"
#include "base/thread.h"

#include <assert.h>
#include <time.h>

enum {
    WATCH_EVERY_MS = 500
};

static void note(struct watch *watch, size_t i, bool is_well, const struct error *error)
{
    const int before = atomic_exchange(&watch->states[i], is_well ? WATCH_WELL : WATCH_AWAY);

    if (is_well && before == WATCH_AWAY)
        log_info("answers again", LOG_TEXT("what", watch->things[i].name));
    else if (!is_well && before != WATCH_AWAY)
        log_warning("does not answer", LOG_TEXT("what", watch->things[i].name), LOG_CAUSE(error));
}

/* What is not there yet at the start is given one turn to come before anything is said of it. */
static void ask_first(struct watch *watch)
{
    for (size_t i = 0; i < watch->n_things; i++) {
        if (watch->things[i].ask(watch->context, NULL))
            atomic_store(&watch->states[i], WATCH_WELL);
    }
}

/* True when it is time to end. */
static bool wait_a_turn(struct watch *watch)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_EVERY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;

    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping && pthread_cond_timedwait(&watch->wake, &watch->lock, &until) == 0)
        ;
    stopping = watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return stopping;
}

static void *run(void *context)
{
    struct watch *watch = context;

    while (!wait_a_turn(watch)) {
        for (size_t i = 0; i < watch->n_things; i++) {
            struct error error = {0};
            const bool is_well = watch->things[i].ask(watch->context, &error);

            note(watch, i, is_well, &error);
        }
    }
    return NULL;
}

static void destroy(struct watch *watch)
{
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
}

bool watch_start(struct watch *watch, struct error *error)
{
    pthread_condattr_t monotonic;

    assert(watch->n_things <= WATCHED_MAX);
    ask_first(watch);
    watch->stopping = false;
    pthread_mutex_init(&watch->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (thread_start(&watch->thread, THREAD_STACK_OF_SYSTEM, run, watch, "starting the watch",
                     error))
        return true;
    destroy(watch);
    return false;
}

bool watch_is_well(const struct watch *watch, size_t index)
{
    return atomic_load(&watch->states[index]) == WATCH_WELL;
}

void watch_stop(struct watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    destroy(watch);
}
