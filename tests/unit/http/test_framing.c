#include "http/framing.h"

#include <criterion/criterion.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

enum {
    HEADERS_MAX = 8
};

/* A request for /things with these header lines. */
static struct http_request request_with(const struct http_header *headers)
{
    struct http_request request = {.method = "POST", .path = "/things"};

    for (; headers[request.n_headers].name; request.n_headers++)
        request.headers[request.n_headers] = headers[request.n_headers];
    return request;
}

static int check(const struct http_header *headers, const char *version,
                 struct http_framing *framing)
{
    struct http_request request = request_with(headers);
    struct error error = {0};
    int status = http_framing_check(&request, version, framing, &error);

    cr_expect_eq(status != 0, error.code == ERROR_INVALID);
    return status;
}

#define HEADERS(...) ((const struct http_header[]){__VA_ARGS__, {NULL, NULL}})
#define HOST                                                                                       \
    {                                                                                              \
        "Host", "localhost:8181"                                                                   \
    }

static int status_with(const char *name, const char *value)
{
    struct http_framing framing;

    return check(HEADERS(HOST, {name, value}), "1.1", &framing);
}

static bool keeps_alive(const char *connection, const char *version)
{
    struct http_framing framing = {0};

    cr_assert_eq(check(connection ? HEADERS(HOST, {"connection", connection}) : HEADERS(HOST),
                       version, &framing),
                 0);
    return framing.keep_alive;
}

Test(framing, takes_the_length_of_the_body)
{
    struct http_framing framing = {0};

    cr_assert_eq(check(HEADERS(HOST, {"content-length", "0042"}), "1.1", &framing), 0);

    cr_expect_eq(framing.body_bytes, 42);
    cr_expect(framing.keep_alive);
    cr_expect_not(framing.expects_continue);
}

Test(framing, has_no_body_without_a_length)
{
    struct http_framing framing = {.body_bytes = 1};

    cr_assert_eq(check(HEADERS(HOST), "1.1", &framing), 0);

    cr_expect_eq(framing.body_bytes, 0);
}

Test(framing, refuses_lengths_that_are_no_numbers)
{
    static const char *const values[] = {"5abc", "+5", "-1", "", "0x5", "5 5", "5,5", "1e3"};

    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        cr_expect_eq(status_with("Content-Length", values[i]), 400, "%s", values[i]);
}

Test(framing, keeps_a_huge_length_huge)
{
    struct http_framing framing = {0};

    cr_assert_eq(check(HEADERS(HOST, {"Content-Length", "18446744073709551617"}), "1.1", &framing),
                 0);

    cr_expect_gt(framing.body_bytes, (size_t)1 << 30);
}

Test(framing, refuses_two_lengths_even_when_equal)
{
    struct http_framing framing;

    cr_expect_eq(
        check(HEADERS(HOST, {"Content-Length", "5"}, {"content-length", "5"}), "1.1", &framing),
        400);
}

