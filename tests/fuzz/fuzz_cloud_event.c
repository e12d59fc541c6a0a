/* A line with a content type, then a structured CloudEvent. */
#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "contracts/cloud_event.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void must_be_text(const char *text, size_t size_bytes)
{
    MUST(strnlen(text, size_bytes) < size_bytes && utf8_valid(text, strlen(text)));
}

/* As far as values tell without those that they hold. */
static void must_be_same(const struct json *a, const struct json *b)
{
    int64_t number_a = 0;
    int64_t number_b = 0;

    MUST(json_is_object(a) == json_is_object(b) && json_is_array(a) == json_is_array(b));
    MUST(json_is_number(a) == json_is_number(b) && json_is_null(a) == json_is_null(b));
    MUST(json_is_text(a) == json_is_text(b) && json_size(a) == json_size(b));
    MUST(!json_is_text(a) || strcmp(json_text(a), json_text(b)) == 0);
    MUST(json_integer(a, &number_a) == json_integer(b, &number_b) && number_a == number_b);
}

/* Its data is a document of its own, inside the text: the one that is a member there. */
static void must_be_event(const struct envelope *read, const char *text, size_t size_bytes)
{
    struct json *body = NULL;
    struct json *event = NULL;

    must_be_text(read->id, sizeof(read->id));
    must_be_text(read->name, sizeof(read->name));
    must_be_text(read->subject, sizeof(read->subject));
    must_be_text(read->source, sizeof(read->source));
    must_be_text(read->traceparent, sizeof(read->traceparent));
    MUST(read->name[0]);
    MUST(read->body >= text && read->body + read->body_bytes <= text + size_bytes);
    MUST(json_parse(read->body, read->body_bytes, &body, NULL));
    MUST(json_parse(text, size_bytes, &event, NULL));
    must_be_same(body, json_member(event, "data"));
    json_free(event);
    json_free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < MESSAGE_BODY_BYTES_MAX ? size : 0);
    CLEANUP(memory_freep) char *type = fuzz_line(&input);
    const size_t n = input.left_bytes;
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);
    const struct envelope before = {.id = "untouched", .time_ms = 7};
    struct envelope read = before;
    struct error error = {0};

    if (cloud_event_is_structured(type, strlen(type)))
        MUST(strlen(type) >= strlen("application/cloudevents+json"));
    if (cloud_event_read(text, n, &read, &error)) {
        must_be_event(&read, text, n);
        return 0;
    }
    fuzz_must_be_refusal(&error);
    MUST(error.code == ERROR_INVALID || error.code == ERROR_UNSUPPORTED);
    MUST(memcmp(&read, &before, sizeof(read)) == 0);
    return 0;
}
