#include "http/deferred.h"

#include "http/response.h"

struct http_deferred *http_defer(struct http_response *response, http_handler *finish, void *state)
{
    struct http_deferred *deferred = &response->deferred;

    deferred->finish = finish;
    deferred->state = state;
    if (deferred->server)
        deferred->server->begun(deferred);
    return deferred;
}

void http_deferred_complete(struct http_deferred *deferred)
{
    if (!deferred->server || !deferred->server->completed(deferred))
        gate_open(&deferred->is_complete);
}

bool http_deferred_finish(const struct http_request *request, struct http_response *response,
                          struct error *error)
{
    struct http_deferred *deferred = &response->deferred;

    gate_pass(&deferred->is_complete);
    return deferred->finish(deferred->state, request, response, error);
}

bool http_handle(http_handler *handle, void *context, const struct http_request *request,
                 struct http_response *response, struct error *error)
{
    return handle(context, request, response, error) &&
           (!response->deferred.finish || http_deferred_finish(request, response, error));
}
