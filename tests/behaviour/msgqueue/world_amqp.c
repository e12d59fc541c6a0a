#include "base/memory.h"
#include "tests/behaviour/msgqueue/raw_amqp.h"
#include "tests/behaviour/msgqueue/relay.h"

#include <amqp_tcp_socket.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHANNEL = 1
};

const char *const world_backend = "amqp";

struct raw_amqp *raw_amqp_of(struct world *world)
{
    return world->backend;
}

static void check(struct raw_amqp *raw, const char *what)
{
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(raw->connection);

    cr_assert_eq(reply.reply_type, AMQP_RESPONSE_NORMAL, "%s", what);
    amqp_maybe_release_buffers(raw->connection);
}

static void sign_in(struct raw_amqp *raw)
{
    amqp_rpc_reply_t reply;

    raw->connection = amqp_new_connection();
    cr_assert_eq(
        amqp_socket_open(amqp_tcp_socket_new(raw->connection), raw->info.host, raw->info.port),
        AMQP_STATUS_OK, "no broker at %s:%d", raw->info.host, raw->info.port);
    reply = amqp_login(raw->connection, raw->info.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 0,
                       AMQP_SASL_METHOD_PLAIN, raw->info.user, raw->info.password);
    cr_assert_eq(reply.reply_type, AMQP_RESPONSE_NORMAL, "the broker does not let us in");
    amqp_channel_open(raw->connection, CHANNEL);
    check(raw, "opening a channel");
}

static void escape_vhost(const char *vhost, char *text, size_t size_bytes)
{
    size_t n = 0;

    for (; *vhost && n + 4 < size_bytes; vhost++)
        n += (size_t)snprintf(text + n, size_bytes - n, *vhost == '/' ? "%%2F" : "%c", *vhost);
    text[n] = '\0';
}

void world_connect(struct world *world)
{
    const char *url = getenv("MYEVENTS_TEST_AMQP_URL");
    struct raw_amqp *raw = memory_new(sizeof(*raw), NULL);
    char vhost[256] = "";

    cr_assert(raw);
    cr_assert(url, "MYEVENTS_TEST_AMQP_URL does not say where the broker of the tests is");
    snprintf(raw->url, sizeof(raw->url), "%s", url);
    cr_assert_eq(amqp_parse_url(raw->url, &raw->info), AMQP_STATUS_OK, "a bad url: %s", url);
    sign_in(raw);
    raw->relay = relay_open(raw->info.host, raw->info.port);
    escape_vhost(raw->info.vhost, vhost, sizeof(vhost));
    snprintf(world->url, sizeof(world->url), "amqp://%s:%s@127.0.0.1:%d/%s", raw->info.user,
             raw->info.password, relay_port(raw->relay), vhost);
    world->backend = raw;
}

