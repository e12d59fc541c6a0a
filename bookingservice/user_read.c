#include "bookingservice/booking_service.h"
#include "bookingservice/user_body.h"
#include "service/page_query.h"

bool user_of_request(struct booking_service *service, const struct http_request *request,
                     struct user *user, struct error *error)
{
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such user");
    return user_store_user(service->users, &id, user, error);
}

/* GET /users/{id} */
bool user_get(void *context, const struct http_request *request, struct http_response *response,
              struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);
    struct user user;

    if (!user_of_request(context, request, &user, error))
        return false;
    user_body_write(&writer, &user);
    return buffer_ok(&response->body, error);
}

/* A cursor is the id of the last user shown. */
static bool read_page(const struct http_request *request, struct user_page *page,
                      struct http_page *shown, struct error *error)
{
    char cursor[HTTP_CURSOR_BYTES];

    if (!http_page_limit(request, PAGE_SHOWN_MAX, &shown->limit, error) ||
        !http_page_cursor(request, cursor, error))
        return false;
    page->limit = shown->limit + 1;
    page->has_after = cursor[0] != '\0';
    if (page->has_after && !object_id_parse(cursor, &page->after_id))
        return error_detail(error, "?cursor", "is not one of this list");
    return true;
}

struct listing {
    struct json_writer writer;
    struct http_page page;
    struct object_id last;
};

static bool list_one(void *context, const struct user *user, struct error *error)
{
    struct listing *listing = context;

    if (!http_page_shows(&listing->page, listing->writer.buffer))
        return true;
    user_body_write(&listing->writer, user);
    listing->last = user->id;
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /users, in the order of their ids */
bool user_list(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct booking_service *service = context;
    struct listing listing = {.writer = JSON_WRITER(&response->body)};
    struct user_page page = {0};

    if (!read_page(request, &page, &listing.page, error))
        return false;
    json_open_array(&listing.writer, NULL);
    if (!page_bears_damage(user_store_users(service->users, &page, list_one, &listing, error),
                           error))
        return false;
    json_close_array(&listing.writer);
    if (listing.page.has_next)
        http_page_next(request, response, object_id_hex(&listing.last).text);
    return buffer_ok(&response->body, error);
}
