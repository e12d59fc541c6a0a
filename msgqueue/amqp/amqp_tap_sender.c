#include "base/memory.h"
#include "msgqueue/amqp/amqp_message.h"
#include "msgqueue/amqp/amqp_tap_copy.h"
#include "msgqueue/amqp/amqp_tap_visit.h"
#include "msgqueue/queue_sender.h"

#include <string.h>

enum {
    POOL_BYTES = 4096,
    SILENT_MS = 10000,
};

/* One message on the wire; the tag of the channel says which. */
struct slot {
    uint64_t handle;
    char id[MESSAGE_ID_BYTES]; /* by which a return names it */
    bool returned;
    bool ended;
    enum queue_posting_end end;
};

struct queue_sender {
    struct amqp_tap_visit visit;
    struct amqp_link link;
    struct slot slots[QUEUE_SENDER_WINDOW]; /* a ring, by tag */
    uint64_t first_tag;                     /* the oldest whose end was not taken */
    uint64_t next_tag;
    int64_t heard_ms; /* when the broker last said something, or had nothing to say; monotonic */
};

static bool sender_open(struct queue_sender *sender, const struct queue_access *access,
                        struct error *error)
{
    sender->first_tag = 1;
    sender->next_tag = 1;
    return amqp_tap_visit_init(&sender->visit, access, error) &&
           amqp_tap_visit_link(&sender->visit, &sender->link, error) &&
           amqp_link_confirms(&sender->link, error);
}

bool queue_sender_open(const struct queue_access *access, struct queue_sender **sender,
                       struct error *error)
{
    CLEANUP(queue_sender_freep) struct queue_sender *made = memory_new(sizeof(*made), error);

    if (!made || !sender_open(made, access, error))
        return false;
    *sender = made;
    made = NULL;
    return true;
}

void queue_sender_free(struct queue_sender *sender)
{
    if (!sender)
        return;
    amqp_link_close(&sender->link);
    amqp_tap_visit_clear(&sender->visit);
    memory_free(sender);
}

bool queue_sender_find_queue(struct queue_sender *sender, const char *queue, struct error *error)
{
    int64_t n_ready;

    return amqp_tap_visit_count(&sender->link, queue, &n_ready, error);
}

/* ---- sending ---- */

static struct slot *slot_of(struct queue_sender *sender, uint64_t tag)
{
    return &sender->slots[tag % QUEUE_SENDER_WINDOW];
}

size_t queue_sender_n_waiting(const struct queue_sender *sender)
{
    return (size_t)(sender->next_tag - sender->first_tag);
}

bool queue_sender_has_room(const struct queue_sender *sender)
{
    return queue_sender_n_waiting(sender) < QUEUE_SENDER_WINDOW;
}

static bool send(struct queue_sender *sender, const struct queue_posting *posting, const char *id,
                 const struct amqp_publication *publication, struct error *error)
{
    struct slot *slot = slot_of(sender, sender->next_tag);
    bool sent;

    if (!amqp_tap_visit_name(posting->key, error))
        return false;
    if (!queue_sender_n_waiting(sender))
        sender->heard_ms = clock_monotonic_ms();
    *slot = (struct slot){.handle = posting->handle};
    memcpy(slot->id, id, sizeof(slot->id));
    sender->next_tag++;
    amqp_link_guard(&sender->link);
    sent = amqp_link_publish(&sender->link, publication, error);
    amqp_link_release(&sender->link);
    return sent;
}

static amqp_table_entry_t entry_of(const struct queue_header *header)
{
    switch (header->kind) {
    case QUEUE_HEADER_NUMBER:
        return amqp_number_entry(header->name, header->number);
    case QUEUE_HEADER_FLAG:
        return (amqp_table_entry_t){
            .key = amqp_text(header->name),
            .value = {.kind = AMQP_FIELD_KIND_BOOLEAN,
                      .value = {.boolean = (amqp_boolean_t)header->number}},
        };
    case QUEUE_HEADER_TEXT:
        break;
    }
    return amqp_text_entry(header->name, header->text);
}

static bool has_header(const amqp_table_t *headers, const char *name)
{
    const amqp_basic_properties_t properties = {._flags = AMQP_BASIC_HEADERS_FLAG,
                                                .headers = *headers};

    return amqp_header(&properties, name);
}

/* @room is enough for the envelope's and all of @posting's. */
static void add_headers(amqp_table_t *headers, const struct queue_posting *posting,
                        amqp_table_entry_t *room)
{
    amqp_table_t all = {headers->num_entries, room};

    memcpy(room, headers->entries, (size_t)headers->num_entries * sizeof(*room));
    for (size_t i = 0; i < posting->n_headers && i < QUEUE_HEADERS_MAX; i++) {
        if (!has_header(headers, posting->headers[i].name))
            room[all.num_entries++] = entry_of(&posting->headers[i]);
    }
    *headers = all;
}

