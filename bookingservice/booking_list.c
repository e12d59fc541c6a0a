#include "bookingservice/booking_body.h"
#include "bookingservice/booking_service.h"
#include "service/page_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where a page begins: "event.sequence.index", of the booking after the last shown ---- */

/* A number of at most 15 digits, then @end. */
static bool read_number(const char **text, char end, int64_t *number)
{
    size_t n = strspn(*text, "0123456789");

    if (n < 1 || n > 15 || (*text)[n] != end)
        return false;
    *number = strtoll(*text, NULL, 10);
    *text += n + 1;
    return true;
}

static bool read_cursor(const char *cursor, struct booking_page *page)
{
    const size_t hex_digits = OBJECT_ID_HEX_BYTES - 1;
    int64_t index;

    if (strlen(cursor) <= hex_digits || cursor[hex_digits] != '.' ||
        !object_id_parse_n(cursor, hex_digits, &page->event_id))
        return false;
    cursor += hex_digits + 1;
    if (!read_number(&cursor, '.', &page->sequence) || !read_number(&cursor, '\0', &index))
        return false;
    page->index = (size_t)index;
    return true;
}

/* @event_id is NULL for a list over all events. */
static bool read_page(const struct http_request *request, const struct object_id *event_id,
                      struct booking_page *page, struct http_page *shown, struct error *error)
{
    char cursor[HTTP_CURSOR_BYTES];

    if (!http_page_limit(request, PAGE_SHOWN_MAX, &shown->limit, error) ||
        !http_page_cursor(request, cursor, error))
        return false;
    page->limit = shown->limit + 1;
    if (event_id)
        page->event_id = *event_id;
    if (cursor[0] == '\0')
        return true;
    if (!read_cursor(cursor, page) || (event_id && !object_id_equal(event_id, &page->event_id)))
        return error_detail(error, "?cursor", "is not one of this list");
    return true;
}

/* ---- lists ---- */

struct listing {
    struct json_writer writer;
    struct http_page page;
    char next[HTTP_CURSOR_BYTES];
};

static bool list_one(void *context, const struct booking *booking, int64_t sequence, size_t index,
                     struct error *error)
{
    struct listing *listing = context;

    if (!http_page_shows(&listing->page, listing->writer.buffer))
        return true;
    booking_body_write(&listing->writer, booking);
    snprintf(listing->next, sizeof(listing->next), "%s.%" PRId64 ".%zu",
             object_id_hex(&booking->event_id).text, sequence, index + 1);
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /events/{id}/bookings: in the order of the ledger, cancelled ones too */
bool booking_list(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct booking_service *service = context;
    struct listing listing = {.writer = JSON_WRITER(&response->body)};
    struct booking_page page = {0};
    struct ledger_head head;
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such event");
    if (!read_page(request, &id, &page, &listing.page, error) ||
        !ledger_store_head(service->ledgers, &id, &head, error))
        return false;
    json_open_array(&listing.writer, NULL);
    if (!ledger_store_bookings(service->ledgers, &page, list_one, &listing, error))
        return false;
    json_close_array(&listing.writer);
    if (listing.page.has_next)
        http_page_next(request, response, listing.next);
    return buffer_ok(&response->body, error);
}

/* GET /users/{id}/bookings: by event, each in the order of its ledger */
bool user_bookings_list(void *context, const struct http_request *request,
                        struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct listing listing = {.writer = JSON_WRITER(&response->body)};
    struct booking_page page = {0};
    struct user user;

    if (!user_of_request(service, request, &user, error) ||
        !read_page(request, NULL, &page, &listing.page, error))
        return false;
    json_open_array(&listing.writer, NULL);
    if (!page_bears_damage(
            ledger_store_bookings_of(service->ledgers, &user.id, &page, list_one, &listing, error),
            error))
        return false;
    json_close_array(&listing.writer);
    if (listing.page.has_next)
        http_page_next(request, response, listing.next);
    return buffer_ok(&response->body, error);
}
