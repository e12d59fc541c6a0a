#include "http/answerers.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdatomic.h>

enum {
    N = 1000
};

static atomic_int n_answered;
static atomic_bool is_held; /* no answer ends */
static struct http_deferred deferred[N];

static void answer(struct http_deferred *one)
{
    while (atomic_load(&is_held))
        sched_yield();
    one->state = &n_answered;
    atomic_fetch_add(&n_answered, 1);
}

static struct http_answerers *started(void)
{
    static struct http_answerers answerers;
    struct error error = {0};

    cr_assert(http_answerers_start(&answerers, answer, &error), "%s", error.text);
    return &answerers;
}

TestSuite(answerers, .timeout = 60);

Test(answerers, answer_each_once)
{
    struct http_answerers *answerers = started();

    for (int i = 0; i < N; i++)
        http_answerers_put(answerers, &deferred[i]);
    while (atomic_load(&n_answered) < N)
        sched_yield();
    http_answerers_stop(answerers);

    cr_expect_eq(atomic_load(&n_answered), N);
    for (int i = 0; i < N; i++)
        cr_expect_not_null(deferred[i].state);
}

Test(answerers, are_there_for_who_comes_after_a_silence)
{
    struct http_answerers *answerers = started();

    for (int i = 0; i < N; i++) {
        http_answerers_put(answerers, &deferred[i]);
        while (atomic_load(&n_answered) <= i)
            sched_yield();
    }
    http_answerers_stop(answerers);
}

Test(answerers, answer_what_is_there_before_they_end)
{
    struct http_answerers *answerers = started();

    atomic_store(&is_held, true);
    for (int i = 0; i < N; i++)
        http_answerers_put(answerers, &deferred[i]);
    atomic_store(&is_held, false);
    http_answerers_stop(answerers);

    cr_expect_eq(atomic_load(&n_answered), N);
}

Test(answerers, that_were_not_started_need_no_end)
{
    struct http_answerers answerers = {0};

    http_answerers_stop(&answerers);
}
