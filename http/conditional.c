#include "http/conditional.h"

#include <string.h>
#include <strings.h>

/* One entity tag of a list, without its quotes; the text is not ended after it. */
struct entity_tag {
    const char *text;
    size_t length;
    bool is_weak;
    bool is_any; /* a star */
};

/* Step to the next tag at @cursor; false at the end of the list and at anything that is no tag. */
static bool next_tag(const char **cursor, struct entity_tag *tag)
{
    const char *text = *cursor + strspn(*cursor, ", \t");
    const char *end;

    *tag = (struct entity_tag){.is_any = *text == '*'};
    if (tag->is_any) {
        *cursor = text + 1;
        return true;
    }
    tag->is_weak = strncmp(text, "W/", 2) == 0;
    text += tag->is_weak ? 2 : 0;
    end = *text == '"' ? strchr(text + 1, '"') : NULL;
    if (!end)
        return false;
    tag->text = text + 1;
    tag->length = (size_t)(end - tag->text);
    *cursor = end + 1;
    return true;
}

enum comparison {
    WHOLE,      /* for reading, where a weak tag is as good */
    FIRST_PART, /* for changes */
};

static bool is_equal(const struct entity_tag *sent, const char *tag, enum comparison comparison)
{
    size_t length = strlen(tag);
    size_t sent_length = sent->length;

    if (sent->is_any)
        return true;
    if (comparison == FIRST_PART) {
        const char *dot = memchr(sent->text, '.', sent->length);

        if (sent->is_weak)
            return false;
        length = strcspn(tag, ".");
        sent_length = dot ? (size_t)(dot - sent->text) : sent->length;
    }
    return sent_length == length && memcmp(sent->text, tag, length) == 0;
}

/* True when any header of this name lists @tag. */
static bool lists(const struct http_request *request, const char *name, const char *tag,
                  enum comparison comparison)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        const char *cursor = request->headers[i].value;
        struct entity_tag sent;

        if (strcasecmp(request->headers[i].name, name) != 0)
            continue;
        while (next_tag(&cursor, &sent)) {
            if (is_equal(&sent, tag, comparison))
                return true;
        }
    }
    return false;
}

bool http_not_modified(const struct http_request *request, struct http_response *response,
                       const char *tag)
{
    http_response_header(response, "ETag", "\"%s\"", tag);
    if (!lists(request, "If-None-Match", tag, WHOLE))
        return false;
    response->status = 304;
    response->content_type = NULL;
    return true;
}

bool http_precondition(const struct http_request *request, const char *tag, struct error *error)
{
    if (http_request_header(request, "If-Match") &&
        !(tag && lists(request, "If-Match", tag, FIRST_PART)))
        return error_set(error, ERROR_PRECONDITION, "If-Match names another version");
    if (tag && lists(request, "If-None-Match", tag, WHOLE))
        return error_set(error, ERROR_PRECONDITION, "If-None-Match names this version");
    return true;
}
