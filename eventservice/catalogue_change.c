#include "eventservice/catalogue_change.h"

#include "eventservice/event_answer.h"
#include "http/conditional.h"

enum {
    TRIES = 20
};

static bool read_id(const struct catalogue_noun *noun, struct catalogue_change *change,
                    struct error *error)
{
    if (object_id_parse(http_request_parameter(change->request, "id"), &change->id) &&
        !object_id_is_none(&change->id))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "no such %s", noun->name);
}

bool catalogue_change_check_id(const struct catalogue_change *change, const struct object_id *given,
                               struct error *error)
{
    if (object_id_is_none(given) || object_id_equal(given, &change->id))
        return true;
    return error_detail(error, "/ID", "is not the id in the path");
}

/* Another request may create it at the same moment: then there is something to change. */
static bool create(const struct catalogue_noun *noun, const struct catalogue_change *change,
                   union catalogue_thing *item, struct error *error)
{
    if (!http_precondition(change->request, NULL, error) ||
        !noun->decide(change, NULL, item, error))
        return false;
    if (noun->insert(change->service, item, error))
        return true;
    if (error->code == ERROR_EXISTS)
        error->code = ERROR_CONFLICT;
    return false;
}

static bool store(const struct catalogue_noun *noun, const struct catalogue_change *change,
                  union catalogue_thing *item, struct error *error)
{
    if (noun->store(change->service, item, error))
        return true;
    if (error->code == ERROR_GONE || error->code == ERROR_NOT_FOUND)
        error->code = ERROR_CONFLICT; /* whoever reads again sees that it is gone */
    return false;
}

static bool change_found(const struct catalogue_noun *noun, const struct catalogue_change *change,
                         const union catalogue_thing *current, union catalogue_thing *item,
                         struct error *error)
{
    return http_precondition(change->request, noun->tag(current).text, error) &&
           noun->decide(change, current, item, error) &&
           (noun->is_same(item, current) || store(noun, change, item, error));
}

static bool try_put(const struct catalogue_noun *noun, const struct catalogue_change *change,
                    struct http_response *response, struct error *error)
{
    union catalogue_thing current = {0};
    union catalogue_thing item = {0};
    struct error missing = {0};
    bool is_done = false;

    if (noun->read(change->service, &change->id, &current, &missing))
        is_done = change_found(noun, change, &current, &item, error) &&
                  noun->answer(response, &item, error);
    else if (missing.code == ERROR_NOT_FOUND && !change->is_partial)
        is_done =
            create(noun, change, &item, error) && noun->answer_created(response, &item, error);
    else
        *error = missing;
    noun->clear(&current);
    noun->clear(&item);
    return is_done;
}

bool catalogue_put(const struct catalogue_noun *noun, struct catalogue_change *change,
                   struct http_response *response, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    if (!read_id(noun, change, error) || !http_request_json(change->request, &body, error))
        return false;
    change->body = body;
    for (int tries = 0; tries < TRIES; tries++) {
        *error = (struct error){0};
        if (try_put(noun, change, response, error))
            return true;
        if (error->code != ERROR_CONFLICT)
            return false;
    }
    return error_set(error, ERROR_BUSY, "too many others change this %s", noun->name);
}

static bool try_remove(const struct catalogue_noun *noun, const struct catalogue_change *change,
                       struct error *error)
{
    union catalogue_thing current = {0};
    bool is_done = noun->read(change->service, &change->id, &current, error) &&
                   http_precondition(change->request, noun->tag(&current).text, error) &&
                   noun->remove(change->service, &current, error);

    noun->clear(&current);
    return is_done;
}

bool catalogue_remove(const struct catalogue_noun *noun, struct catalogue_change *change,
                      struct http_response *response, struct error *error)
{
    if (!read_id(noun, change, error))
        return false;
    for (int tries = 0; tries < TRIES; tries++) {
        if (try_remove(noun, change, error)) {
            event_answer_removed(response);
            return true;
        }
        if (error->code != ERROR_CONFLICT && error->code != ERROR_GONE)
            return false;
    }
    return error_set(error, ERROR_BUSY, "too many others change this %s", noun->name);
}
