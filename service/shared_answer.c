#include "service/shared_answer.h"

#include "base/gate.h"
#include "base/memory.h"
#include "http/conditional.h"

/*
 * Everybody whom a look answers holds it, and the last one to let go frees it. The first who comes leads: he looks
 * when the look before this one has ended, while the others gather.
 */
struct shared_look {
    struct object_id id;
    struct shared_look *next_in_chain; /* under the lock of the table, as is the one below */
    struct shared_look *following; /* at the same thing, gathering; NULL: nobody has come since */
    atomic_size_t n_users;

    struct gate may_begin;         /* for the leader */
    struct http_deferred *waiting; /* all others; from when it may begin on the leader's */

    bool is_over;  /* before it may begin: the look before it has found the database away */
    bool is_found; /* from here on the leader's until it has ended, then the same for ever */
    char tag[SHARED_TAG_BYTES];
    struct buffer body;
    struct error error;
};

void shared_answers_init(struct shared_answers *answers, shared_answer_make *make)
{
    *answers = (struct shared_answers){.make = make, .mutex = PTHREAD_MUTEX_INITIALIZER};
}

static struct shared_look *look_new(const struct object_id *id, struct error *error)
{
    struct shared_look *look = memory_new(sizeof(*look), error);

    if (!look)
        return NULL;
    look->id = *id;
    atomic_init(&look->n_users, 1);
    buffer_init(&look->body, HTTP_RESPONSE_BYTES_MAX);
    return look;
}

static void let_go(struct shared_look *look)
{
    if (atomic_fetch_sub(&look->n_users, 1) > 1)
        return;
    buffer_clear(&look->body);
    memory_free(look);
}

/* It has ended: what it found, for one of those who waited. */
static bool take(void *state, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    struct shared_look *look = state;
    bool is_found = look->is_found;

    if (!is_found)
        *error = look->error;
    else if (!http_not_modified(request, response, look->tag))
        buffer_append(&response->body, look->body.data, look->body.size_bytes);
    let_go(look);
    return is_found && buffer_ok(&response->body, error);
}

/* Under the lock of the table: until then nobody completes it. */
static void wait_for(struct shared_look *look, struct http_response *response)
{
    struct http_deferred *deferred = http_defer(response, take, look);

    atomic_fetch_add(&look->n_users, 1);
    deferred->next = look->waiting;
    look->waiting = deferred;
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

/*
 * The next look at @id to begin: the caller's to lead when it is a new one, else @response waits for it. NULL:
 * ERROR_MEMORY.
 */
static struct shared_look *join(struct shared_answers *answers, const struct object_id *id,
                                struct http_response *response, bool *leads, struct error *error)
{
    struct shared_look **place;
    struct shared_look *look;
    bool is_idle;

    pthread_mutex_lock(&answers->mutex);
    place = place_of(answers, id);
    is_idle = !*place;
    if (!is_idle)
        place = &(*place)->following;
    look = *place;
    *leads = !look;
    if (look) {
        wait_for(look, response);
    } else {
        look = look_new(id, error);
        *place = look;
    }
    pthread_mutex_unlock(&answers->mutex);
    if (look && is_idle)
        gate_open(&look->may_begin);
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

/* Each is gone with its answer, and perhaps @look with the last of them. */
static void end(struct shared_look *look)
{
    struct http_deferred *deferred = look->waiting;

    while (deferred) {
        struct http_deferred *next = deferred->next;

        http_deferred_complete(deferred);
        deferred = next;
    }
}

/* The next leader first: while he looks, the others here are answered. */
static void lead(struct shared_answers *answers, void *context, struct shared_look *look)
{
    struct shared_look *following;
    bool is_away;

    look->is_found = answers->make(context, &look->id, look->tag, &look->body, &look->error) &&
                     buffer_ok(&look->body, &look->error);
    is_away = !look->is_found && look->error.code == ERROR_UNAVAILABLE;
    following = give_place(answers, look, is_away);
    if (following && is_away) {
        following->is_over = true;
        following->error = look->error;
    }
    if (following)
        gate_open(&following->may_begin);
    end(look);
}

static void wait_and_lead(struct shared_answers *answers, void *context, struct shared_look *look)
{
    gate_pass(&look->may_begin);
    if (look->is_over)
        end(look);
    else
        lead(answers, context, look);
}

bool shared_answer_get(struct shared_answers *answers, void *context, const struct object_id *id,
                       const struct http_request *request, struct http_response *response,
                       struct error *error)
{
    bool leads;
    struct shared_look *look = join(answers, id, response, &leads, error);

    if (!look)
        return false;
    if (!leads)
        return true;
    wait_and_lead(answers, context, look);
    return take(look, request, response, error);
}
