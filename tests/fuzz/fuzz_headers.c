/* Lines "Name: value" of one request, read by whoever has a use for a header. */
#include "base/memory.h"
#include "base/trace.h"
#include "http/conditional.h"
#include "http/cors.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    INPUT_BYTES_MAX = 16 * 1024,
    HEAD_BYTES_MAX = 64 * 1024
};

static const char tag[] = "7.3.x";

/* No header can hold a control character: the library ends it there. */
static bool is_whole_line(const char *line)
{
    for (; *line; line++) {
        if ((unsigned char)*line < ' ' && *line != '\t')
            return false;
    }
    return true;
}

static size_t read_headers(struct fuzz_input *input, struct http_header headers[HTTP_HEADERS_MAX],
                           char *lines[HTTP_HEADERS_MAX])
{
    size_t n = 0;

    while (input->left_bytes > 0 && n < HTTP_HEADERS_MAX) {
        char *line = fuzz_line(input);
        char *colon = strstr(line, ": ");

        if (!colon || !is_whole_line(line)) {
            memory_free(line);
            continue;
        }
        *colon = '\0';
        lines[n] = line;
        headers[n++] = (struct http_header){.name = line, .value = colon + 2};
    }
    return n;
}

static void read_again(const char *quoted, const char *key)
{
    const struct http_request request = {.headers = {{"Idempotency-Key", quoted}}, .n_headers = 1};
    char again[HTTP_KEY_BYTES] = "";

    MUST(http_request_key(&request, again, NULL) && strcmp(again, key) == 0);
}

static void read_key(const struct http_request *request)
{
    char key[HTTP_KEY_BYTES] = "untouched";
    char quoted[2 * HTTP_KEY_BYTES + 2] = "\"";
    char *end = quoted + 1;
    struct error error = {0};

    if (!http_request_key(request, key, &error)) {
        fuzz_must_be_refusal(&error);
        MUST(strcmp(key, "untouched") == 0);
        return;
    }
    MUST((key[0] != '\0') == (http_request_header(request, "Idempotency-Key") != NULL));
    if (!key[0])
        return;
    for (const char *at = key; *at; at++) {
        MUST(*at > ' ' && *at <= '~');
        if (*at == '"' || *at == '\\')
            *end++ = '\\';
        *end++ = *at;
    }
    *end = '"';
    read_again(quoted, key);
}

static void read_conditions(const struct http_request *request)
{
    const char *match = http_request_header(request, "If-None-Match");
    struct http_response response;
    struct error error = {0};
    bool unchanged;

    http_response_init(&response);
    unchanged = http_not_modified(request, &response, tag);
    MUST(unchanged == (response.status == 304) && unchanged == !response.content_type);
    MUST(!unchanged || match);
    MUST(unchanged || !match || (strcmp(match, "*") != 0 && strcmp(match, "\"7.3.x\"") != 0));
    if (!http_precondition(request, tag, &error)) {
        MUST(error.code == ERROR_PRECONDITION);
        fuzz_must_be_refusal(&error);
    }
    if (unchanged)
        MUST(!http_precondition(request, tag, NULL));
    if (http_request_header(request, "If-Match"))
        MUST(!http_precondition(request, NULL, NULL));
    http_response_clear(&response);
}

static void read_body(const struct http_request *request)
{
    struct json *document = NULL;
    struct error error = {0};

    if (http_request_json(request, &document, &error)) {
        MUST(json_is_object(document));
        json_free(document);
        return;
    }
    MUST(!document && error.code == ERROR_UNSUPPORTED);
    fuzz_must_be_refusal(&error);
}

/* Whatever the origin was, the head stays lines that begin with a name of ours. */
static void must_be_lines(const struct buffer *head)
{
    for (const char *line = head->data; *line;) {
        const char *end = strstr(line, "\r\n");

        MUST(end && (strncmp(line, "Vary: ", 6) == 0 || strncmp(line, "Access-Control-", 15) == 0));
        line = end + 2;
    }
}

static void answer_origin(const struct http_request *request, const char *origins)
{
    CLEANUP(buffer_clear) struct buffer head = {0};
    struct http_cors *cors = NULL;
    struct error error = {0};

    if (!http_cors_new(origins, &cors, &error)) {
        MUST(!cors);
        fuzz_must_be_refusal(&error);
        return;
    }
    buffer_init(&head, HEAD_BYTES_MAX);
    http_cors_write(cors, request, "GET, HEAD", &head);
    http_cors_free(cors);
    MUST(buffer_ok(&head, NULL));
    must_be_lines(&head);
}

static void read_trace(const struct http_request *request)
{
    const char *sent = http_request_header(request, "Traceparent");
    struct trace trace = {.flags = 0xAA};
    char text[TRACE_TEXT_BYTES];
    struct trace again;

    if (!sent)
        return;
    if (!trace_parse(sent, &trace)) {
        MUST(trace.flags == 0xAA && trace_is_none(&trace));
        return;
    }
    trace_format(&trace, text);
    MUST(trace_parse(text, &again) && memcmp(&trace, &again, sizeof(trace)) == 0);
    MUST(memcmp(text + 2, sent + 2, 51) == 0); /* both ids with their hyphens */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    char *lines[HTTP_HEADERS_MAX];
    struct http_request request = {
        .method = "OPTIONS", .path = "/events", .body = "{}", .body_bytes = 2};

    request.n_headers = read_headers(&input, request.headers, lines);
    read_key(&request);
    read_conditions(&request);
    read_body(&request);
    answer_origin(&request, NULL);
    answer_origin(&request, "*");
    answer_origin(&request, http_request_header(&request, "Origin"));
    read_trace(&request);
    for (size_t i = 0; i < request.n_headers; i++)
        memory_free(lines[i]);
    return 0;
}