void world_disconnect(struct world *world)
{
    struct raw_amqp *raw = raw_amqp_of(world);

    relay_close(raw->relay);
    amqp_connection_close(raw->connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(raw->connection);
    memory_free(raw);
}

void world_set_away(struct world *world, bool away)
{
    relay_set(raw_amqp_of(world)->relay, away ? RELAY_AWAY : RELAY_ON);
}

/* Asking for a queue that is missing closes the channel. */
int64_t world_count(struct world *world, const char *queue)
{
    struct raw_amqp *raw = raw_amqp_of(world);
    const amqp_queue_declare_ok_t *answer = amqp_queue_declare(
        raw->connection, CHANNEL, amqp_cstring_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
    amqp_channel_close_ok_t ok = {0};

    if (answer) {
        int64_t n = answer->message_count;

        amqp_maybe_release_buffers(raw->connection);
        return n;
    }
    amqp_send_method(raw->connection, CHANNEL, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    amqp_channel_open(raw->connection, CHANNEL);
    check(raw, "opening a channel again");
    return -1;
}

void world_delete(struct world *world, const char *queue)
{
    struct raw_amqp *raw = raw_amqp_of(world);

    amqp_queue_delete(raw->connection, CHANNEL, amqp_cstring_bytes(queue), 0, 0);
    check(raw, "deleting a queue");
}

void world_unbind(struct world *world, const struct topology_queue *queue)
{
    struct raw_amqp *raw = raw_amqp_of(world);

    for (const char *const *key = queue->keys; *key; key++) {
        amqp_queue_unbind(raw->connection, CHANNEL, amqp_cstring_bytes(queue->name),
                          amqp_cstring_bytes(TOPOLOGY_EXCHANGE), amqp_cstring_bytes(*key),
                          amqp_empty_table);
        check(raw, "unbinding a queue");
    }
}

void raw_amqp_publish(struct world *world, const char *key,
                      const amqp_basic_properties_t *properties, amqp_bytes_t body)
{
    cr_assert_eq(amqp_basic_publish(raw_amqp_of(world)->connection, CHANNEL,
                                    amqp_cstring_bytes(TOPOLOGY_EXCHANGE), amqp_cstring_bytes(key),
                                    0, 0, properties, body),
                 AMQP_STATUS_OK);
}

void world_publish_bare(struct world *world, const char *key, const char *body)
{
    raw_amqp_publish(world, key, NULL, amqp_cstring_bytes(body));
}

void raw_amqp_declare(struct world *world, const char *queue, const char *type)
{
    struct raw_amqp *raw = raw_amqp_of(world);
    amqp_table_entry_t entry = {
        .key = amqp_cstring_bytes("x-queue-type"),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(type)}},
    };

    amqp_queue_declare(raw->connection, CHANNEL, amqp_cstring_bytes(queue), 0, 1, 0, 0,
                       (amqp_table_t){1, &entry});
    check(raw, "declaring a queue");
}

bool raw_amqp_get(struct world *world, const char *queue, amqp_message_t *message)
{
    amqp_connection_state_t connection = raw_amqp_of(world)->connection;
    amqp_rpc_reply_t reply = amqp_basic_get(connection, CHANNEL, amqp_cstring_bytes(queue), 1);

    cr_assert_eq(reply.reply_type, AMQP_RESPONSE_NORMAL, "reading %s", queue);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD)
        return false;
    reply = amqp_read_message(connection, CHANNEL, message, 0);
    cr_assert_eq(reply.reply_type, AMQP_RESPONSE_NORMAL, "reading %s", queue);
    return true;
}

static void copy(amqp_bytes_t bytes, char *text, size_t size_bytes)
{
    snprintf(text, size_bytes, "%.*s", (int)bytes.len, (const char *)bytes.bytes);
}

const amqp_field_value_t *raw_amqp_find(const amqp_message_t *message, const char *name)
{
    const amqp_table_t *headers = &message->properties.headers;

    if (!(message->properties._flags & AMQP_BASIC_HEADERS_FLAG))
        return NULL;
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];

        if (entry->key.len == strlen(name) && memcmp(entry->key.bytes, name, entry->key.len) == 0)
            return &entry->value;
    }
    return NULL;
}

void raw_amqp_header(const amqp_message_t *message, const char *name, char *text, size_t size_bytes)
{
    const amqp_field_value_t *value = raw_amqp_find(message, name);

    text[0] = '\0';
    if (value && value->kind == AMQP_FIELD_KIND_UTF8)
        copy(value->value.bytes, text, size_bytes);
}

bool world_pull(struct world *world, const char *queue, struct pulled *pulled)
{
    amqp_message_t message;
    const amqp_field_value_t *count;

    if (!raw_amqp_get(world, queue, &message))
        return false;
    *pulled = (struct pulled){0};
    if (message.properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        copy(message.properties.message_id, pulled->id, sizeof(pulled->id));
    copy(message.body, pulled->body, sizeof(pulled->body));
    raw_amqp_header(&message, "x-event-name", pulled->name, sizeof(pulled->name));
    raw_amqp_header(&message, "x-parked-reason", pulled->reason, sizeof(pulled->reason));
    raw_amqp_header(&message, "x-parked-by", pulled->by, sizeof(pulled->by));
    raw_amqp_header(&message, "x-parked-at", pulled->at, sizeof(pulled->at));
    count = raw_amqp_find(&message, "x-parked-count");
    if (count && count->kind == AMQP_FIELD_KIND_I64)
        pulled->parked_count = count->value.i64;
    amqp_destroy_message(&message);
    return true;
}
