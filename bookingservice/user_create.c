#include "base/random.h"
#include "bookingservice/booking_service.h"
#include "bookingservice/user_body.h"

#include <stdio.h>
#include <string.h>

/* Equal keys name the same user, whichever replica they reach; without a key the id is random. */
static struct object_id user_id_make(const char *key)
{
    static const char route[] = "POST /users";
    const struct hash_part parts[] = {{route, strlen(route)}, {key, strlen(key)}};
    uint8_t hash[HASH_BYTES];
    struct object_id id;

    if (key[0] == '\0')
        return object_id_random();
    hash_parts(parts, ARRAY_SIZE(parts), hash);
    memcpy(id.bytes, hash, sizeof(id.bytes));
    return id;
}

static bool read_user(const struct http_request *request, struct user *user, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;
    char key[HTTP_KEY_BYTES];

    if (!http_request_key(request, key, error) || !http_request_json(request, &body, error) ||
        !user_body_read(body, user, error))
        return false;
    user->id = user_id_make(key);
    return true;
}

/* POST /users */
bool user_create(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);
    struct user user = {0};
    bool existed = false;
    char path[64];

    if (!read_user(request, &user, error))
        return false;
    if (!user_store_insert(service->users, &user, &existed, error))
        return error->code == ERROR_EXISTS
                   ? error_set(error, ERROR_KEY_REUSED, "the key stands for another user")
                   : false;

    snprintf(path, sizeof(path), "/users/%s", object_id_hex(&user.id).text);
    http_response_created(response, path);
    if (existed)
        http_response_header(response, "Idempotency-Replayed", "true");
    user_body_write(&writer, &user);
    return buffer_ok(&response->body, error);
}
