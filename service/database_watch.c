#include "service/database_watch.h"

#include "base/log.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum {
    WATCH_EVERY_MS = 500
};

struct database_watch {
    struct database *database;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* under lock */
    _Atomic bool is_well;
};

static void note(struct database_watch *watch, bool is_well, const struct error *error)
{
    if (atomic_exchange(&watch->is_well, is_well) == is_well)
        return;
    if (is_well)
        log_info("database answers again");
    else
        log_warning("database does not answer", LOG_CAUSE(error));
}

/* True when it is time to end. */
static bool wait_a_turn(struct database_watch *watch)
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
    struct database_watch *watch = context;

    while (!wait_a_turn(watch)) {
        struct error error = {0};
        bool is_well = database_ping(watch->database, &error);

        note(watch, is_well, &error);
    }
    return NULL;
}

bool database_watch_open(struct database *database, struct database_watch **watch,
                         struct error *error)
{
    CLEANUP(memory_freep) struct database_watch *self = memory_new(sizeof(*self), error);
    pthread_condattr_t monotonic;
    int failed;

    if (!self)
        return false;
    self->database = database;
    self->is_well = true;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    failed = pthread_create(&self->thread, NULL, run, self);
    if (failed)
        return error_set_errno(error, failed, "starting the database watch");
    *watch = self;
    self = NULL;
    return true;
}

bool database_watch_is_well(const struct database_watch *watch)
{
    return watch && atomic_load(&watch->is_well);
}

void database_watch_free(struct database_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    memory_free(watch);
}