bool queue_sender_post(struct queue_sender *sender, const struct queue_posting *posting,
                       const struct envelope *envelope, struct error *error)
{
    amqp_table_entry_t room[AMQP_HEADERS_MAX + QUEUE_HEADERS_MAX];
    struct amqp_outgoing outgoing = {0};

    amqp_outgoing_init(&outgoing, envelope);
    add_headers(&outgoing.properties.headers, posting, room);
    return send(sender, posting, envelope->id,
                &(struct amqp_publication){
                    .exchange = posting->exchange,
                    .routing_key = posting->key,
                    .properties = &outgoing.properties,
                    .body = envelope->body,
                    .body_bytes = envelope->body_bytes,
                },
                error);
}

static bool forward(struct queue_sender *sender, const struct queue_posting *posting,
                    const struct tapped *message, const amqp_basic_properties_t *properties,
                    struct error *error)
{
    if (!properties)
        return error_set(error, ERROR_INVALID, "the properties make no sense");
    return send(sender, posting, message->envelope.id,
                &(struct amqp_publication){
                    .exchange = posting->exchange,
                    .routing_key = posting->key,
                    .properties = properties,
                    .body = message->content->body.data,
                    .body_bytes = message->content->body.size_bytes,
                },
                error);
}

bool queue_sender_forward(struct queue_sender *sender, const struct queue_posting *posting,
                          const struct tapped *message, bool redriven, struct error *error)
{
    amqp_pool_t pool;
    bool good;

    if (!message->is_whole)
        return error_set(error, ERROR_TOO_LARGE, "a body of %llu bytes cannot be copied",
                         (unsigned long long)message->size_bytes);
    init_amqp_pool(&pool, POOL_BYTES);
    good =
        forward(sender, posting, message, amqp_tap_copy(message->content, redriven, &pool), error);
    empty_amqp_pool(&pool);
    return good;
}

/* ---- what becomes of it ---- */

static void end_one(struct queue_sender *sender, uint64_t tag, enum queue_posting_end end)
{
    struct slot *slot = slot_of(sender, tag);

    if (tag < sender->first_tag || tag >= sender->next_tag || slot->ended)
        return;
    slot->ended = true;
    slot->end = slot->returned ? QUEUE_POSTING_RETURNED : end;
}

static void end_all(struct queue_sender *sender, const struct amqp_arrival *arrival,
                    enum queue_posting_end end)
{
    uint64_t first = arrival->multiple ? sender->first_tag : arrival->tag;

    for (uint64_t tag = first; tag <= arrival->tag; tag++)
        end_one(sender, tag, end);
}

/* A return has no tag, and comes before the confirm of its message. */
static void take_return(struct queue_sender *sender, const struct amqp_content *content)
{
    char id[MESSAGE_ID_BYTES];

    amqp_message_id(content, id);
    for (uint64_t tag = sender->first_tag; tag < sender->next_tag; tag++) {
        struct slot *slot = slot_of(sender, tag);

        if (!slot->ended && strcmp(slot->id, id) == 0)
            slot->returned = true;
    }
}

static bool judge(struct queue_sender *sender, const struct amqp_arrival *arrival,
                  struct error *error)
{
    switch (arrival->kind) {
    case AMQP_ARRIVAL_CONFIRM:
        end_all(sender, arrival, QUEUE_POSTING_CONFIRMED);
        return true;
    case AMQP_ARRIVAL_REFUSAL:
        end_all(sender, arrival, QUEUE_POSTING_REFUSED);
        return true;
    case AMQP_ARRIVAL_RETURN:
        take_return(sender, arrival->content);
        return true;
    case AMQP_ARRIVAL_BLOCKED:
        return error_set(error, ERROR_UNAVAILABLE, "the broker takes nothing (alarm)");
    default:
        return true;
    }
}

static bool bear_silence(const struct queue_sender *sender, struct error *error)
{
    return !queue_sender_n_waiting(sender) || clock_monotonic_ms() - sender->heard_ms < SILENT_MS ||
           error_set(error, ERROR_UNAVAILABLE, "the broker did not confirm in time");
}

bool queue_sender_wait(struct queue_sender *sender, int timeout_ms, struct error *error)
{
    struct amqp_arrival arrival = {0};

    if (!amqp_link_wait(&sender->link, -1, timeout_ms, error))
        return false;
    do {
        if (!amqp_link_next(&sender->link, &arrival, error) || !judge(sender, &arrival, error))
            return false;
        if (arrival.kind != AMQP_ARRIVAL_NONE)
            sender->heard_ms = clock_monotonic_ms();
    } while (arrival.kind != AMQP_ARRIVAL_NONE);
    return bear_silence(sender, error);
}

bool queue_sender_take(struct queue_sender *sender, uint64_t *handle, enum queue_posting_end *end)
{
    const struct slot *slot = slot_of(sender, sender->first_tag);

    if (!queue_sender_n_waiting(sender) || !slot->ended)
        return false;
    *handle = slot->handle;
    *end = slot->end;
    sender->first_tag++;
    return true;
}
