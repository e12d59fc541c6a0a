/*
 * What the HTTP library alone can do: it is started as http/server.c starts it, and answers every request with
 * the bytes that came in on standard input, so that a service can be compared with it answer for answer.
 *
 *     bare_server THREADS <answer
 *
 * Prints its port, and serves until standard output is closed at the other end or it is killed.
 */
#include <civetweb.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum {
    ANSWER_BYTES_MAX = 256 * 1024
};

struct answer {
    char bytes[ANSWER_BYTES_MAX];
    size_t size_bytes;
};

static int on_request(struct mg_connection *connection)
{
    const struct answer *answer = mg_get_user_data(mg_get_context(connection));
    char body[1024];

    if (mg_get_request_info(connection)->content_length > 0)
        (void)mg_read(connection, body, sizeof(body));
    mg_write(connection, answer->bytes, answer->size_bytes);
    return 200;
}

static struct mg_context *start(struct answer *answer, const char *threads)
{
    const char *settings[] = {"listening_ports",
                              "127.0.0.1:0",
                              "num_threads",
                              threads,
                              "request_timeout_ms",
                              "3000",
                              "keep_alive_timeout_ms",
                              "2000",
                              "enable_keep_alive",
                              "yes",
                              "tcp_nodelay",
                              "1",
                              "decode_url",
                              "no",
                              "enable_auth_domain_check",
                              "no",
                              "listen_backlog",
                              "512",
                              "connection_queue",
                              "128",
                              NULL};
    const struct mg_callbacks callbacks = {.begin_request = on_request};

    return mg_start(&callbacks, answer, settings);
}

int main(int argc, char *argv[])
{
    static struct answer answer;
    struct mg_server_port port;
    struct mg_context *context;
    struct pollfd reader = {.fd = STDOUT_FILENO};

    if (argc != 2) {
        fprintf(stderr, "usage: bare_server THREADS <answer\n");
        return 2;
    }
    answer.size_bytes = fread(answer.bytes, 1, sizeof(answer.bytes), stdin);
    context = start(&answer, argv[1]);
    if (!context || mg_get_server_ports(context, 1, &port) != 1) {
        fprintf(stderr, "bare_server: cannot listen\n");
        return 1;
    }
    printf("%d\n", port.port);
    fflush(stdout);
    /* A pipe without a reader is an error, which needs no asking for. */
    while (poll(&reader, 1, -1) < 0)
        continue;
    mg_stop(context);
    return 0;
}
