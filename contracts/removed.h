/* `event.removed` and `location.removed`: it is gone, and @version says since when. */
#ifndef EVENTS_CONTRACTS_REMOVED_H
#define EVENTS_CONTRACTS_REMOVED_H

#include "base/json.h"
#include "base/object_id.h"

struct removed {
    struct object_id id;
    int64_t version;
};

void removed_encode(const struct removed *message, struct json_writer *writer);
MUST_CHECK bool removed_decode(const struct json *body, struct removed *message,
                               struct error *error);

#endif
