/*
 * Lines: what a cursor says, the path of its list, the query of the request before. Its seal can only be made, so the
 * cursor goes out in a link and comes back from there.
 */
#include "base/memory.h"
#include "service/page_query.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What the library underneath lets into a request line. */
static void keep_visible(char *text)
{
    char *kept = text;

    for (; *text; text++) {
        if (*text > ' ' && *text <= '~')
            *kept++ = *text;
    }
    *kept = '\0';
}

static void read_events(const struct http_request *request, const char *cursor)
{
    struct event_query query = {0};
    struct error error = {0};
    struct event last = {0};
    char again[HTTP_CURSOR_BYTES];

    if (!event_query_read(request, &query, &error)) {
        fuzz_must_be_refusal(&error);
        return;
    }
    MUST(query.page.has_after);
    last.id = query.page.after_id;
    last.start_s = query.page.after_start_s;
    event_cursor_write(&last, again);
    MUST(strcmp(again, cursor) == 0);
}

static void read_locations(const struct http_request *request, const char *cursor)
{
    struct location_query query = {0};
    struct error error = {0};
    struct location last = {0};
    char again[HTTP_CURSOR_BYTES];

    if (!location_query_read(request, &query, &error)) {
        fuzz_must_be_refusal(&error);
        return;
    }
    MUST(query.page.has_after);
    last.id = query.page.after_id;
    location_cursor_write(&last, again);
    MUST(strcasecmp(again, cursor) == 0);
}

/* What lies between the angle brackets of the link, cut into path and query. */
static bool follow(struct http_response *response, struct http_request *next)
{
    char *link = response->headers.data;
    char *end = strchr(link, '>');
    char *query = strchr(link, '?');

    MUST(strncmp(link, "Link: </", 8) == 0 && end && query && query < end);
    MUST(strcmp(end, ">; rel=\"next\"\r\n") == 0);
    *end = '\0';
    *query = '\0';
    *next = (struct http_request){.method = "GET", .path = link + 7, .query = query + 1};
    return true;
}

/* It asks for the same, but for where to go on. */
static void must_be_same_request(const struct http_request *request,
                                 const struct http_request *next)
{
    static const char *const names[] = {"name", "from", "to", "location", "limit"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char value[HTTP_URI_BYTES_MAX + 1] = "";
        char value_next[HTTP_URI_BYTES_MAX + 1] = "";
        struct error error = {0};
        struct error error_next = {0};
        bool found = http_request_query(request, names[i], value, sizeof(value), &error);

        MUST(http_request_query(next, names[i], value_next, sizeof(value_next), &error_next) ==
             found);
        MUST(strcmp(value, value_next) == 0 && error.code == error_next.code);
        MUST(strcmp(error.text, error_next.text) == 0);
    }
}

static void come_back(const struct http_request *request, const char *cursor)
{
    struct http_response response;
    struct http_request next;
    struct error error = {0};
    char read[HTTP_CURSOR_BYTES] = "untouched";

    http_response_init(&response);
    http_page_next(request, &response, cursor);
    MUST(buffer_ok(&response.headers, NULL) && follow(&response, &next));
    must_be_same_request(request, &next);
    if (strcmp(request->path, next.path) == 0) {
        MUST(http_page_cursor(&next, read, &error) && strcmp(read, cursor) == 0);
        read_events(&next, cursor);
        read_locations(&next, cursor);
    }
    next.path = strcmp(request->path, "/another") == 0 ? "/" : "/another";
    MUST(!http_page_cursor(&next, read, &error));
    fuzz_must_be_refusal(&error);
    http_response_clear(&response);
}

/* A cursor that nobody made is none. */
static void take_as_sent(const struct http_request *request)
{
    struct error error = {0};
    char read[HTTP_CURSOR_BYTES] = "untouched";

    if (!http_page_cursor(request, read, &error)) {
        fuzz_must_be_refusal(&error);
        MUST(strcmp(read, "untouched") == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input =
        fuzz_input(data, size < HTTP_URI_BYTES_MAX ? size : HTTP_URI_BYTES_MAX);
    CLEANUP(memory_freep) char *cursor = fuzz_line(&input);
    CLEANUP(memory_freep) char *path = fuzz_line(&input);
    CLEANUP(memory_freep) char *query = fuzz_rest(&input);
    struct http_request request = {.method = "GET", .path = path, .query = query};

    keep_visible(cursor);
    keep_visible(path);
    keep_visible(query);
    take_as_sent(&request);
    if (*cursor && strlen(cursor) < HTTP_CURSOR_BYTES && *path == '/' && !strchr(path, '?'))
        come_back(&request, cursor);
    return 0;
}
