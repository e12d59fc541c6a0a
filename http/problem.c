#include "http/problem.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum {
    RETRY_AFTER_S = 1
};

/* A switch without default, so that the compiler names the code that was forgotten. */
int http_status_of(enum error_code code)
{
    switch (code) {
    case ERROR_INVALID:
        return 400;
    case ERROR_NOT_FOUND:
        return 404;
    case ERROR_EXISTS:
    case ERROR_IN_USE:
    case ERROR_SOLD_OUT:
    case ERROR_USER_LIMIT:
    case ERROR_CONFLICT:
    case ERROR_AMBIGUOUS:
        return 409;
    case ERROR_GONE:
        return 410;
    case ERROR_PRECONDITION:
        return 412;
    case ERROR_TOO_LARGE:
        return 413;
    case ERROR_UNSUPPORTED:
        return 415;
    case ERROR_KEY_REUSED:
        return 422;
    case ERROR_NONE:
    case ERROR_CORRUPT:
    case ERROR_INTERNAL:
        return 500;
    case ERROR_BUSY:
    case ERROR_UNAVAILABLE:
    case ERROR_OUTCOME_UNKNOWN:
    case ERROR_MEMORY:
        return 503;
    }
    return 500;
}

static const char *title_of(enum error_code code)
{
    switch (code) {
    case ERROR_INVALID:
        return "The request breaks a rule";
    case ERROR_NOT_FOUND:
        return "There is no such thing";
    case ERROR_GONE:
        return "It is gone or takes no more orders";
    case ERROR_EXISTS:
        return "The id is taken";
    case ERROR_IN_USE:
        return "Something else still needs it";
    case ERROR_SOLD_OUT:
        return "Not enough seats are left";
    case ERROR_USER_LIMIT:
        return "The limit of seats per user is reached";
    case ERROR_KEY_REUSED:
        return "The Idempotency-Key stands for another request";
    case ERROR_PRECONDITION:
        return "It was changed in the meantime";
    case ERROR_TOO_LARGE:
        return "The request is too large";
    case ERROR_UNSUPPORTED:
        return "This is not supported";
    case ERROR_BUSY:
        return "Too many requests are waiting";
    case ERROR_UNAVAILABLE:
        return "The service is not available";
    case ERROR_OUTCOME_UNKNOWN:
        return "The outcome is not known, repeat the request";
    case ERROR_CONFLICT:
        return "Another request was first";
    case ERROR_AMBIGUOUS:
        return "More than one has this name";
    case ERROR_MEMORY:
        return "The service is short of memory";
    case ERROR_NONE:
    case ERROR_CORRUPT:
    case ERROR_INTERNAL:
        return "Something went wrong on our side";
    }
    return "Something went wrong on our side";
}

struct http_problem_kind http_problem_of_code(enum error_code code)
{
    return (struct http_problem_kind){.status = http_status_of(code),
                                      .name = error_code_name(code ? code : ERROR_INTERNAL),
                                      .title = title_of(code)};
}

struct http_problem_kind http_problem_of_status(int status)
{
    static const struct http_problem_kind kinds[] = {
        {400, "bad-request", "The request cannot be understood"},
        {405, "method-not-allowed", "The method does not fit the path"},
        {408, "request-timeout", "The request took too long to arrive"},
        {411, "length-required", "A body needs its length in Content-Length"},
        {414, "uri-too-long", "The URI is too long"},
        {417, "expectation-failed", "The expectation cannot be met"},
        {431, "headers-too-large", "The headers are too many or too large"},
        {505, "version-not-supported", "This version of HTTP is not supported"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i].status == status)
            return kinds[i];
    }
    switch (status) {
    case 404:
        return http_problem_of_code(ERROR_NOT_FOUND);
    case 413:
        return http_problem_of_code(ERROR_TOO_LARGE);
    case 503:
        return http_problem_of_code(ERROR_UNAVAILABLE);
    default:
        return http_problem_of_code(ERROR_INTERNAL);
    }
}

/* Texts may carry what a client sent, and may have been cut inside a character. */
static void put_text(struct json_writer *writer, const char *name, const char *text)
{
    char plain[ERROR_TEXT_BYTES];
    size_t length = strnlen(text, sizeof(plain) - 1);

    for (size_t i = 0; i < length; i++)
        plain[i] = (char)((unsigned char)text[i] < 0x80 ? text[i] : '?');
    plain[length] = '\0';
    json_put_text(writer, name, utf8_valid(text, strlen(text)) ? text : plain);
}

static void put_members(struct json_writer *writer, const struct error *error)
{
    for (size_t i = 0; i < error->n_members; i++) {
        const struct error_member *member = &error->members[i];

        if (member->is_number)
            json_put_integer(writer, member->name, member->number);
        else
            put_text(writer, member->name, member->text);
    }
}

static void put_details(struct json_writer *writer, const struct error *error)
{
    if (error->n_details == 0)
        return;
    json_open_array(writer, "errors");
    for (size_t i = 0; i < error->n_details; i++) {
        json_open_object(writer, NULL);
        put_text(writer, "pointer", error->details[i].pointer);
        put_text(writer, "detail", error->details[i].text);
        json_close_object(writer);
    }
    json_close_array(writer);
}

/* What broke on our side stands in the log; it may name hosts and files, which are no client's business. */
static const char *detail_of(const struct http_problem_kind *kind, const struct error *error)
{
    bool ours = error->code == ERROR_UNAVAILABLE || error->code == ERROR_MEMORY;

    return kind->status == 500 || ours || error->text[0] == '\0' ? kind->title : error->text;
}

void http_problem_write(struct http_response *response, const struct http_problem_kind *kind,
                        const struct error *error, const char *request_id)
{
    struct json_writer writer = JSON_WRITER(&response->body);
    char type[64];

    snprintf(type, sizeof(type), "/problems/%s", kind->name);
    http_response_reset(response);
    response->status = kind->status;
    response->content_type = "application/problem+json";
    if (kind->status == 503)
        http_response_header(response, "Retry-After", "%d", RETRY_AFTER_S);

    json_open_object(&writer, NULL);
    json_put_text(&writer, "type", type);
    json_put_text(&writer, "title", kind->title);
    json_put_integer(&writer, "status", kind->status);
    put_text(&writer, "detail", detail_of(kind, error));
    json_put_text(&writer, "requestId", request_id);
    put_members(&writer, error);
    put_details(&writer, error);
    json_close_object(&writer);
}

void http_response_problem(struct http_response *response, const struct error *error,
                           const char *request_id)
{
    struct http_problem_kind kind = http_problem_of_code(error->code);

    http_problem_write(response, &kind, error, request_id);
}
