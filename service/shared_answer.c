#include "service/shared_answer.h"

#include "base/memory.h"
#include "http/conditional.h"

#include <semaphore.h>
#include <stdatomic.h>

/* What a look has found, for everybody it answers. */
struct finding {
    atomic_size_t n_users;
    char tag[SHARED_TAG_BYTES];
    struct buffer body;
    bool is_found;
    struct error error;
};

/* A request, on the stack of its thread. Who looks stands in a chain, with those who wait for the next look. */
struct shared_asker {
    struct object_id id;
    struct shared_asker *next_looking;
    struct shared_asker *waiting;
    struct shared_asker *next;      /* of those who wait, or are answered together */
    struct shared_asker *followers; /* who are answered by this one's look */
    struct finding *finding;        /* NULL while told to look */
    sem_t told;
};

static struct finding no_memory = {
    .error = {.code = ERROR_MEMORY, .text = "no memory for an answer"}};

void shared_answers_init(struct shared_answers *answers, shared_answer_make *make)
{
    *answers = (struct shared_answers){.make = make, .mutex = PTHREAD_MUTEX_INITIALIZER};
}

static void let_go(struct finding *finding)
{
    if (finding == &no_memory || atomic_fetch_sub(&finding->n_users, 1) > 1)
        return;
    buffer_clear(&finding->body);
    memory_free(finding);
}

/* Where the one who looks for @id stands; at the end of the chain when nobody does. */
static struct shared_asker **place_of(struct shared_answers *answers, const struct object_id *id)
{
    struct shared_asker **place = &answers->looking[id->bytes[OBJECT_ID_BYTES - 1] % SHARED_CHAINS];

    while (*place && !object_id_equal(&(*place)->id, id))
        place = &(*place)->next_looking;
    return place;
}

static size_t count(const struct shared_asker *askers)
{
    size_t n = 0;

    for (; askers; askers = askers->next)
        n++;
    return n;
}

size_t shared_answers_waiting(struct shared_answers *answers, const struct object_id *id)
{
    struct shared_asker *looking;
    size_t n;

    pthread_mutex_lock(&answers->mutex);
    looking = *place_of(answers, id);
    n = looking ? count(looking->waiting) : 0;
    pthread_mutex_unlock(&answers->mutex);
    return n;
}

/* True: nobody looks, so @self does. False: it waits for the next look. */
static bool may_look(struct shared_answers *answers, struct shared_asker *self)
{
    struct shared_asker **place;
    bool is_first;

    pthread_mutex_lock(&answers->mutex);
    place = place_of(answers, &self->id);
    is_first = !*place;
    if (is_first) {
        *place = self;
    } else {
        self->next = (*place)->waiting;
        (*place)->waiting = self;
    }
    pthread_mutex_unlock(&answers->mutex);
    return is_first;
}

/* One of those who waited looks next, for all of them. Returns those who are answered without another look. */
static struct shared_asker *step_down(struct shared_answers *answers, struct shared_asker *self,
                                      bool is_over)
{
    struct shared_asker **place;
    struct shared_asker *waiting;

    pthread_mutex_lock(&answers->mutex);
    place = place_of(answers, &self->id);
    waiting = self->waiting;
    *place = self->next_looking;
    if (waiting && !is_over) {
        waiting->followers = waiting->next;
        waiting->next_looking = self->next_looking;
        *place = waiting;
    }
    pthread_mutex_unlock(&answers->mutex);
    if (!waiting || is_over)
        return waiting;
    sem_post(&waiting->told);
    return NULL;
}

/* Once told, an asker returns, and its memory is gone. */
static void tell(struct shared_asker *askers, struct finding *finding)
{
    struct shared_asker *next;

    for (; askers; askers = next) {
        next = askers->next;
        askers->finding = finding;
        sem_post(&askers->told);
    }
}

static struct finding *find(const struct shared_answers *answers, void *context,
                            const struct object_id *id)
{
    struct finding *finding = memory_new(sizeof(*finding), NULL);

    if (!finding)
        return &no_memory;
    buffer_init(&finding->body, HTTP_RESPONSE_BYTES_MAX);
    if (answers->make(context, id, finding->tag, &finding->body, &finding->error) &&
        buffer_ok(&finding->body, &finding->error))
        finding->is_found = true;
    return finding;
}

static struct finding *look(struct shared_answers *answers, void *context,
                            struct shared_asker *self)
{
    struct finding *finding = find(answers, context, &self->id);
    struct shared_asker *left = step_down(answers, self, finding->error.code == ERROR_UNAVAILABLE);

    if (finding != &no_memory)
        atomic_store(&finding->n_users, 1 + count(self->followers) + count(left));
    tell(self->followers, finding);
    tell(left, finding);
    return finding;
}

static void wait_to_be_told(struct shared_asker *self)
{
    while (sem_wait(&self->told) != 0)
        continue; /* a signal came */
}

static bool take(const struct finding *finding, const struct http_request *request,
                 struct http_response *response, struct error *error)
{
    if (!finding->is_found) {
        *error = finding->error;
        return false;
    }
    if (!http_not_modified(request, response, finding->tag))
        buffer_append(&response->body, finding->body.data, finding->body.size_bytes);
    return buffer_ok(&response->body, error);
}

bool shared_answer_get(struct shared_answers *answers, void *context, const struct object_id *id,
                       const struct http_request *request, struct http_response *response,
                       struct error *error)
{
    struct shared_asker self = {.id = *id};
    struct finding *finding;
    bool is_found;

    sem_init(&self.told, 0, 0);
    if (!may_look(answers, &self))
        wait_to_be_told(&self);
    finding = self.finding ? self.finding : look(answers, context, &self);
    sem_destroy(&self.told);

    is_found = take(finding, request, response, error);
    let_go(finding);
    return is_found;
}
