#include "msgqueue/memory/memory_broker.h"

#include "base/memory.h"
#include "msgqueue/memory/memory_queue.h"

#include <stdio.h>
#include <string.h>

enum {
    DEAD_NAME_BYTES = MEMORY_QUEUE_NAME_BYTES + sizeof(TOPOLOGY_DEAD_SUFFIX)
};

struct memory_broker {
    struct memory_broker *next;
    char *name;
    int n_holders; /* guarded by brokers_lock */
    pthread_mutex_t lock;
    bool away;
    struct memory_mischief mischief;
    struct memory_queue *queues;
    struct memory_connection *connections;
};

static pthread_mutex_t brokers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct memory_broker *brokers;

static struct memory_broker *make(const char *name, struct error *error)
{
    struct memory_broker *broker = memory_new(sizeof(*broker), error);

    if (!broker)
        return NULL;
    broker->name = memory_text(name, error);
    if (!broker->name) {
        memory_free(broker);
        return NULL;
    }
    pthread_mutex_init(&broker->lock, NULL);
    broker->next = brokers;
    brokers = broker;
    return broker;
}

struct memory_broker *memory_broker_hold(const char *name, struct error *error)
{
    struct memory_broker *broker;

    pthread_mutex_lock(&brokers_lock);
    broker = brokers;
    while (broker && strcmp(broker->name, name) != 0)
        broker = broker->next;
    if (!broker)
        broker = make(name, error);
    if (broker)
        broker->n_holders++;
    pthread_mutex_unlock(&brokers_lock);
    return broker;
}

static void take_out(struct memory_broker *broker)
{
    struct memory_broker **place = &brokers;

    while (*place != broker)
        place = &(*place)->next;
    *place = broker->next;
}

static void discard(struct memory_broker *broker)
{
    struct memory_queue *queue;

    while ((queue = broker->queues)) {
        broker->queues = queue->next;
        memory_queue_free(queue);
    }
    pthread_mutex_destroy(&broker->lock);
    memory_free(broker->name);
    memory_free(broker);
}

void memory_broker_drop(struct memory_broker *broker)
{
    bool last;

    if (!broker)
        return;
    pthread_mutex_lock(&brokers_lock);
    last = --broker->n_holders == 0;
    if (last)
        take_out(broker);
    pthread_mutex_unlock(&brokers_lock);
    if (last)
        discard(broker);
}

static struct memory_queue *find(const struct memory_broker *broker, const char *name)
{
    struct memory_queue *queue = broker->queues;

    while (queue && strcmp(queue->name, name) != 0)
        queue = queue->next;
    return queue;
}

/* A change of a queue concerns whoever consumes it. */
static void wake(const struct memory_broker *broker, const char *queue)
{
    for (struct memory_connection *each = broker->connections; each; each = each->next) {
        if (each->consumes && strcmp(each->consumes, queue) == 0)
            own_thread_wake(each->thread);
    }
}

bool memory_broker_connect(struct memory_broker *broker, struct memory_connection *connection,
                           struct own_thread *thread, struct error *error)
{
    bool away;

    pthread_mutex_lock(&broker->lock);
    away = broker->away;
    if (!away) {
        *connection = (struct memory_connection){
            .next = broker->connections,
            .broker = broker,
            .thread = thread,
        };
        broker->connections = connection;
    }
    pthread_mutex_unlock(&broker->lock);
    return !away || error_set(error, ERROR_UNAVAILABLE, "the broker is away");
}

void memory_broker_disconnect(struct memory_connection *connection)
{
    struct memory_broker *broker = connection->broker;
    struct memory_connection **place;

    if (!broker)
        return;
    pthread_mutex_lock(&broker->lock);
    for (struct memory_queue *queue = broker->queues; queue; queue = queue->next) {
        if (memory_queue_give_back(queue, connection))
            wake(broker, queue->name);
    }
    place = &broker->connections;
    while (*place != connection)
        place = &(*place)->next;
    *place = connection->next;
    pthread_mutex_unlock(&broker->lock);
    connection->broker = NULL;
}

bool memory_connection_check(struct memory_connection *connection, struct error *error)
{
    bool is_cut;
    bool is_cancelled;

    pthread_mutex_lock(&connection->broker->lock);
    is_cut = connection->is_cut;
    is_cancelled = connection->is_cancelled;
    pthread_mutex_unlock(&connection->broker->lock);
    if (is_cut)
        return error_set(error, ERROR_UNAVAILABLE, "the connection was cut");
    if (is_cancelled)
        return error_set(error, ERROR_UNAVAILABLE, "the queue was deleted");
    return true;
}

