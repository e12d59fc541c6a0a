#include "persistence/copy_draft.h"

#include "persistence/backend.h"

bool copy_draft_open(struct database *database, struct copy_draft **draft, struct error *error)
{
    if (!database->ops->open_draft)
        return error_set(error, ERROR_UNSUPPORTED, "nobody else can reach such a database");
    return database->ops->open_draft(database, draft, error);
}

struct copy_store *copy_draft_store(struct copy_draft *draft)
{
    return draft->store;
}

bool copy_draft_keep(struct copy_draft *draft, int64_t *n_kept, struct error *error)
{
    return draft->ops->keep(draft, n_kept, error);
}

bool copy_draft_install(struct copy_draft *draft, const char *log, int64_t offset,
                        struct error *error)
{
    return draft->ops->install(draft, log, offset, error);
}

void copy_draft_free(struct copy_draft *draft)
{
    if (draft)
        draft->ops->free(draft);
}
