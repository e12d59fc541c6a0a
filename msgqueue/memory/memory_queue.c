#include "msgqueue/memory/memory_queue.h"

#include "base/memory.h"
#include "msgqueue/memory/topic.h"

#include <stdio.h>
#include <string.h>

enum {
    ENTRIES_MAX = 1000000,
    ENTRIES_FIRST = 16
};

struct memory_message *memory_message_new(const struct envelope *envelope, struct error *error)
{
    struct memory_message *message = memory_new(sizeof(*message) + envelope->body_bytes, error);

    if (!message)
        return NULL;
    message->n_holders = 1;
    message->envelope = *envelope;
    message->envelope.body = (char *)(message + 1);
    if (envelope->body_bytes)
        memcpy(message + 1, envelope->body, envelope->body_bytes);
    return message;
}

void memory_message_let_go(struct memory_message *message)
{
    if (--message->n_holders == 0)
        memory_free(message);
}

struct memory_queue *memory_queue_new(const char *name, struct error *error)
{
    struct memory_queue *queue = memory_new(sizeof(*queue), error);

    if (!queue)
        return NULL;
    snprintf(queue->name, sizeof(queue->name), "%s", name);
    return queue;
}

void memory_queue_free(struct memory_queue *queue)
{
    for (size_t i = 0; i < queue->n_entries; i++)
        memory_message_let_go(queue->entries[i].message);
    memory_free(queue->entries);
    memory_free(queue);
}

bool memory_queue_wants(const struct memory_queue *queue, const char *key)
{
    for (const char *const *each = queue->keys; each && *each; each++) {
        if (topic_matches(*each, key))
            return true;
    }
    return false;
}

int64_t memory_queue_ready(const struct memory_queue *queue)
{
    int64_t n = 0;

    for (size_t i = 0; i < queue->n_entries; i++)
        n += !queue->entries[i].holder;
    return n;
}

static bool grow(struct memory_queue *queue)
{
    size_t n = queue->n_places ? queue->n_places * 2 : ENTRIES_FIRST;
    struct memory_entry *entries;

    if (queue->n_entries < queue->n_places)
        return true;
    if (queue->n_entries >= ENTRIES_MAX)
        return false;
    entries = memory_resize(queue->entries, n, sizeof(*entries), NULL);
    if (!entries)
        return false;
    queue->entries = entries;
    queue->n_places = n;
    return true;
}

bool memory_queue_put(struct memory_queue *queue, struct memory_message *message)
{
    if (!grow(queue))
        return false;
    queue->entries[queue->n_entries++] = (struct memory_entry){.message = message};
    message->n_holders++;
    return true;
}

struct memory_message *memory_queue_take(struct memory_queue *queue,
                                         const struct memory_connection *holder, uint64_t tag,
                                         int64_t *delivery_count)
{
    for (size_t i = 0; i < queue->n_entries; i++) {
        struct memory_entry *entry = &queue->entries[i];

        if (entry->holder)
            continue;
        entry->holder = holder;
        entry->tag = tag;
        *delivery_count = entry->delivery_count;
        entry->message->n_holders++;
        return entry->message;
    }
    return NULL;
}

static bool is_meant(const struct memory_entry *entry, const struct memory_connection *holder,
                     uint64_t tag, bool multiple)
{
    return entry->holder == holder && (multiple ? entry->tag <= tag : entry->tag == tag);
}

void memory_queue_remove(struct memory_queue *queue, const struct memory_connection *holder,
                         uint64_t tag, bool multiple)
{
    size_t kept = 0;

    for (size_t i = 0; i < queue->n_entries; i++) {
        if (is_meant(&queue->entries[i], holder, tag, multiple))
            memory_message_let_go(queue->entries[i].message);
        else
            queue->entries[kept++] = queue->entries[i];
    }
    queue->n_entries = kept;
}

bool memory_queue_give_back(struct memory_queue *queue, const struct memory_connection *holder)
{
    bool any = false;

    for (size_t i = 0; i < queue->n_entries; i++) {
        struct memory_entry *entry = &queue->entries[i];

        if (entry->holder != holder)
            continue;
        entry->holder = NULL;
        entry->delivery_count++;
        any = true;
    }
    return any;
}

const struct memory_message *memory_queue_held(const struct memory_queue *queue,
                                               const struct memory_connection *holder, uint64_t tag)
{
    for (size_t i = 0; i < queue->n_entries; i++) {
        if (is_meant(&queue->entries[i], holder, tag, false))
            return queue->entries[i].message;
    }
    return NULL;
}

struct memory_message *memory_queue_at(const struct memory_queue *queue, int64_t offset)
{
    if (offset < 0 || (size_t)offset >= queue->n_entries)
        return NULL;
    return queue->entries[offset].message;
}

struct memory_message *memory_queue_pull(struct memory_queue *queue)
{
    struct memory_message *message;

    if (queue->n_entries == 0)
        return NULL;
    message = queue->entries[0].message;
    queue->n_entries--;
    memmove(queue->entries, queue->entries + 1, queue->n_entries * sizeof(*queue->entries));
    return message;
}