/* Caller holds the lock. */
static struct memory_queue *ensure(struct memory_broker *broker, const char *name,
                                   struct error *error)
{
    struct memory_queue *queue = find(broker, name);

    if (queue)
        return queue;
    queue = memory_queue_new(name, error);
    if (!queue)
        return NULL;
    queue->next = broker->queues;
    broker->queues = queue;
    return queue;
}

bool memory_broker_declare_log(struct memory_broker *broker, const struct topology_queue *log,
                               struct error *error)
{
    struct memory_queue *queue;

    pthread_mutex_lock(&broker->lock);
    queue = ensure(broker, log->name, error);
    if (queue)
        queue->keys = log->keys;
    pthread_mutex_unlock(&broker->lock);
    return queue;
}

bool memory_broker_declare_queue(struct memory_broker *broker, const struct topology_queue *queue,
                                 int64_t *n_ready, struct error *error)
{
    struct memory_queue *dead;
    struct memory_queue *own;
    char name[DEAD_NAME_BYTES];

    snprintf(name, sizeof(name), "%s%s", queue->name, TOPOLOGY_DEAD_SUFFIX);
    pthread_mutex_lock(&broker->lock);
    dead = ensure(broker, name, error);
    own = ensure(broker, queue->name, error);
    if (own) {
        own->keys = queue->keys;
        *n_ready = memory_queue_ready(own);
    }
    pthread_mutex_unlock(&broker->lock);
    return dead && own;
}

/* Into every queue that is bound; @returned when there is none. */
static bool route(struct memory_broker *broker, struct memory_message *message, int n_copies,
                  bool *returned)
{
    *returned = true;
    for (struct memory_queue *queue = broker->queues; queue; queue = queue->next) {
        if (!memory_queue_wants(queue, message->envelope.name))
            continue;
        *returned = false;
        for (int i = 0; i < n_copies; i++) {
            if (!memory_queue_put(queue, message))
                return false;
        }
        wake(broker, queue->name);
    }
    return true;
}

static bool spend(int *n)
{
    if (*n == 0)
        return false;
    --*n;
    return true;
}

static enum memory_answer publish(struct memory_broker *broker, struct memory_message *message)
{
    bool silent = spend(&broker->mischief.n_silent);
    bool returned;
    int n_copies;

    if (!silent && spend(&broker->mischief.n_refused))
        return MEMORY_REFUSED;
    n_copies = spend(&broker->mischief.n_duplicated) ? 2 : 1;
    if (!route(broker, message, n_copies, &returned))
        return MEMORY_REFUSED;
    if (silent)
        return MEMORY_SILENT;
    return returned ? MEMORY_RETURNED : MEMORY_CONFIRMED;
}

enum memory_answer memory_broker_publish(struct memory_broker *broker,
                                         const struct envelope *envelope)
{
    struct memory_message *message = memory_message_new(envelope, NULL);
    enum memory_answer answer;

    if (!message)
        return MEMORY_REFUSED;
    pthread_mutex_lock(&broker->lock);
    answer = publish(broker, message);
    memory_message_let_go(message);
    pthread_mutex_unlock(&broker->lock);
    return answer;
}

void memory_connection_consume(struct memory_connection *connection, const char *queue)
{
    pthread_mutex_lock(&connection->broker->lock);
    connection->consumes = queue;
    pthread_mutex_unlock(&connection->broker->lock);
    own_thread_wake(connection->thread);
}

struct memory_message *memory_connection_take(struct memory_connection *connection, uint64_t *tag,
                                              int64_t *delivery_count)
{
    struct memory_broker *broker = connection->broker;
    struct memory_message *message = NULL;
    struct memory_queue *queue;

    pthread_mutex_lock(&broker->lock);
    queue = find(broker, connection->consumes);
    if (queue && !connection->is_cut)
        message = memory_queue_take(queue, connection, connection->last_tag + 1, delivery_count);
    if (message)
        *tag = ++connection->last_tag;
    pthread_mutex_unlock(&broker->lock);
    return message;
}

void memory_connection_acknowledge(struct memory_connection *connection, uint64_t tag,
                                   bool multiple)
{
    struct memory_broker *broker = connection->broker;
    struct memory_queue *queue;

    pthread_mutex_lock(&broker->lock);
    queue = find(broker, connection->consumes);
    if (queue && !connection->is_cut)
        memory_queue_remove(queue, connection, tag, multiple);
    pthread_mutex_unlock(&broker->lock);
}

