#include "tools/databases.h"

static bool open_one(const char *url, const char *name, struct database **database,
                     struct error *error)
{
    const struct database_options options = {
        .backend = "mongodb", .url = url, .name = name, .app_name = "myevents"};
    CLEANUP(database_freep) struct database *opened = NULL;

    if (!database_open(&options, &opened, error) || !database_ping(opened, error))
        return error_wrap(error, "%s", name);
    *database = opened;
    opened = NULL;
    return true;
}

bool databases_open_events(const char *url, struct database **database, struct error *error)
{
    return open_one(url, "myevents_events", database, error);
}

bool databases_open_bookings(const char *url, struct database **database, struct error *error)
{
    return open_one(url, "myevents_bookings", database, error);
}
