#include "service/documents.h"

#include "http/conditional.h"
#include "service/runtime.h"

#include <stdio.h>
#include <string.h>

enum {
    PATH_BYTES = 128
};

/* The pages bring all they need, and nobody may put them into a frame of theirs. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                             "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'";

const struct document *documents_find(const struct documents *documents, const char *path)
{
    for (size_t i = 0; i < documents->n_rows; i++) {
        if (strcmp(documents->rows[i].path, path) == 0)
            return &documents->rows[i];
    }
    return NULL;
}

static bool answer(const struct runtime *runtime, const char *path,
                   const struct http_request *request, struct http_response *response,
                   struct error *error)
{
    const struct document *document = documents_find(runtime->role->documents, path);

    if (!document)
        return error_set(error, ERROR_NOT_FOUND, "there is no such file");
    http_response_header(response, "Content-Security-Policy", "%s", policy);
    if (http_not_modified(request, response, document->tag))
        return true;
    response->content_type = document->media_type;
    buffer_append(&response->body, document->bytes, document->size_bytes);
    return buffer_ok(&response->body, error);
}

bool openapi_get(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    return answer(context, "/openapi.json", request, response, error);
}

bool docs_get(void *context, const struct http_request *request, struct http_response *response,
              struct error *error)
{
    return answer(context, "/docs", request, response, error);
}

bool docs_file_get(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "/docs/%s", http_request_parameter(request, "file"));
    return answer(context, path, request, response, error);
}

/* "events" of "/events", "openapi" of "/openapi.json"; false for routes below others, and for the index. */
static bool link_of(const struct http_route *route, char name[PATH_BYTES])
{
    const char *segment = route->pattern + 1;

    if (strcmp(route->method, "GET") != 0 || *segment == '\0' || strpbrk(segment, "/{"))
        return false;
    snprintf(name, PATH_BYTES, "%.*s", (int)strcspn(segment, "."), segment);
    return true;
}

bool index_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    const struct runtime *runtime = context;
    const struct http_routes *routes = &runtime->role->routes;
    struct json_writer writer = JSON_WRITER(&response->body);
    char name[PATH_BYTES];

    (void)request;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "name", runtime->config.service_name);
    for (size_t i = 0; i < routes->n_rows; i++) {
        if (link_of(&routes->rows[i], name))
            json_put_text(&writer, name, routes->rows[i].pattern);
    }
    json_close_object(&writer);
    return buffer_ok(&response->body, error);
}