static bool park(struct memory_broker *broker, const struct memory_message *message,
                 const char *queue, const char *reason, const char *by, int64_t count)
{
    char name[DEAD_NAME_BYTES];
    struct memory_message *copy;
    struct memory_queue *dead;
    bool parked;

    snprintf(name, sizeof(name), "%s%s", queue, TOPOLOGY_DEAD_SUFFIX);
    dead = find(broker, name);
    copy = dead ? memory_message_new(&message->envelope, NULL) : NULL;
    if (!copy)
        return false;
    snprintf(copy->reason, sizeof(copy->reason), "%s", reason);
    snprintf(copy->by, sizeof(copy->by), "%s", by);
    clock_format(clock_wall_ms(), copy->at);
    copy->parked_count = count;
    parked = memory_queue_put(dead, copy);
    memory_message_let_go(copy);
    return parked;
}

bool memory_connection_park(struct memory_connection *connection, uint64_t tag, const char *reason,
                            const char *by, int64_t count)
{
    struct memory_broker *broker = connection->broker;
    const struct memory_message *message;
    struct memory_queue *queue;
    bool parked;

    pthread_mutex_lock(&broker->lock);
    queue = find(broker, connection->consumes);
    message = queue ? memory_queue_held(queue, connection, tag) : NULL;
    parked = message && park(broker, message, queue->name, reason, by, count);
    pthread_mutex_unlock(&broker->lock);
    return parked;
}

int64_t memory_broker_log_end(struct memory_broker *broker, const char *log)
{
    int64_t n = memory_broker_count(broker, log);

    return n < 0 ? 0 : n;
}

struct memory_message *memory_broker_log_read(struct memory_broker *broker, const char *log,
                                              int64_t offset)
{
    struct memory_message *message = NULL;
    const struct memory_queue *queue;

    pthread_mutex_lock(&broker->lock);
    queue = find(broker, log);
    if (queue)
        message = memory_queue_at(queue, offset);
    if (message)
        message->n_holders++;
    pthread_mutex_unlock(&broker->lock);
    return message;
}

void memory_broker_let_go(struct memory_broker *broker, struct memory_message *message)
{
    pthread_mutex_lock(&broker->lock);
    memory_message_let_go(message);
    pthread_mutex_unlock(&broker->lock);
}

void memory_broker_set_away(struct memory_broker *broker, bool away)
{
    pthread_mutex_lock(&broker->lock);
    broker->away = away;
    for (struct memory_connection *each = broker->connections; away && each; each = each->next) {
        each->is_cut = true;
        own_thread_wake(each->thread);
    }
    pthread_mutex_unlock(&broker->lock);
}

void memory_broker_set_mischief(struct memory_broker *broker,
                                const struct memory_mischief *mischief)
{
    pthread_mutex_lock(&broker->lock);
    broker->mischief = *mischief;
    pthread_mutex_unlock(&broker->lock);
}

static void cancel_consumers(struct memory_broker *broker, const char *queue)
{
    for (struct memory_connection *each = broker->connections; each; each = each->next) {
        if (each->consumes && strcmp(each->consumes, queue) == 0)
            each->is_cancelled = true;
    }
    wake(broker, queue);
}

void memory_broker_delete_queue(struct memory_broker *broker, const char *name)
{
    struct memory_queue **place = &broker->queues;
    struct memory_queue *queue;

    pthread_mutex_lock(&broker->lock);
    while ((queue = *place) && strcmp(queue->name, name) != 0)
        place = &queue->next;
    if (queue) {
        *place = queue->next;
        cancel_consumers(broker, name);
        memory_queue_free(queue);
    }
    pthread_mutex_unlock(&broker->lock);
}

void memory_broker_unbind(struct memory_broker *broker, const char *queue)
{
    struct memory_queue *unbound;

    pthread_mutex_lock(&broker->lock);
    unbound = find(broker, queue);
    if (unbound)
        unbound->keys = NULL;
    pthread_mutex_unlock(&broker->lock);
}

int64_t memory_broker_count(struct memory_broker *broker, const char *queue)
{
    const struct memory_queue *counted;
    int64_t n;

    pthread_mutex_lock(&broker->lock);
    counted = find(broker, queue);
    n = counted ? (int64_t)counted->n_entries : -1;
    pthread_mutex_unlock(&broker->lock);
    return n;
}

struct memory_message *memory_broker_pull(struct memory_broker *broker, const char *queue)
{
    struct memory_message *message = NULL;
    struct memory_queue *pulled;

    pthread_mutex_lock(&broker->lock);
    pulled = find(broker, queue);
    if (pulled)
        message = memory_queue_pull(pulled);
    pthread_mutex_unlock(&broker->lock);
    return message;
}
