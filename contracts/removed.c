#include "contracts/removed.h"

#include "contracts/member.h"

void removed_encode(const struct removed *message, struct json_writer *writer)
{
    json_open_object(writer, NULL);
    member_put_id(writer, "id", &message->id);
    json_put_integer(writer, "version", message->version);
    json_close_object(writer);
}

bool removed_decode(const struct json *body, struct removed *message, struct error *error)
{
    struct removed read = {0};
    bool fine = member_get_id(body, "id", JSON_REQUIRED, &read.id, error);

    fine &= member_get_version(body, &read.version, error);
    if (fine)
        *message = read;
    return fine;
}
