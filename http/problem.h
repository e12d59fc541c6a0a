/*
 * Problems (RFC 9457): the one shape of every error that leaves over HTTP. A kind is a row of a table:
 * one for each error code, and one for each status that the server decides by itself. Any thread.
 */
#ifndef EVENTS_HTTP_PROBLEM_H
#define EVENTS_HTTP_PROBLEM_H

#include "http/response.h"

struct http_problem_kind {
    int status;
    const char *name;  /* the last part of the type: "sold-out" */
    const char *title; /* the same for every problem of this kind */
};

/* The kind of an error code; ERROR_NONE is our own mistake and becomes "internal". */
struct http_problem_kind http_problem_of_code(enum error_code code);

/* The kind of a refusal that the server decides by itself, such as 405 or 431. */
struct http_problem_kind http_problem_of_status(int status);

/* Replace whatever was built by the problem; text, details and members are those of @error. */
void http_problem_write(struct http_response *response, const struct http_problem_kind *kind,
                        const struct error *error, const char *request_id);

#endif