Test(framing, refuses_chunks)
{
    struct http_framing framing;

    cr_expect_eq(status_with("Transfer-Encoding", "chunked"), 411);
    cr_expect_eq(status_with("transfer-encoding", "identity"), 411);
    cr_expect_eq(check(HEADERS(HOST, {"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}),
                       "1.1", &framing),
                 400);
}

Test(framing, wants_one_host)
{
    struct http_framing framing;

    cr_expect_eq(check(HEADERS({"Accept", "*/*"}), "1.1", &framing), 400);
    cr_expect_eq(check(HEADERS({"Accept", "*/*"}), "1.0", &framing), 0);
    cr_expect_eq(check(HEADERS(HOST, HOST), "1.1", &framing), 400);
    cr_expect_eq(check(HEADERS(HOST, HOST), "1.0", &framing), 400);
}

Test(framing, refuses_a_host_that_is_none)
{
    static const char *const values[] = {"a b", "a/b", "user@host", "a,b", "a?b", "a#b"};
    struct http_framing framing;

    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        cr_expect_eq(check(HEADERS({"Host", values[i]}), "1.1", &framing), 400, "%s", values[i]);
    cr_expect_eq(check(HEADERS({"Host", "[::1]:80"}), "1.1", &framing), 0);
}

Test(framing, refuses_a_long_uri)
{
    char path[HTTP_URI_BYTES_MAX + 2] = "/";
    struct http_request request = request_with(HEADERS(HOST));
    struct http_framing framing;
    struct error error = {0};

    memset(path + 1, 'a', HTTP_URI_BYTES_MAX - 1);
    request.path = path;
    cr_expect_eq(http_framing_check(&request, "1.1", &framing, &error), 0);

    request.query = "";
    cr_expect_eq(http_framing_check(&request, "1.1", &framing, &error), 414);

    request.query = NULL;
    path[HTTP_URI_BYTES_MAX] = 'a';
    cr_expect_eq(http_framing_check(&request, "1.1", &framing, &error), 414);
}

Test(framing, refuses_sixty_headers)
{
    struct http_request request = request_with(HEADERS(HOST));
    struct http_framing framing;
    struct error error = {0};

    while (request.n_headers < HTTP_HEADERS_MAX - 1)
        request.headers[request.n_headers++] = (struct http_header){"X", "1"};
    cr_expect_eq(http_framing_check(&request, "1.1", &framing, &error), 0);

    request.headers[request.n_headers++] = (struct http_header){"X", "1"};
    cr_expect_eq(http_framing_check(&request, "1.1", &framing, &error), 431);
}

Test(framing, knows_one_expectation)
{
    struct http_framing framing = {0};

    cr_expect_eq(check(HEADERS(HOST, {"Expect", "100-Continue"}), "1.1", &framing), 0);
    cr_expect(framing.expects_continue);
    cr_expect_eq(status_with("Expect", "200-ok"), 417);
}

Test(framing, ignores_expectations_of_the_old_version)
{
    struct http_framing framing = {0};

    cr_expect_eq(check(HEADERS({"Expect", "100-continue"}), "1.0", &framing), 0);
    cr_expect_not(framing.expects_continue);
    cr_expect_eq(check(HEADERS({"Expect", "200-ok"}), "1.0", &framing), 0);
}

Test(framing, keeps_a_connection_as_its_client_wishes)
{
    cr_expect(keeps_alive(NULL, "1.1"));
    cr_expect(keeps_alive("Keep-Alive", "1.1"));
    cr_expect(keeps_alive("TE, keep-alive", "1.1"));
    cr_expect(keeps_alive("keep-alive", "1.0"));
    cr_expect_not(keeps_alive(NULL, "1.0"));
    cr_expect_not(keeps_alive("close", "1.1"));
    cr_expect_not(keeps_alive("keep-alive, close", "1.1"));
    cr_expect_not(keeps_alive("keep-alive, Upgrade", "1.1"));
    cr_expect_not(keeps_alive("keep", "1.1"));
    cr_expect_not(keeps_alive("", "1.1"));
}

/*
 * A head as the library leaves it: blanks, colons and line breaks that it has read past became NULs. In
 * @text they stand as '|' for one and '~' for two. The first word is the version, @names are the headers.
 */
static bool whole(const char *text, const char *const *names)
{
    static char head[128];
    struct http_header headers[HEADERS_MAX];
    size_t length = 0;
    size_t n = 0;

    memset(head, 0, sizeof(head));
    for (; *text; text++) {
        if (*text == '~')
            length += 2;
        else if (*text == '|')
            length++;
        else
            head[length++] = *text;
    }
    if (names[0])
        memcpy(head + length, "\r", 2);
    for (; names[n]; n++) {
        char *name = memmem(head, length, names[n], strlen(names[n]));
        char *value = name + strlen(names[n]) + 1;

        headers[n] = (struct http_header){name, value + strspn(value, " ")};
    }
    return http_framing_headers_whole(head, headers, n, head + sizeof(head));
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(framing_headers, are_whole_when_each_line_follows_the_other)
{
    cr_expect(whole("1.1~", NAMES(NULL)));
    cr_expect(whole("1.1~Host|x~", NAMES("Host")));
    cr_expect(whole("1.1~Host| x~Empty|~Last|   y~", NAMES("Host", "Empty", "Last")));
}

Test(framing_headers, are_not_whole_when_the_library_stopped_early)
{
    cr_expect_not(whole("1.1~Host|x~ folded~Length|5~", NAMES("Host")));
    cr_expect_not(whole("1.1~Host|x~\x01~Length|5~", NAMES("Host")));
}

Test(framing_headers, may_not_begin_with_a_blank)
{
    cr_expect_not(whole("1.1~|Host|x~", NAMES("Host")));
    cr_expect_not(whole("1.1|~Host|x~", NAMES("Host")));
}

Test(framing_headers, may_not_end_lines_with_a_lone_lf)
{
    cr_expect_not(whole("1.1|Host|x~", NAMES("Host")));
    cr_expect_not(whole("1.1~Host|x|Next|y~", NAMES("Host", "Next")));
}

Test(framing_headers, may_not_begin_with_a_line_without_a_name)
{
    cr_expect_not(whole("1.0~:x~X|1~", NAMES(NULL)));
    cr_expect_not(whole("1.0|:x~X|1~", NAMES(NULL)));
}

/* What ends a head of @n bytes, then what lies behind them. */
static bool ends_well(const char *end, size_t n, size_t n_behind)
{
    char head[32] = "1.1\0\0A\0x";
    const struct http_header header = {head + 5, head + 7};

    memcpy(head + 8, end, n + n_behind);
    return http_framing_headers_whole(head, &header, 1, head + 8 + n);
}

Test(framing_headers, may_not_end_in_lone_lfs)
{
    cr_expect(ends_well("\0\0\r\0", 4, 0));
    cr_expect_not(ends_well("\0\0\0", 3, 0), "CR LF LF");
    cr_expect_not(ends_well("\0\0\0\0", 4, 0), "LF LF, NULs behind");
    cr_expect_not(ends_well("\0\0\r\n", 4, 0), "LF LF, an empty line behind");
    cr_expect_not(ends_well("\0\0\r\0", 2, 2), "LF LF at the end of the buffer");
}

/* The next head lies over this one, and is shorter by its two CRs. */
Test(framing_headers, leave_no_end_for_a_later_head)
{
    char head[] = "1.1\0\0A\0xyz\0\0\r";
    const struct http_header header = {head + 5, head + 7};

    cr_assert(http_framing_headers_whole(head, &header, 1, head + sizeof(head)));

    cr_expect_not(http_framing_headers_whole(head, &header, 1, head + sizeof(head)),
                  "the same with LF LF");
}

Test(framing, wants_headers_where_something_is_changed)
{
    static const struct http_header none[] = {{NULL, NULL}};
    struct http_request request = request_with(none);
    struct http_framing framing;
    struct error error = {0};

    cr_expect_eq(http_framing_check(&request, "1.0", &framing, &error), 400);
    request.method = "GET";
    cr_expect_eq(http_framing_check(&request, "1.0", &framing, &error), 0);
}

Test(framing_headers, may_not_have_a_blank_before_the_colon)
{
    char head[] = "1.1\0\0Length\0\0 5\0\0\r";
    struct http_header header = {head + 5, head + 14};

    cr_expect_not(http_framing_headers_whole(head, &header, 1, head + sizeof(head)));
}

Test(framing_headers, lose_the_blanks_after_a_value)
{
    char head[] = "1.1\0\0Host\0 x \t \0\0\r";
    struct http_header header = {head + 5, head + 11};

    cr_assert(http_framing_headers_whole(head, &header, 1, head + sizeof(head)));

    cr_expect_str_eq(header.value, "x");
}

/* As the library's buffer is, which comes from an allocation. */
static alignas(max_align_t) char received[256];

/* Whether a request after @blanks begins well on a thread that had found its heads at @start. */
static bool begins_well(const char *blanks, const char *start)
{
    size_t n = strlen(blanks);

    memcpy(received, blanks, n);
    memcpy(received + n, "GET", 3);
    return http_framing_begins_well(received + n, &start);
}

Test(framing_head, may_follow_one_empty_line)
{
    cr_expect(begins_well("", NULL));
    cr_expect(begins_well("", received));
    cr_expect(begins_well("\r\n", NULL));
    cr_expect(begins_well("\r\n", received));
}

Test(framing_head, may_not_follow_other_blanks)
{
    static const char *const blanks[] = {" ",    "\n",           "\t",     "\n\n",
                                         "  ",   "\r\n\r\n",     "\r\n ",  "   \r\n\r\n",
                                         "\r\r", "\n\r\n\r\n\r", "\r\n\n", "             \r\n"};

    for (size_t i = 0; i < ARRAY_SIZE(blanks); i++) {
        cr_expect_not(begins_well(blanks[i], NULL), "%zu on a new thread", i);
        cr_expect_not(begins_well(blanks[i], received), "%zu", i);
    }
    cr_expect_not(begins_well("            \r\n\r\n", received), "as many as the alignment");
}

Test(framing_head, tells_where_the_buffer_begins)
{
    const char *start = NULL;

    (void)http_framing_begins_well(received + 100, &start);
    cr_expect_eq(start, received + 96);
    (void)http_framing_begins_well(received, &start);
    cr_expect_eq(start, received);
    (void)http_framing_begins_well(received + 100, &start);
    cr_expect_eq(start, received, "it only moves down");
}
