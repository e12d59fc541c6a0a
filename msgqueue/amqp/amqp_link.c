#include "msgqueue/amqp/amqp_link.h"

#include "base/clock.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    CONNECT_TIMEOUT_S = 2,
    ANSWER_TIMEOUT_S = 5,
    STUCK_MS = 10000,
    /* The broker sends one heartbeat each half interval; two of them may be late. */
    SILENCE_MS = AMQP_HEARTBEAT_S * 1000 + 2000,
    FRAME_BYTES_MAX = 131072, /* RabbitMQ's own; a foreign header may be as long as one frame */
    CHANNELS_MAX = 8,
};

amqp_bytes_t amqp_text(const char *text)
{
    return amqp_cstring_bytes(text);
}

static bool fail(struct amqp_link *link, int status, const char *what, struct error *error)
{
    link->broken = true;
    return error_set(error, status == AMQP_STATUS_NO_MEMORY ? ERROR_MEMORY : ERROR_UNAVAILABLE,
                     "%s: %s", what, amqp_error_string2(status));
}

/* Texts of the broker are not terminated. */
static bool fail_closed(struct amqp_link *link, uint16_t code, amqp_bytes_t text, const char *what,
                        const char *name, struct error *error)
{
    enum error_code meaning = code == AMQP_PRECONDITION_FAILED ? ERROR_EXISTS : ERROR_UNAVAILABLE;

    link->broken = true;
    return error_set(error, meaning, "%s%s%s: %d %.*s", what, *name ? " " : "", name, code,
                     (int)text.len, (const char *)text.bytes);
}

static bool fail_exception(struct amqp_link *link, const amqp_method_t *method, const char *what,
                           const char *name, struct error *error)
{
    if (method->id == AMQP_CHANNEL_CLOSE_METHOD) {
        const amqp_channel_close_t *close = method->decoded;

        return fail_closed(link, close->reply_code, close->reply_text, what, name, error);
    }
    if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_connection_close_t *close = method->decoded;

        return fail_closed(link, close->reply_code, close->reply_text, what, name, error);
    }
    return fail(link, AMQP_STATUS_UNEXPECTED_STATE, what, error);
}

static bool judge(struct amqp_link *link, const amqp_rpc_reply_t *reply, const char *what,
                  const char *name, struct error *error)
{
    switch (reply->reply_type) {
    case AMQP_RESPONSE_NORMAL:
        return true;
    case AMQP_RESPONSE_SERVER_EXCEPTION:
        return fail_exception(link, &reply->reply, what, name, error);
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
        return fail(link, reply->library_error, what, error);
    case AMQP_RESPONSE_NONE:
        break;
    }
    return fail(link, AMQP_STATUS_CONNECTION_CLOSED, what, error);
}

bool amqp_link_succeeded(struct amqp_link *link, const char *what, const char *name,
                         struct error *error)
{
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(link->state);
    bool good = judge(link, &reply, what, name, error);

    amqp_maybe_release_buffers(link->state);
    return good;
}

/* Peer and host are two switches; both stay on. */
static amqp_socket_t *new_tls_socket(struct amqp_link *link, const char *ca_file,
                                     struct error *error)
{
    amqp_socket_t *socket = amqp_ssl_socket_new(link->state);

    if (!socket) {
        error_set(error, ERROR_MEMORY, "no memory for a TLS socket");
        return NULL;
    }
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    if (amqp_ssl_socket_set_cacert(socket, ca_file) != AMQP_STATUS_OK) {
        error_set(error, ERROR_UNAVAILABLE, "reading the certificates in %s", ca_file);
        return NULL;
    }
    return socket;
}

static bool open_socket(struct amqp_link *link, const struct amqp_address *address,
                        struct error *error)
{
    struct timeval timeout = {.tv_sec = CONNECT_TIMEOUT_S};
    amqp_socket_t *socket;
    int status;

    if (address->info.ssl)
        socket = new_tls_socket(link, address->ca_file, error);
    else if (!(socket = amqp_tcp_socket_new(link->state)))
        error_set(error, ERROR_MEMORY, "no memory for a socket");
    if (!socket)
        return false;

    status = amqp_socket_open_noblock(socket, address->info.host, address->info.port, &timeout);
    if (status != AMQP_STATUS_OK)
        return error_set(error, ERROR_UNAVAILABLE, "connecting to %s:%d: %s", address->info.host,
                         address->info.port, amqp_error_string2(status));
    link->descriptor = amqp_get_sockfd(link->state);
    return true;
}

/* What was sent and is not acknowledged by the peer's kernel ends the connection in bounded time. */
static void bound_silence(int descriptor)
{
    unsigned int timeout_ms = SILENCE_MS;

    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}

static amqp_table_entry_t true_entry(const char *name)
{
    return (amqp_table_entry_t){
        .key = amqp_text(name),
        .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}},
    };
}

/* The broker is silent about cancelled consumers and alarms unless we say that we understand. */
static bool sign_in(struct amqp_link *link, const struct amqp_link_options *options,
                    struct error *error)
{
    const struct amqp_connection_info *info = &options->address->info;
    amqp_table_entry_t capabilities[] = {true_entry("consumer_cancel_notify"),
                                         true_entry("connection.blocked"),
                                         true_entry("publisher_confirms")};
    amqp_table_entry_t entries[] = {
        {.key = amqp_text("connection_name"),
         .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_text(options->name)}}},
        {.key = amqp_text("capabilities"),
         .value = {.kind = AMQP_FIELD_KIND_TABLE,
                   .value = {.table = {ARRAY_SIZE(capabilities), capabilities}}}},
    };
    const amqp_table_t properties = {ARRAY_SIZE(entries), entries};
    amqp_rpc_reply_t reply = amqp_login_with_properties(
        link->state, info->vhost, CHANNELS_MAX, FRAME_BYTES_MAX, AMQP_HEARTBEAT_S, &properties,
        AMQP_SASL_METHOD_PLAIN, info->user, info->password);

    return judge(link, &reply, "signing in at", info->host, error);
}

