#include "service/shared_answer.h"

#include "base/memory.h"
#include "http/conditional.h"

#include <stdatomic.h>

enum stage {
    GATHERS, /* the look before it is under way */
    BEGINS,  /* by its leader, the first who came */
    ENDED
};

/*
 * Everybody whom a look answers holds it, and the last one to let go frees it. They wait on one condition, so that
 * one call wakes them all.
 */
struct shared_look {
    struct object_id id;
    struct shared_look *next_in_chain; /* under the lock of the table, as is the one below */
    struct shared_look *following; /* at the same thing, gathering; NULL: nobody has come since */
    atomic_size_t n_users;

    pthread_mutex_t mutex;
    enum stage stage;
    pthread_cond_t has_begun; /* the leader waits for it */
    pthread_cond_t has_ended; /* all others */

    bool is_found; /* from here on the leader's until it has ended, and then the same for ever */
    char tag[SHARED_TAG_BYTES];
    struct buffer body;
    struct error error;
};

void shared_answers_init(struct shared_answers *answers, shared_answer_make *make)
{
    *answers = (struct shared_answers){.make = make, .mutex = PTHREAD_MUTEX_INITIALIZER};
}

static struct shared_look *look_new(const struct object_id *id, enum stage stage,
                                    struct error *error)
{
    struct shared_look *look = memory_new(sizeof(*look), error);

    if (!look)
        return NULL;
    look->id = *id;
    look->stage = stage;
    atomic_init(&look->n_users, 1);
    pthread_mutex_init(&look->mutex, NULL);
    pthread_cond_init(&look->has_begun, NULL);
    pthread_cond_init(&look->has_ended, NULL);
    buffer_init(&look->body, HTTP_RESPONSE_BYTES_MAX);
    return look;
}

static void let_go(struct shared_look *look)
{
    if (atomic_fetch_sub(&look->n_users, 1) > 1)
        return;
    buffer_clear(&look->body);
    pthread_cond_destroy(&look->has_ended);
    pthread_cond_destroy(&look->has_begun);
    pthread_mutex_destroy(&look->mutex);
    memory_free(look);
}

/* Where the look at @id stands that is under way; at the end of the chain when none is. */
static struct shared_look **place_of(struct shared_answers *answers, const struct object_id *id)
{
    struct shared_look **place = &answers->looks[id->bytes[OBJECT_ID_BYTES - 1] % SHARED_CHAINS];

    while (*place && !object_id_equal(&(*place)->id, id))
        place = &(*place)->next_in_chain;
    return place;
}

size_t shared_answers_waiting(struct shared_answers *answers, const struct object_id *id)
{
    struct shared_look *look;
    size_t n;

    pthread_mutex_lock(&answers->mutex);
    look = *place_of(answers, id);
    n = look && look->following ? atomic_load(&look->following->n_users) : 0;
    pthread_mutex_unlock(&answers->mutex);
    return n;
}

/* The next look at @id to begin; the caller's to lead when it is a new one. NULL: ERROR_MEMORY. */
static struct shared_look *join(struct shared_answers *answers, const struct object_id *id,
                                bool *leads, struct error *error)
{
    struct shared_look **place;
    struct shared_look *look;
    enum stage stage = BEGINS;

    pthread_mutex_lock(&answers->mutex);
    place = place_of(answers, id);
    if (*place) {
        stage = GATHERS;
        place = &(*place)->following;
    }
    *leads = !*place;
    if (*leads)
        *place = look_new(id, stage, error);
    else
        atomic_fetch_add(&(*place)->n_users, 1);
    look = *place;
    pthread_mutex_unlock(&answers->mutex);
    return look;
}

/* The one that gathers takes the place of @look, unless it @is_last. NULL when there is none. */
static struct shared_look *give_place(struct shared_answers *answers, struct shared_look *look,
                                      bool is_last)
{
    struct shared_look **place;
    struct shared_look *following;

    pthread_mutex_lock(&answers->mutex);
    place = place_of(answers, &look->id);
    following = look->following;
    *place = look->next_in_chain;
    if (following && !is_last) {
        following->next_in_chain = *place;
        *place = following;
    }
    pthread_mutex_unlock(&answers->mutex);
    return following;
}

/* Under its mutex to the end: once that is free, whoever waited may let go of it. */
static void tell(struct shared_look *look, enum stage stage)
{
    pthread_mutex_lock(&look->mutex);
    look->stage = stage;
    pthread_cond_signal(&look->has_begun);
    if (stage == ENDED)
        pthread_cond_broadcast(&look->has_ended);
    pthread_mutex_unlock(&look->mutex);
}

static void wait_for(struct shared_look *look, enum stage stage, pthread_cond_t *told)
{
    pthread_mutex_lock(&look->mutex);
    while (look->stage < stage)
        pthread_cond_wait(told, &look->mutex);
    pthread_mutex_unlock(&look->mutex);
}

static void lead(struct shared_answers *answers, void *context, struct shared_look *look)
{
    struct shared_look *following;
    bool is_away;

    look->is_found = answers->make(context, &look->id, look->tag, &look->body, &look->error) &&
                     buffer_ok(&look->body, &look->error);
    is_away = !look->is_found && look->error.code == ERROR_UNAVAILABLE;
    following = give_place(answers, look, is_away);
    if (following && is_away)
        following->error = look->error;
    if (following)
        tell(following, is_away ? ENDED : BEGINS);
    tell(look, ENDED);
}

static bool take(const struct shared_look *look, const struct http_request *request,
                 struct http_response *response, struct error *error)
{
    if (!look->is_found) {
        *error = look->error;
        return false;
    }
    if (!http_not_modified(request, response, look->tag))
        buffer_append(&response->body, look->body.data, look->body.size_bytes);
    return buffer_ok(&response->body, error);
}

bool shared_answer_get(struct shared_answers *answers, void *context, const struct object_id *id,
                       const struct http_request *request, struct http_response *response,
                       struct error *error)
{
    bool leads;
    bool is_taken;
    struct shared_look *look = join(answers, id, &leads, error);

    if (!look)
        return false;
    if (leads)
        wait_for(look, BEGINS, &look->has_begun);
    if (leads && look->stage == BEGINS)
        lead(answers, context, look);
    else
        wait_for(look, ENDED, &look->has_ended);

    is_taken = take(look, request, response, error);
    let_go(look);
    return is_taken;
}
