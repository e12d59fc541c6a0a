/*
 * The head of a request: its line, then lines of headers. It is cut up in place as the library underneath does it,
 * leniently; where our rules let that pass, a strict reader must have seen the same headers.
 */
#include "base/memory.h"
#include "http/framing.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    HEAD_BYTES_MAX = 16 * 1024
};

/* ---- as the library reads it ---- */

static char *skip_name(char *at)
{
    while (*at > ' ' && *at <= '~' && *at != ':')
        at++;
    return at;
}

/* One header at *@cursor, which moves on; false at the end of them and at what is none. */
static bool read_header(char **cursor, struct http_header *header)
{
    char *at = skip_name(*cursor);

    if (at == *cursor)
        return false;
    while (*at == ' ')
        *at++ = '\0';
    if (*at != ':')
        return false;
    *at++ = '\0';
    header->name = *cursor;
    at += strspn(at, " \t");
    header->value = at;
    at += strcspn(at, "\r\n");
    if (*at == '\r')
        *at++ = '\0';
    if (*at != '\n')
        return false;
    *at++ = '\0';
    *cursor = at;
    return true;
}

/* The last line break of a head, of which there is one: the first empty line. */
static char *end_of(char *head)
{
    char *strict = strstr(head, "\r\n\r\n");
    char *lenient = strstr(head, "\n\n");

    return lenient && lenient < strict ? lenient + 1 : strict + 3;
}

/* Where the version stands; NULL when the first line is no request line. */
static char *read_request_line(char *head, struct http_request *request, char **headers)
{
    char *end = strstr(head, "\r\n");
    char *path;
    char *version;
    char *query;

    if (!end)
        return NULL;
    for (*headers = end; isspace((unsigned char)**headers); ++*headers)
        **headers = '\0';
    path = strchr(head, ' ');
    version = path ? strstr(path, " HTTP/") : NULL;
    if (!version)
        return NULL;
    *path++ = '\0';
    *version = '\0';
    query = path < version ? strchr(path, '?') : NULL;
    if (query)
        *query++ = '\0';
    request->method = head;
    request->path = path < version ? path : "";
    request->query = query;
    return version + strlen(" HTTP/");
}

/* ---- as everybody else reads it ---- */

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool says_the_same(const char *line, const char *end, const struct http_header *header)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));

    if (!colon || strlen(header->name) != (size_t)(colon - line) ||
        memcmp(header->name, line, (size_t)(colon - line)) != 0)
        return false;
    colon++;
    while (colon < end && is_blank(*colon))
        colon++;
    while (end > colon && is_blank(end[-1]))
        end--;
    return strlen(header->value) == (size_t)(end - colon) &&
           memcmp(header->value, colon, (size_t)(end - colon)) == 0;
}

static void must_be_whole(const char *head, const struct http_request *request)
{
    const char *line = strstr(head, "\r\n") + 2;

    for (size_t i = 0; i < request->n_headers; i++) {
        const char *end = strstr(line, "\r\n");

        MUST(end && says_the_same(line, end, &request->headers[i]));
        line = end + 2;
    }
    MUST(request->n_headers == 0 || strncmp(line, "\r\n", 2) == 0);
}

/* ---- */

static void check_framing(const struct http_request *request, const char *version)
{
    struct http_framing framing = {.body_bytes = SIZE_MAX};
    struct error error = {0};
    int status = http_framing_check(request, version, &framing, &error);

    if (status) {
        fuzz_must_be_refusal(&error);
        MUST(status == 400 || status == 411 || status == 414 || status == 417 || status == 431);
        MUST(framing.body_bytes == SIZE_MAX);
        return;
    }
    MUST(strlen(request->path) <= HTTP_URI_BYTES_MAX && request->n_headers < HTTP_HEADERS_MAX);
    MUST(!http_request_header(request, "Transfer-Encoding"));
    MUST(http_request_header(request, "Content-Length") || framing.body_bytes == 0);
    MUST(http_request_header(request, "Host") || strcmp(version, "1.1") != 0);
    MUST(!framing.expects_continue || strcmp(version, "1.0") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < HEAD_BYTES_MAX ? size : HEAD_BYTES_MAX);
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);
    CLEANUP(memory_freep) char *head = memory_new(HEAD_BYTES_MAX + 8, NULL);
    struct http_request request = {0};
    const char *version;
    char *cursor;

    MUST(head);
    snprintf(head, HEAD_BYTES_MAX + 8, "%s\r\n\r\n", text);
    CLEANUP(memory_freep) char *original = memory_text(head, NULL);

    MUST(original);
    *end_of(head) = '\0';
    version = read_request_line(head, &request, &cursor);
    if (!version)
        return 0;
    while (request.n_headers < HTTP_HEADERS_MAX &&
           read_header(&cursor, &request.headers[request.n_headers]))
        request.n_headers++;
    if (request.n_headers == HTTP_HEADERS_MAX)
        return 0;
    if (http_framing_headers_whole(version, request.headers, request.n_headers,
                                   head + HEAD_BYTES_MAX + 8))
        must_be_whole(original, &request);
    check_framing(&request, version);
    return 0;
}
