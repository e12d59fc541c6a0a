#include "http/request.h"

#include "http/escape.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum {
    QUERY_NAME_BYTES = 64
};

const char *http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

static size_t count_headers(const struct http_request *request, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < request->n_headers; i++)
        n += strcasecmp(request->headers[i].name, name) == 0;
    return n;
}

const char *http_request_parameter(const struct http_request *request, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < request->n_parameters; i++) {
        const char *text = request->parameters[i].name;

        if (strncmp(text, name, length) == 0 && (text[length] == '}' || text[length] == '\0'))
            return request->parameters[i].value;
    }
    assert(false && "the route's pattern lacks this parameter");
    return "";
}

/* One `name=value` of a query; the text is not ended after either. */
struct pair {
    const char *name;
    size_t name_bytes;
    const char *value;
    size_t value_bytes;
};

/* Step to the next pair at @cursor; false at the end. */
static bool next_pair(const char **cursor, struct pair *pair)
{
    size_t length;

    if (!*cursor || !**cursor)
        return false;
    length = strcspn(*cursor, "&");
    pair->name = *cursor;
    pair->name_bytes = strcspn(*cursor, "=&");
    pair->value = *cursor + pair->name_bytes;
    pair->value_bytes = length - pair->name_bytes;
    if (pair->value_bytes > 0) {
        pair->value++;
        pair->value_bytes--;
    }
    *cursor += length;
    if (**cursor == '&')
        (*cursor)++;
    return true;
}

static bool is_named(const struct pair *pair, const char *name)
{
    char decoded[QUERY_NAME_BYTES];

    return http_decode(pair->name, pair->name_bytes, HTTP_PLUS_IS_SPACE, decoded,
                       sizeof(decoded)) &&
           strcmp(decoded, name) == 0;
}

bool http_request_query(const struct http_request *request, const char *name, char *value,
                        size_t size_bytes, struct error *error)
{
    const char *cursor = request->query;
    char pointer[QUERY_NAME_BYTES + 1] = "?";
    char decoded[HTTP_URI_BYTES_MAX + 1];
    struct pair pair;
    struct pair found = {0};

    strncat(pointer, name, sizeof(pointer) - 2);
    while (next_pair(&cursor, &pair)) {
        if (!is_named(&pair, name))
            continue;
        if (found.name)
            return error_detail(error, pointer, "is given twice");
        found = pair;
    }
    if (!found.name)
        return false;
    if (!http_decode(found.value, found.value_bytes, HTTP_PLUS_IS_SPACE, decoded, sizeof(decoded)))
        return error_detail(error, pointer, "is not encoded as it should be");
    if (strlen(decoded) >= size_bytes)
        return error_detail(error, pointer, "is longer than %zu bytes", size_bytes - 1);
    memcpy(value, decoded, strlen(decoded) + 1);
    return true;
}

/* The text behind "charset=" and perhaps a quote; NULL: there is none. */
static const char *charset_of(const char *content_type)
{
    static const char name[] = "charset=";
    const char *cursor = content_type;

    while ((cursor = strchr(cursor, ';'))) {
        cursor += 1 + strspn(cursor + 1, " \t");
        if (strncasecmp(cursor, name, strlen(name)) == 0) {
            cursor += strlen(name);
            return cursor + (*cursor == '"');
        }
    }
    return NULL;
}

/* JSON is UTF-8 (RFC 8259), of which US-ASCII is a part. */
static bool is_utf8_type(const char *content_type)
{
    const char *charset = charset_of(content_type);
    size_t length = charset ? strcspn(charset, "\"; \t") : 0;

    return !charset || (length == 5 && strncasecmp(charset, "utf-8", 5) == 0) ||
           (length == 8 && strncasecmp(charset, "us-ascii", 8) == 0);
}

/* The media type without its parameters; what a form sends is accepted because `curl -d` sends that. */
static bool is_json_type(const char *content_type)
{
    static const char *const accepted[] = {"application/json", "text/plain",
                                           "application/x-www-form-urlencoded"};
    size_t length;

    length = strcspn(content_type, "; \t");
    for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
        if (strlen(accepted[i]) == length && strncasecmp(content_type, accepted[i], length) == 0)
            return true;
    }
    return length > strlen("application/+json") &&
           strncasecmp(content_type, "application/", 12) == 0 &&
           strncasecmp(content_type + length - 5, "+json", 5) == 0;
}

static bool check_media(const struct http_request *request, struct error *error)
{
    const char *content_type = http_request_header(request, "Content-Type");
    const char *coding = http_request_header(request, "Content-Encoding");

    if (content_type && (!is_json_type(content_type) || !is_utf8_type(content_type)))
        return error_set(error, ERROR_UNSUPPORTED, "a body of type %s is not accepted, send %s",
                         content_type, "application/json");
    if (coding && strcasecmp(coding, "identity") != 0)
        return error_set(error, ERROR_UNSUPPORTED, "a body in coding %s is not accepted", coding);
    return true;
}

bool http_request_json(const struct http_request *request, struct json **document,
                       struct error *error)
{
    CLEANUP(json_freep) struct json *parsed = NULL;

    if (!check_media(request, error))
        return false;
    if (request->body_bytes == 0)
        return error_detail(error, "", "the body is empty, a JSON object is expected");
    if (!json_parse(request->body, request->body_bytes, &parsed, error))
        return false;
    if (!json_is_object(parsed))
        return error_detail(error, "", "must be an object");

    *document = parsed;
    parsed = NULL;
    return true;
}

/* A quoted string of RFC 8941: quotes and backslashes inside it are escaped. Returns its length, or 0. */
static size_t unquote(const char *text, char key[HTTP_KEY_BYTES])
{
    size_t length = 0;

    for (text++; *text && *text != '"'; text++) {
        if (*text == '\\' && *++text != '"' && *text != '\\')
            return 0;
        if (length + 1 == HTTP_KEY_BYTES)
            return 0;
        key[length++] = *text;
    }
    key[length] = '\0';
    return strcmp(text, "\"") == 0 ? length : 0;
}

static size_t copy_bare(const char *text, char key[HTTP_KEY_BYTES])
{
    size_t length = strlen(text);

    if (length >= HTTP_KEY_BYTES)
        return 0;
    memcpy(key, text, length + 1);
    return length;
}

static bool is_visible(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

bool http_request_key(const struct http_request *request, char key[HTTP_KEY_BYTES],
                      struct error *error)
{
    static const char name[] = "Idempotency-Key";
    const char *sent = http_request_header(request, name);
    char text[HTTP_KEY_BYTES] = "";
    size_t length;

    if (!sent) {
        key[0] = '\0';
        return true;
    }
    if (count_headers(request, name) > 1)
        return error_detail(error, name, "is given twice");
    length = *sent == '"' ? unquote(sent, text) : copy_bare(sent, text);
    if (length == 0 || !is_visible(text))
        return error_detail(error, name, "must be 1 to %d visible characters", HTTP_KEY_BYTES - 1);

    memcpy(key, text, length + 1);
    return true;
}
