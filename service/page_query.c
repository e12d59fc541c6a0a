#include "service/page_query.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the parameter is there; @error is set when it is there and of no use. */
static bool read_name(const struct http_request *request, char name[TEXT_BYTES],
                      const char **wanted, struct error *error)
{
    struct error fault = {0};

    if (http_request_query(request, "name", name, TEXT_BYTES, &fault))
        *wanted = name;
    if (fault.code) {
        *error = fault;
        return false;
    }
    if (*wanted && utf8_length(name) > TEXT_CHARACTERS_MAX)
        return error_detail(error, "?name", "is longer than %d characters", TEXT_CHARACTERS_MAX);
    return true;
}

static bool parse_seconds(const char *text, int64_t *seconds)
{
    char again[24];
    int64_t ms;

    if (clock_parse(text, &ms)) {
        /* Rounded up: dates are whole seconds, and a bound between two is the later one. */
        *seconds = ms / 1000 + (ms % 1000 > 0);
        return true;
    }
    *seconds = strtoll(text, NULL, 10);
    snprintf(again, sizeof(again), "%" PRId64, *seconds);
    return strcmp(text, again) == 0 && *seconds >= 0 && *seconds <= SECONDS_MAX;
}

static bool read_bound(const struct http_request *request, const char *parameter, int64_t *seconds,
                       const int64_t **wanted, struct error *error)
{
    struct error fault = {0};
    char pointer[ERROR_POINTER_BYTES];
    char text[64];

    if (!http_request_query(request, parameter, text, sizeof(text), &fault)) {
        if (fault.code)
            *error = fault;
        return fault.code == ERROR_NONE;
    }
    snprintf(pointer, sizeof(pointer), "?%s", parameter);
    if (!parse_seconds(text, seconds))
        return error_detail(error, pointer,
                            "must be unix seconds or a time such as 2026-11-21T20:00:00Z");
    *wanted = seconds;
    return true;
}

static bool read_location(const struct http_request *request, struct event_query *query,
                          struct error *error)
{
    struct error fault = {0};
    char text[OBJECT_ID_BYTES * 2 + 1];

    if (!http_request_query(request, "location", text, sizeof(text), &fault)) {
        if (fault.code)
            *error = fault;
        return fault.code == ERROR_NONE;
    }
    if (!object_id_parse(text, &query->location_id))
        return error_detail(error, "?location", "must be 24 hexadecimal digits");
    query->page.location_id = &query->location_id;
    return true;
}

void event_cursor_write(const struct event *event, char cursor[HTTP_CURSOR_BYTES])
{
    snprintf(cursor, HTTP_CURSOR_BYTES, "%" PRId64 ".%s", event->start_s,
             object_id_hex(&event->id).text);
}

/* Ours are found to be so by writing them again. */
static bool parse_event_cursor(const char *cursor, struct event_page *page)
{
    char again[HTTP_CURSOR_BYTES];
    char *end;
    struct event last = {.start_s = strtoll(cursor, &end, 10)};

    if (*end != '.' || !object_id_parse(end + 1, &last.id))
        return false;
    event_cursor_write(&last, again);
    if (strcmp(cursor, again) != 0)
        return false;
    page->has_after = true;
    page->after_start_s = last.start_s;
    page->after_id = last.id;
    return true;
}

bool event_query_read(const struct http_request *request, struct event_query *query,
                      struct error *error)
{
    struct event_page *page = &query->page;
    char cursor[HTTP_CURSOR_BYTES];

    if (!http_page_limit(request, PAGE_SHOWN_MAX, &query->shown.limit, error) ||
        !http_page_cursor(request, cursor, error))
        return false;
    page->limit = query->shown.limit + 1;
    if (cursor[0] && !parse_event_cursor(cursor, page))
        return error_detail(error, "?cursor", "is not one of ours");
    return read_name(request, query->name, &page->name, error) &&
           read_bound(request, "from", &query->from_s, &page->from_s, error) &&
           read_bound(request, "to", &query->to_s, &page->to_s, error) &&
           read_location(request, query, error);
}

bool page_bears_damage(bool walked, struct error *error)
{
    if (walked || error->code != ERROR_CORRUPT)
        return walked;
    log_error("left out of a list", LOG_CAUSE(error));
    *error = (struct error){0};
    return true;
}

void location_cursor_write(const struct location *location, char cursor[HTTP_CURSOR_BYTES])
{
    snprintf(cursor, HTTP_CURSOR_BYTES, "%s", object_id_hex(&location->id).text);
}

bool location_query_read(const struct http_request *request, struct location_query *query,
                         struct error *error)
{
    struct location_page *page = &query->page;
    char cursor[HTTP_CURSOR_BYTES];

    if (!http_page_limit(request, PAGE_SHOWN_MAX, &query->shown.limit, error) ||
        !http_page_cursor(request, cursor, error))
        return false;
    page->limit = query->shown.limit + 1;
    page->has_after = cursor[0] != '\0';
    if (page->has_after && !object_id_parse(cursor, &page->after_id))
        return error_detail(error, "?cursor", "is not one of ours");
    return read_name(request, query->name, &page->name, error);
}
