#include "base/gate.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>

enum {
    N_THREADS = 6
};

static struct gate gate;
static atomic_int n_coming;
static atomic_int n_passed;
static int written_before;

static void *pass(void *context)
{
    (void)context;
    atomic_fetch_add(&n_coming, 1);
    gate_pass(&gate);
    if (written_before == 7)
        atomic_fetch_add(&n_passed, 1);
    return NULL;
}

Test(gate, lets_all_pass_once_it_is_open, .timeout = 60)
{
    pthread_t threads[N_THREADS];

    for (size_t i = 0; i < N_THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, pass, NULL), 0);
    while (atomic_load(&n_coming) < N_THREADS)
        sched_yield();
    cr_expect_eq(atomic_load(&n_passed), 0);
    written_before = 7;
    gate_open(&gate);
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);

    cr_expect_eq(atomic_load(&n_passed), N_THREADS);
}

Test(gate, stays_open, .timeout = 60)
{
    gate_open(&gate);

    gate_pass(&gate);
    gate_pass(&gate);
}
