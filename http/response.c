#include "http/response.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADERS_BYTES_MAX = 16 * 1024,
    HEADER_VALUE_BYTES = 2048
};

void http_response_init(struct http_response *response)
{
    *response = (struct http_response){.status = 200, .content_type = "application/json"};
    buffer_init(&response->headers, HEADERS_BYTES_MAX);
    buffer_init(&response->body, HTTP_RESPONSE_BYTES_MAX);
}

void http_response_clear(struct http_response *response)
{
    buffer_clear(&response->headers);
    buffer_clear(&response->body);
}

void http_response_reset(struct http_response *response)
{
    response->status = 200;
    response->content_type = "application/json";
    buffer_reset(&response->headers);
    buffer_reset(&response->body);
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            return true;
    }
    return false;
}

void http_response_header(struct http_response *response, const char *name, const char *format, ...)
{
    char value[HEADER_VALUE_BYTES];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    assert(length >= 0 && length < HEADER_VALUE_BYTES);
    assert(!has_control(value));

    buffer_text(&response->headers, name);
    buffer_text(&response->headers, ": ");
    buffer_text(&response->headers, value);
    buffer_text(&response->headers, "\r\n");
}

bool http_response_has_header(const struct http_response *response, const char *name)
{
    const char *line = response->headers.size_bytes ? response->headers.data : NULL;
    size_t length = strlen(name);

    while (line && *line) {
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return true;
        line = strstr(line, "\r\n");
        line = line ? line + 2 : NULL;
    }
    return false;
}

void http_response_created(struct http_response *response, const char *path)
{
    response->status = 201;
    http_response_header(response, "Location", "%s", path);
}

const char *http_reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].status == status)
            return rows[i].reason;
    }
    return "";
}
