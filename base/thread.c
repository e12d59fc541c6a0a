#include "base/thread.h"

bool thread_start(pthread_t *thread, size_t stack_bytes, void *(*run)(void *), void *context,
                  const char *what, struct error *error)
{
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);

    if (!failed) {
        if (stack_bytes != THREAD_STACK_OF_SYSTEM)
            failed = pthread_attr_setstacksize(&attributes, stack_bytes);
        if (!failed)
            failed = pthread_create(thread, &attributes, run, context);
        pthread_attr_destroy(&attributes);
    }
    return !failed || error_set_errno(error, failed, what);
}
