#include "msgqueue/own_thread.h"

#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Tables inside message headers are decoded by recursion, and one frame can nest some twenty thousand of
 * them: the default stack of a process that was started with a small limit would not hold that.
 */
enum {
    STACK_BYTES = 8 * 1024 * 1024
};

bool own_thread_init(struct own_thread *self, struct error *error)
{
    self->wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake_descriptor < 0)
        return error_set_errno(error, errno, "eventfd");
    self->has_descriptor = true;
    return true;
}

bool own_thread_start(struct own_thread *self, void *(*run)(void *), void *context,
                      struct error *error)
{
    if (!thread_start(&self->thread, STACK_BYTES, run, context, "starting a thread", error))
        return false;
    self->running = true;
    return true;
}

void own_thread_end(struct own_thread *self)
{
    if (!self->running)
        return;
    atomic_store(&self->stopping, true);
    own_thread_wake(self);
    pthread_join(self->thread, NULL);
    self->running = false;
}

void own_thread_clear(struct own_thread *self)
{
    own_thread_end(self);
    if (self->has_descriptor)
        close(self->wake_descriptor);
    self->has_descriptor = false;
}

void own_thread_wake(struct own_thread *self)
{
    /* It fails only when so many signals are pending that the thread wakes up anyway. */
    (void)!eventfd_write(self->wake_descriptor, 1);
}

bool own_thread_stopping(const struct own_thread *self)
{
    return atomic_load(&self->stopping);
}

void own_thread_drain(struct own_thread *self)
{
    eventfd_t count;

    (void)!eventfd_read(self->wake_descriptor, &count);
}

void own_thread_rest(struct own_thread *self, int64_t wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    int64_t left_ms = wait_ms;

    while (left_ms > 0 && !own_thread_stopping(self)) {
        struct pollfd wake = {.fd = self->wake_descriptor, .events = POLLIN};

        (void)poll(&wake, 1, (int)left_ms);
        own_thread_drain(self);
        left_ms = until_ms - clock_monotonic_ms();
    }
}
