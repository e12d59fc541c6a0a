#include "http/framing.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum {
    LENGTH_BYTES_MAX = 1 << 30
};

static int refuse(int status, struct error *error, const char *text)
{
    error_set(error, ERROR_INVALID, "%s", text);
    return status;
}

/* How often the header comes; @value becomes the last one. */
static size_t find(const struct http_request *request, const char *name, const char **value)
{
    size_t n = 0;

    for (size_t i = 0; i < request->n_headers; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            *value = request->headers[i].value;
            n++;
        }
    }
    return n;
}

/* True when the list of any header of this name holds @token. */
static bool lists(const struct http_request *request, const char *name, const char *token)
{
    static const char separators[] = ", \t";

    for (size_t i = 0; i < request->n_headers; i++) {
        const char *cursor = request->headers[i].value;

        if (strcasecmp(request->headers[i].name, name) != 0)
            continue;
        for (cursor += strspn(cursor, separators); *cursor; cursor += strspn(cursor, separators)) {
            size_t length = strcspn(cursor, separators);

            if (strlen(token) == length && strncasecmp(cursor, token, length) == 0)
                return true;
            cursor += length;
        }
    }
    return false;
}

/* A number too large for us stays too large: it will be above every limit. */
static bool parse_length(const char *text, size_t *length)
{
    size_t digits = strspn(text, "0123456789");
    size_t number = 0;

    if (digits == 0 || text[digits] != '\0')
        return false;
    for (; *text; text++) {
        if (number < LENGTH_BYTES_MAX)
            number = number * 10 + (size_t)(*text - '0');
    }
    *length = number;
    return true;
}

/*
 * A blank and a line that is no header, before the first one, look as if there were no headers. Where
 * something is only read nothing is lost with them, and the connection ends.
 */
static int check_any(const struct http_request *request, struct error *error)
{
    static const char *const reading[] = {"GET", "HEAD", "OPTIONS"};

    for (size_t i = 0; i < ARRAY_SIZE(reading); i++) {
        if (strcmp(request->method, reading[i]) == 0)
            return 0;
    }
    return request->n_headers > 0 ? 0 : refuse(400, error, "there are no headers");
}

static int check_length(const struct http_request *request, struct http_framing *framing,
                        struct error *error)
{
    const char *value = NULL;
    size_t n = find(request, "Content-Length", &value);
    bool chunked = find(request, "Transfer-Encoding", &value) > 0;

    if (chunked && n > 0)
        return refuse(400, error, "Content-Length and Transfer-Encoding exclude each other");
    if (chunked)
        return refuse(411, error, "Transfer-Encoding is not supported");
    if (n > 1)
        return refuse(400, error, "Content-Length is given twice");
    if (n == 1 && !parse_length(value, &framing->body_bytes))
        return refuse(400, error, "Content-Length is not a number");
    return 0;
}

static int check_host(const struct http_request *request, bool required, struct error *error)
{
    static const char forbidden[] = " \t,/?#@\\\"<>{}|^`";
    const char *host = "";
    size_t n = find(request, "Host", &host);

    if (n == 0 && required)
        return refuse(400, error, "Host is missing");
    if (n > 1)
        return refuse(400, error, "Host is given twice");
    if (host[strcspn(host, forbidden)] != '\0')
        return refuse(400, error, "Host is not a host");
    return 0;
}

static int check_sizes(const struct http_request *request, struct error *error)
{
    size_t uri_bytes = strlen(request->path) + (request->query ? 1 + strlen(request->query) : 0);

    if (uri_bytes > HTTP_URI_BYTES_MAX)
        return refuse(414, error, "the URI is longer than 2048 bytes");
    if (request->n_headers >= HTTP_HEADERS_MAX)
        return refuse(431, error, "there are 60 headers or more");
    return 0;
}

static int check_expectation(const struct http_request *request, struct http_framing *framing,
                             struct error *error)
{
    const char *value = NULL;

    if (find(request, "Expect", &value) == 0)
        return 0;
    if (strcasecmp(value, "100-continue") != 0)
        return refuse(417, error, "only 100-continue can be expected");
    framing->expects_continue = true;
    return 0;
}

/*
 * The library closes after an upgrade that it would have understood, and keeps open for words that only
 * begin like keep-alive: stay open only where it will, too.
 */
static bool wants_more(const struct http_request *request, bool by_default)
{
    const char *first = http_request_header(request, "Connection");

    if (!first)
        return by_default;
    return lists(request, "Connection", "keep-alive") && !lists(request, "Connection", "close") &&
           !lists(request, "Connection", "upgrade");
}

int http_framing_check(const struct http_request *request, const char *version,
                       struct http_framing *framing, struct error *error)
{
    bool current = strcmp(version, "1.1") == 0;
    struct http_framing found = {0};
    int status = check_sizes(request, error);

    if (!status)
        status = check_any(request, error);
    if (!status)
        status = check_host(request, current, error);
    if (!status)
        status = check_length(request, &found, error);
    if (!status && current)
        status = check_expectation(request, &found, error);
    if (status)
        return status;

    found.keep_alive = wants_more(request, current);
    *framing = found;
    return 0;
}

/* The colon after a name is a NUL by now; a second NUL before the value was a blank. */
static bool has_blank_before_colon(const struct http_header *header)
{
    const char *end = header->name + strlen(header->name);

    return header->value > end + 1 && end[1] == '\0';
}

/*
 * CR and LF after the last value are two NULs by now, the LF that ends the head is a third. Where lone LFs ended
 * it, all but one NUL would be what an earlier head left there, so none may leave its CR.
 */
static bool ends_head(char *end, const char *limit)
{
    if (limit - end < 4 || memcmp(end, "\0\0\r", 4) != 0)
        return false;
    end[2] = '\0';
    return true;
}

/* Without headers the library makes all blanks behind the version NULs, and stops at what is no name. */
static bool ends_at_once(const char *version, const char *limit)
{
    const char *end = version + strlen(version);

    return limit - end >= 4 && memcmp(end, "\0\0\0", 4) == 0;
}

bool http_framing_headers_whole(const char *version, const struct http_header *headers,
                                size_t n_headers, const char *limit)
{
    if (n_headers == 0)
        return ends_at_once(version, limit);
    if (headers[0].name != version + strlen(version) + 2)
        return false;
    for (size_t i = 0; i < n_headers; i++) {
        char *end = strchr(headers[i].value, '\0');

        if (has_blank_before_colon(&headers[i]))
            return false;
        if (i + 1 < n_headers ? end + 2 != headers[i + 1].name : !ends_head(end, limit))
            return false;
        while (end > headers[i].value && (end[-1] == ' ' || end[-1] == '\t'))
            *--end = '\0';
    }
    return true;
}

bool http_framing_begins_well(const char *head, const char **start)
{
    const char *aligned = head - (uintptr_t)head % alignof(max_align_t);

    if (!*start || aligned < *start)
        *start = aligned;
    return head == *start || (head == *start + 2 && memcmp(*start, "\r\n", 2) == 0);
}
