#include "searchservice/search_service.h"

static const struct http_route rows[] = {
    {"GET", "/", index_get, 0},          {"GET", "/openapi.json", openapi_get, 0},
    {"GET", "/docs", docs_get, 0},       {"GET", "/docs/{file}", docs_file_get, 0},
    {"GET", "/search", event_search, 0},
};

const struct http_routes search_service_routes = {rows, ARRAY_SIZE(rows)};
