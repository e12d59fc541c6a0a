/* The route table of a service and the description that it serves, compared method by method. */
#ifndef EVENTS_TESTS_DESCRIBED_ROUTES_H
#define EVENTS_TESTS_DESCRIBED_ROUTES_H

#include "service/documents.h"

/*
 * Fails the test for each row of @routes that the paths of /openapi.json lack, and for each operation there
 * that no row answers. HEAD and OPTIONS are answered without rows and are not described one by one.
 */
void described_routes_check(const struct http_routes *routes, const struct documents *documents);

#endif
