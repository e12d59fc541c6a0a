#include "http/server.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool hello(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    (void)request;
    (void)error;
    buffer_text(&response->body, context);
    return true;
}

static const struct http_route rows[] = {{"GET", "/hello", hello, 0}};

static char said[] = "hello";

static struct http_server_options options_for(const char *listen)
{
    return (struct http_server_options){
        .listen = listen, .threads = 4, .routes = {.rows = rows, .n_rows = 1}, .context = said};
}

static struct http_server *open_server(struct http_server_options options)
{
    struct http_server *server = NULL;
    struct error error = {0};

    cr_assert(http_server_open(&options, &server, &error), "%s", error.text);
    return server;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

/* The whole answer to a request for /hello on a connection of its own. */
static const char *ask(int port)
{
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static char answer[1024];
    int descriptor = connect_to(port);
    size_t length = 0;
    ssize_t n = 1;

    cr_assert_geq(descriptor, 0);
    cr_assert_eq(send(descriptor, request, strlen(request), 0), (ssize_t)strlen(request));
    while (n > 0 && length < sizeof(answer) - 1) {
        n = recv(descriptor, answer + length, sizeof(answer) - 1 - length, 0);
        if (n > 0)
            length += (size_t)n;
    }
    answer[length] = '\0';
    close(descriptor);
    return answer;
}

Test(server, takes_a_free_port)
{
    struct http_server *server = open_server(options_for("127.0.0.1:0"));

    cr_expect_gt(http_server_port(server), 0);
    cr_expect_eq(http_server_tls_port(server), 0);
    cr_expect_not_null(strstr(ask(http_server_port(server)), "\r\n\r\nhello"));

    http_server_stop(server, 1000);
}

Test(server, listens_everywhere_without_a_host)
{
    struct http_server *server = open_server(options_for(":0"));

    cr_expect_not_null(strstr(ask(http_server_port(server)), "HTTP/1.1 200 OK"));

    http_server_stop(server, 1000);
}

Test(server, lives_beside_others)
{
    static char other_said[] = "other";
    struct http_server_options other = options_for("localhost:0");
    struct http_server *first = open_server(options_for("127.0.0.1:0"));
    struct http_server *second;

    other.context = other_said;
    other.threads = 1;
    second = open_server(other);
    cr_expect_not_null(strstr(ask(http_server_port(first)), "\r\n\r\nhello"));
    cr_expect_not_null(strstr(ask(http_server_port(second)), "\r\n\r\nother"));

    http_server_stop(first, 1000);
    cr_expect_not_null(strstr(ask(http_server_port(second)), "\r\n\r\nother"));
    http_server_stop(second, 1000);
}

static bool is_problem_of_memory(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");

    return strncmp(answer, "HTTP/1.1 503", 12) == 0 && body &&
           strstr(body, "\"type\":\"/problems/memory\"") && strstr(body, "\"status\":503") &&
           body[strlen(body) - 1] == '}';
}

/* A thread without memory for its worker has nothing to answer with. */
Test(server, says_that_memory_is_short_when_there_is_none_to_say_it_with)
{
    const char *answer = "";
    int n_said = 0;

    for (long n = 1; n < 100 && !strstr(answer, "hello"); n++) {
        struct http_server *server = open_server(options_for("127.0.0.1:0"));

        memory_fail_at(n, true);
        answer = ask(http_server_port(server));
        memory_fail_at(0, false);
        http_server_stop(server, 1000);
        n_said += is_problem_of_memory(answer);
        cr_expect(answer[0] == '\0' || is_problem_of_memory(answer) || strstr(answer, "hello"),
                  "at allocation %ld: %s", n, answer);
    }
    cr_expect(strstr(answer, "hello"));
    cr_expect_geq(n_said, 2);
}

Test(server, closes_its_port_when_stopped)
{
    struct http_server *server = open_server(options_for("127.0.0.1:0"));
    int port = http_server_port(server);

    http_server_stop(server, 1000);

    cr_expect_eq(connect_to(port), -1);
}

Test(server, says_which_port_is_taken)
{
    struct http_server *first = open_server(options_for("127.0.0.1:0"));
    struct http_server *second = NULL;
    struct error error = {0};
    char listen[32];
    struct http_server_options options;

    snprintf(listen, sizeof(listen), "127.0.0.1:%d", http_server_port(first));
    options = options_for(listen);
    cr_expect_not(http_server_open(&options, &second, &error));

    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_not_null(strstr(error.text, listen));
    cr_expect_null(second);
    http_server_stop(first, 1000);
}

Test(server, refuses_addresses_that_are_none)
{
    static const char *const addresses[] = {
        "",        "8181",         "localhost", "localhost:", ":",       "localhost:65536",
        ":123456", "[::1]:80",     ":80s",      "a,b:80",     ":80,:81", ":+80",
        " :80",    "host name:80", NULL};

    for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
        struct http_server_options options = options_for(addresses[i]);
        struct http_server *server = NULL;
        struct error error = {0};

        cr_expect_not(http_server_open(&options, &server, &error), "%s", addresses[i]);
        cr_expect_eq(error.code, ERROR_INVALID, "%s", addresses[i]);
        cr_expect_not_null(strstr(error.text, "listen"));
    }
}

Test(server, refuses_a_senseless_number_of_threads)
{
    static const int numbers[] = {0, -1, HTTP_THREADS_MAX + 1};

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct http_server_options options = options_for("127.0.0.1:0");
        struct http_server *server = NULL;
        struct error error = {0};

        options.threads = numbers[i];
        cr_expect_not(http_server_open(&options, &server, &error));
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_not_null(strstr(error.text, "threads"));
    }
}

Test(server, wants_a_certificate_and_a_key_for_tls)
{
    static const char *const files[][3] = {{NULL, "/nowhere.key", "tls_certificate"},
                                           {"/nowhere.pem", NULL, "tls_key"},
                                           {"/nowhere.pem", "/nowhere.key", "tls_certificate"}};

    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        struct http_server_options options = options_for("127.0.0.1:0");
        struct http_server *server = NULL;
        struct error error = {0};

        options.tls_listen = "127.0.0.1:0";
        options.tls_certificate = files[i][0];
        options.tls_key = files[i][1];
        cr_expect_not(http_server_open(&options, &server, &error));
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_not_null(strstr(error.text, files[i][2]), "%s", error.text);
    }
}

Test(server, has_nothing_to_reload_without_tls)
{
    struct http_server *server = open_server(options_for("127.0.0.1:0"));
    struct error error = {0};

    cr_expect(http_server_reload_certificate(server, &error));

    http_server_stop(server, 1000);
}

Test(server, may_be_stopped_without_being_there)
{
    http_server_stop(NULL, 1000);
}