static bool open_channel(struct amqp_link *link, struct error *error)
{
    amqp_channel_open(link->state, AMQP_LINK_CHANNEL);
    return amqp_link_succeeded(link, "opening a channel", "", error);
}

static bool establish(struct amqp_link *link, const struct amqp_link_options *options,
                      struct error *error)
{
    struct timeval answer = {.tv_sec = ANSWER_TIMEOUT_S};

    link->state = amqp_new_connection();
    if (!link->state)
        return error_set(error, ERROR_MEMORY, "no memory for a connection");
    amqp_set_handshake_timeout(link->state, &answer);
    amqp_set_rpc_timeout(link->state, &answer);
    if (!open_socket(link, options->address, error))
        return false;
    bound_silence(link->descriptor);
    if (!sign_in(link, options, error) || !open_channel(link, error))
        return false;
    link->broken = false;
    link->heard_ms = clock_monotonic_ms();
    return true;
}

bool amqp_link_open(const struct amqp_link_options *options, struct amqp_link *link,
                    struct error *error)
{
    *link = (struct amqp_link){
        .watchdog = options->watchdog,
        .broken = true,
        .body_max_bytes = options->body_max_bytes,
    };
    if (establish(link, options, error))
        return true;
    amqp_link_close(link);
    return false;
}

void amqp_link_close(struct amqp_link *link)
{
    if (!link->state)
        return;
    if (!link->broken) {
        amqp_link_guard(link);
        amqp_connection_close(link->state, AMQP_REPLY_SUCCESS);
        amqp_link_release(link);
    }
    amqp_destroy_connection(link->state);
    amqp_content_clear(&link->content);
    *link = (struct amqp_link){0};
}

bool amqp_link_confirms(struct amqp_link *link, struct error *error)
{
    amqp_confirm_select(link->state, AMQP_LINK_CHANNEL);
    return amqp_link_succeeded(link, "switching confirms on", "", error);
}

void amqp_link_guard(struct amqp_link *link)
{
    watchdog_guard(link->watchdog, link->descriptor, STUCK_MS);
}

void amqp_link_release(struct amqp_link *link)
{
    watchdog_release(link->watchdog);
}

/* A packet for each message costs both sides a wake-up: a third of our processor time. */
static void cork(struct amqp_link *link, int on)
{
    (void)setsockopt(link->descriptor, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

void amqp_link_begin_burst(struct amqp_link *link)
{
    amqp_link_guard(link);
    cork(link, 1);
}

void amqp_link_end_burst(struct amqp_link *link)
{
    cork(link, 0);
    amqp_link_release(link);
}

bool amqp_link_has_more(const struct amqp_link *link)
{
    return amqp_frames_enqueued(link->state) || amqp_data_in_buffer(link->state);
}

bool amqp_link_wait(struct amqp_link *link, int wake_descriptor, int timeout_ms,
                    struct error *error)
{
    struct pollfd descriptors[] = {{.fd = link->descriptor, .events = POLLIN},
                                   {.fd = wake_descriptor, .events = POLLIN}};
    int wait_ms = amqp_link_has_more(link) ? 0 : timeout_ms;

    if (poll(descriptors, ARRAY_SIZE(descriptors), wait_ms) < 0 && errno != EINTR)
        return error_set_errno(error, errno, "poll");
    if (descriptors[0].revents) {
        link->heard_ms = clock_monotonic_ms();
    } else if (clock_monotonic_ms() - link->heard_ms > SILENCE_MS) {
        link->broken = true;
        return error_set(error, ERROR_UNAVAILABLE, "the broker has been silent for %d ms",
                         SILENCE_MS);
    }
    return true;
}

bool amqp_link_publish(struct amqp_link *link, const struct amqp_publication *publication,
                       struct error *error)
{
    amqp_bytes_t body = {publication->body_bytes, (void *)(uintptr_t)publication->body};
    int status = amqp_basic_publish(
        link->state, AMQP_LINK_CHANNEL, amqp_text(publication->exchange),
        amqp_text(publication->routing_key), 1, 0, publication->properties, body);

    return status == AMQP_STATUS_OK || fail(link, status, "publishing", error);
}

bool amqp_link_acknowledge(struct amqp_link *link, uint64_t tag, bool multiple, struct error *error)
{
    int status;

    amqp_link_guard(link);
    status = amqp_basic_ack(link->state, AMQP_LINK_CHANNEL, tag, multiple);
    amqp_link_release(link);
    return status == AMQP_STATUS_OK || fail(link, status, "acknowledging", error);
}

bool amqp_link_reject(struct amqp_link *link, uint64_t tag, struct error *error)
{
    int status;

    amqp_link_guard(link);
    status = amqp_basic_reject(link->state, AMQP_LINK_CHANNEL, tag, 0);
    amqp_link_release(link);
    return status == AMQP_STATUS_OK || fail(link, status, "rejecting", error);
}
