#include "service/shared_answer.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    N_ASKERS = 5
};

/* The thing that is looked at: each look shows how many have begun. */
static struct shared_answers answers;
static atomic_int n_looks;
static atomic_int n_back;   /* who asked and has an answer */
static atomic_bool is_held; /* looks do not end */
static enum error_code fault;

static struct object_id one = {.bytes = {1}};
static struct object_id other = {.bytes = {2}};

static bool make(void *context, const struct object_id *id, char tag[SHARED_TAG_BYTES],
                 struct buffer *body, struct error *error)
{
    int number = atomic_fetch_add(&n_looks, 1) + 1;

    (void)context;
    while (atomic_load(&is_held) && object_id_equal(id, &one))
        sched_yield();
    if (fault)
        return error_set(error, fault, "look %d", number);
    snprintf(tag, SHARED_TAG_BYTES, "%d", number);
    buffer_format(body, "look %d", number);
    return true;
}

struct asker {
    const char *known; /* its If-None-Match; NULL: none */
    bool is_answered;
    int status;
    char body[64];
    struct error error;
    pthread_t thread;
};

static bool get(void *context, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    const struct object_id *id = context;

    return shared_answer_get(&answers, NULL, id, request, response, error);
}

static void ask(struct asker *asker, struct object_id *id)
{
    struct http_request request = {.method = "GET"};
    CLEANUP(http_response_clear) struct http_response response = {0};

    if (asker->known)
        request.headers[request.n_headers++] = (struct http_header){"If-None-Match", asker->known};
    http_response_init(&response);
    asker->is_answered = http_handle(get, id, &request, &response, &asker->error);
    asker->status = response.status;
    snprintf(asker->body, sizeof(asker->body), "%.*s", (int)response.body.size_bytes,
             response.body.size_bytes ? response.body.data : "");
}

static void *ask_for_one(void *context)
{
    ask(context, &one);
    atomic_fetch_add(&n_back, 1);
    return NULL;
}

/* The first looks, and does not end; the others wait for the next look. Whom memory fails is back at once. */
static void gather(struct asker *first, struct asker askers[N_ASKERS])
{
    atomic_store(&is_held, true);
    cr_assert_eq(pthread_create(&first->thread, NULL, ask_for_one, first), 0);
    while (atomic_load(&n_looks) + atomic_load(&n_back) == 0)
        sched_yield();
    for (size_t i = 0; i < N_ASKERS; i++)
        cr_assert_eq(pthread_create(&askers[i].thread, NULL, ask_for_one, &askers[i]), 0);
    while (shared_answers_waiting(&answers, &one) + (size_t)atomic_load(&n_back) < N_ASKERS)
        sched_yield();
}

static void let_end(struct asker *first, struct asker askers[N_ASKERS])
{
    atomic_store(&is_held, false);
    pthread_join(first->thread, NULL);
    for (size_t i = 0; i < N_ASKERS; i++)
        pthread_join(askers[i].thread, NULL);
}

static void begin(void)
{
    shared_answers_init(&answers, make);
}

TestSuite(shared_answer, .init = begin, .timeout = 60);

Test(shared_answer, is_looked_for_at_once_by_who_comes_alone)
{
    for (int i = 1; i <= 3; i++) {
        struct asker asker = {0};
        char expected[64];

        ask(&asker, &one);

        snprintf(expected, sizeof(expected), "look %d", i);
        cr_assert(asker.is_answered);
        cr_expect_str_eq(asker.body, expected);
    }
}

Test(shared_answer, rests_on_one_look_begun_after_all_had_asked)
{
    struct asker first = {0};
    struct asker askers[N_ASKERS] = {0};

    gather(&first, askers);
    let_end(&first, askers);

    cr_expect_str_eq(first.body, "look 1");
    for (size_t i = 0; i < N_ASKERS; i++)
        cr_expect_str_eq(askers[i].body, "look 2");
    cr_expect_eq(atomic_load(&n_looks), 2);
}

Test(shared_answer, does_not_wait_for_looks_at_other_things)
{
    struct asker first = {0};
    struct asker askers[N_ASKERS] = {0};
    struct asker another = {0};

    gather(&first, askers);
    ask(&another, &other);
    let_end(&first, askers);

    cr_expect_str_eq(another.body, "look 2");
    cr_expect_str_eq(askers[0].body, "look 3");
}

Test(shared_answer, is_304_only_for_those_who_have_it)
{
    struct asker first = {0};
    struct asker askers[N_ASKERS] = {{.known = "\"2\""}, {.known = "\"1\""}};

    gather(&first, askers);
    let_end(&first, askers);

    cr_expect_eq(askers[0].status, 304);
    cr_expect_str_eq(askers[0].body, "");
    for (size_t i = 1; i < N_ASKERS; i++)
        cr_expect_str_eq(askers[i].body, "look 2");
}

Test(shared_answer, is_a_failure_for_all_who_gathered)
{
    struct asker first = {0};
    struct asker askers[N_ASKERS] = {0};

    fault = ERROR_NOT_FOUND;
    gather(&first, askers);
    let_end(&first, askers);

    cr_expect_not(first.is_answered);
    cr_expect_str_eq(first.error.text, "look 1");
    for (size_t i = 0; i < N_ASKERS; i++) {
        cr_expect_not(askers[i].is_answered);
        cr_expect_eq(askers[i].error.code, ERROR_NOT_FOUND);
        cr_expect_str_eq(askers[i].error.text, "look 2");
    }
}

/* A look at a database that is away takes long: nobody waits for two. */
Test(shared_answer, is_not_looked_for_again_while_the_database_is_away)
{
    struct asker first = {0};
    struct asker askers[N_ASKERS] = {0};
    struct asker later = {0};

    fault = ERROR_UNAVAILABLE;
    gather(&first, askers);
    let_end(&first, askers);
    fault = ERROR_NONE;
    ask(&later, &one);

    for (size_t i = 0; i < N_ASKERS; i++)
        cr_expect_str_eq(askers[i].error.text, "look 1");
    cr_expect_str_eq(later.body, "look 2");
}
