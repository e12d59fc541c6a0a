/*
 * Files that are part of the program: the description of its HTTP interface, and the page that makes it
 * readable. cmake/Documents.cmake makes the table of a service from docs/api/. The handlers want the
 * service's own struct as their context, which starts with a struct runtime. Any thread.
 */
#ifndef EVENTS_SERVICE_DOCUMENTS_H
#define EVENTS_SERVICE_DOCUMENTS_H

#include "http/router.h"

struct document {
    const char *path;       /* "/openapi.json" */
    const char *media_type; /* "application/json" */
    const char *tag;        /* for ETag; another one whenever the bytes are others */
    const char *bytes;      /* not ended by a NUL */
    size_t size_bytes;
};

struct documents {
    const struct document *rows;
    size_t n_rows;
};

/* NULL when there is none of this path. */
const struct document *documents_find(const struct documents *documents, const char *path);

http_handler openapi_get;   /* GET /openapi.json */
http_handler docs_get;      /* GET /docs */
http_handler docs_file_get; /* GET /docs/{file}: what the page needs */

/* GET /: the name of the service, and a link to each route that stands alone, such as /events. */
http_handler index_get;

#endif
