#include "http/paging.h"

#include "base/random.h"
#include "http/escape.h"

#include <assert.h>
#include <string.h>

enum {
    LIMIT_DIGITS_MAX = 9,
    SEAL_CHARACTERS = 8,
    ENCODED_BYTES = (HTTP_CURSOR_BYTES + 2) / 3 * 4 + SEAL_CHARACTERS + 1
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool http_page_limit(const struct http_request *request, size_t max, size_t *limit,
                     struct error *error)
{
    char text[LIMIT_DIGITS_MAX + 1];
    struct error fault = {0};
    size_t number = 0;

    if (!http_request_query(request, "limit", text, sizeof(text), &fault)) {
        if (fault.code)
            return error_detail(error, "?limit", "must be a number from 1 to %zu", max);
        *limit = max;
        return true;
    }
    for (const char *digit = text; *digit >= '0' && *digit <= '9'; digit++)
        number = number * 10 + (size_t)(*digit - '0');
    if (number < 1 || number > max || text[strspn(text, "0123456789")])
        return error_detail(error, "?limit", "must be a number from 1 to %zu", max);
    *limit = number;
    return true;
}

bool http_page_shows(struct http_page *page, const struct buffer *body)
{
    page->has_next = page->n == page->limit || (page->n > 0 && body->size_bytes > HTTP_PAGE_BYTES);
    page->n += !page->has_next;
    return !page->has_next;
}

/* Which list the text goes on in: what one list gave is no cursor of another, nor is what was changed. */
static void put_seal(const char *path, const char *text, char *encoded)
{
    const struct hash_part parts[] = {{path, strlen(path)}, {text, strlen(text)}};
    uint8_t hash[HASH_BYTES];

    hash_parts(parts, ARRAY_SIZE(parts), hash);
    for (size_t i = 0; i < SEAL_CHARACTERS; i++)
        encoded[i] = alphabet[hash[i] & 63];
    encoded[SEAL_CHARACTERS] = '\0';
}

/* RFC 4648 section 5, without padding; then the seal. */
static void encode(const char *path, const char *text, char encoded[ENCODED_BYTES])
{
    const char *cursor = text;
    uint32_t bits = 0;
    int n_bits = 0;

    for (; *cursor; cursor++) {
        bits = bits << 8 | (unsigned char)*cursor;
        for (n_bits += 8; n_bits >= 6; n_bits -= 6)
            *encoded++ = alphabet[bits >> (n_bits - 6) & 63];
    }
    if (n_bits > 0)
        *encoded++ = alphabet[bits << (6 - n_bits) & 63];
    put_seal(path, text, encoded);
}

/* What stands before the seal, which encoding the text again will tell right or wrong. */
static bool decode(const char *encoded, char text[HTTP_CURSOR_BYTES])
{
    const size_t n = strlen(encoded);
    const char *end = encoded + (n > SEAL_CHARACTERS ? n - SEAL_CHARACTERS : 0);
    uint32_t bits = 0;
    int n_bits = 0;
    size_t length = 0;

    for (; encoded < end; encoded++) {
        const char *place = strchr(alphabet, *encoded);

        if (!place)
            return false;
        bits = bits << 6 | (uint32_t)(place - alphabet);
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        if (length + 1 == HTTP_CURSOR_BYTES)
            return false;
        text[length++] = (char)(bits >> n_bits & 255);
    }
    text[length] = '\0';
    return length > 0;
}

static bool is_visible(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

bool http_page_cursor(const struct http_request *request, char cursor[HTTP_CURSOR_BYTES],
                      struct error *error)
{
    char sent[ENCODED_BYTES];
    char again[ENCODED_BYTES];
    char text[HTTP_CURSOR_BYTES];
    struct error fault = {0};

    if (!http_request_query(request, "cursor", sent, sizeof(sent), &fault)) {
        if (fault.code)
            return error_detail(error, "?cursor", "is not one of ours");
        cursor[0] = '\0';
        return true;
    }
    if (!decode(sent, text) || !is_visible(text))
        return error_detail(error, "?cursor", "is not one of ours");
    encode(request->path, text, again);
    if (strcmp(sent, again) != 0) /* another seal, bits left over, or a NUL that cut the text */
        return error_detail(error, "?cursor", "is not one of ours");
    memcpy(cursor, text, strlen(text) + 1);
    return true;
}

/* Characters that would end the link early. */
static void put_escaped(struct buffer *buffer, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("<>\"\\^`{|} ", text[i]))
            buffer_format(buffer, "%%%02X", (unsigned)(unsigned char)text[i]);
        else
            buffer_char(buffer, text[i]);
    }
}

static bool is_cursor(const char *pair)
{
    char name[sizeof("cursor")];

    return http_decode(pair, strcspn(pair, "=&"), HTTP_PLUS_IS_SPACE, name, sizeof(name)) &&
           strcmp(name, "cursor") == 0;
}

/* The pairs of @query but the old cursor, each with its & behind. */
static void put_other_pairs(struct buffer *buffer, const char *query)
{
    while (query && *query) {
        size_t n = strcspn(query, "&");

        if (n > 0 && !is_cursor(query)) {
            put_escaped(buffer, query, n);
            buffer_char(buffer, '&');
        }
        query += n + (query[n] == '&');
    }
}

void http_page_next(const struct http_request *request, struct http_response *response,
                    const char *cursor)
{
    struct buffer *headers = &response->headers;
    char encoded[ENCODED_BYTES];

    assert(*cursor && strlen(cursor) < HTTP_CURSOR_BYTES && is_visible(cursor));
    encode(request->path, cursor, encoded);
    buffer_text(headers, "Link: <");
    put_escaped(headers, request->path, strlen(request->path));
    buffer_char(headers, '?');
    put_other_pairs(headers, request->query);
    buffer_format(headers, "cursor=%s>; rel=\"next\"\r\n", encoded);
}
