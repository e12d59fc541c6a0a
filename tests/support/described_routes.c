#include "tests/support/described_routes.h"

#include "base/json.h"

#include <criterion/criterion.h>
#include <string.h>
#include <strings.h>

static const char *const methods[] = {"get", "put", "patch", "post", "delete"};

/* json_member() takes names in any case, and paths differ in theirs. */
static const struct json *path_item(const struct json *paths, const char *pattern)
{
    for (size_t i = 0; i < json_size(paths); i++) {
        const struct json *item = json_item(paths, i);

        if (strcmp(json_name(item), pattern) == 0)
            return item;
    }
    return NULL;
}

static bool has_row(const struct http_routes *routes, const char *method, const char *pattern)
{
    for (size_t i = 0; i < routes->n_rows; i++) {
        if (strcasecmp(routes->rows[i].method, method) == 0 &&
            strcmp(routes->rows[i].pattern, pattern) == 0)
            return true;
    }
    return false;
}

static void check_rows(const struct http_routes *routes, const struct json *paths)
{
    for (size_t i = 0; i < routes->n_rows; i++) {
        const struct http_route *row = &routes->rows[i];
        const struct json *item = path_item(paths, row->pattern);

        cr_expect(item && json_member(item, row->method), "%s %s is not described", row->method,
                  row->pattern);
    }
}

static void check_paths(const struct http_routes *routes, const struct json *paths)
{
    for (size_t i = 0; i < json_size(paths); i++) {
        const struct json *item = json_item(paths, i);

        for (size_t n = 0; n < ARRAY_SIZE(methods); n++) {
            if (json_member(item, methods[n]))
                cr_expect(has_row(routes, methods[n], json_name(item)), "nobody answers %s %s",
                          methods[n], json_name(item));
        }
    }
}

void described_routes_check(const struct http_routes *routes, const struct documents *documents)
{
    const struct document *document = documents_find(documents, "/openapi.json");
    CLEANUP(json_freep) struct json *openapi = NULL;
    const struct json *paths;
    struct error error = {0};

    cr_assert(document);
    cr_assert(json_parse(document->bytes, document->size_bytes, &openapi, &error), "%s",
              error.text);
    paths = json_member(openapi, "paths");
    cr_assert_gt(json_size(paths), 0);
    check_rows(routes, paths);
    check_paths(routes, paths);
}
