#include "bookingservice/user_body.h"

void user_body_write(struct json_writer *writer, const struct user *user)
{
    json_open_object(writer, NULL);
    json_put_text(writer, "ID", object_id_hex(&user->id).text);
    json_put_text(writer, "First", user->first);
    json_put_text(writer, "Last", user->last);
    json_put_integer(writer, "Age", user->age);
    json_close_object(writer);
}

bool user_body_read(const struct json *body, struct user *user, struct error *error)
{
    struct user read = {.id = user->id};
    bool fine = true;

    fine &= json_get_text(body, "", "First", JSON_REQUIRED, 1, TEXT_CHARACTERS_MAX, read.first,
                          sizeof(read.first), error);
    fine &= json_get_text(body, "", "Last", JSON_OPTIONAL, 0, TEXT_CHARACTERS_MAX, read.last,
                          sizeof(read.last), error);
    fine &= json_get_integer(body, "", "Age", JSON_OPTIONAL, 0, AGE_MAX, &read.age, error);
    if (fine)
        *user = read;
    return fine;
}
