/*
 * Threads ask for three things at once, over and over, while a counter that stands for the database rises. Nobody may
 * be shown less than the counter was when he asked.
 */
#include "service/shared_answer.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    THREADS = 8,
    ROUNDS = 5000,
    THINGS = 3
};

static struct shared_answers answers;
static atomic_long stored;
static atomic_long n_looks;
static atomic_long n_stale;

static bool make(void *context, const struct object_id *id, char tag[SHARED_TAG_BYTES],
                 struct buffer *body, struct error *error)
{
    long seen = atomic_load(&stored);

    (void)context;
    atomic_fetch_add(&n_looks, 1);
    sched_yield(); /* as a look at a database does */
    if (id->bytes[0] == 0 && seen % 7 == 0)
        return error_set(error, ERROR_UNAVAILABLE, "away");
    snprintf(tag, SHARED_TAG_BYTES, "%ld", seen);
    buffer_format(body, "%ld", seen);
    buffer_char(body, '\0');
    return true;
}

static bool get(void *id, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    return shared_answer_get(&answers, NULL, id, request, response, error);
}

static void ask(struct object_id *id)
{
    const struct http_request request = {.method = "GET"};
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct error error = {0};
    long before = atomic_fetch_add(&stored, 1) + 1;

    http_response_init(&response);
    if (http_handle(get, id, &request, &response, &error)) {
        if (strtol(response.body.data, NULL, 10) < before)
            atomic_fetch_add(&n_stale, 1);
    } else if (error.code != ERROR_UNAVAILABLE) {
        atomic_fetch_add(&n_stale, 1);
    }
}

static void *run(void *context)
{
    const size_t *first = context;

    for (size_t i = 0; i < ROUNDS; i++)
        ask(&(struct object_id){.bytes = {(uint8_t)((*first + i) % THINGS)}});
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    size_t firsts[THREADS];

    shared_answers_init(&answers, make);
    for (size_t i = 0; i < THREADS; i++) {
        firsts[i] = i;
        if (pthread_create(&threads[i], NULL, run, &firsts[i]) != 0)
            return 2;
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%d asked, %ld looked, %ld were shown too little\n", THREADS * ROUNDS,
           atomic_load(&n_looks), atomic_load(&n_stale));
    return atomic_load(&n_stale) == 0 ? 0 : 1;
}
