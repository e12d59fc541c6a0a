/* A JSON text: what is accepted is written again, and must then say the same. */
#include "base/json.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "tests/fuzz/fuzz.h"
#include "tools/messages/raw_member.h"

#include <string.h>

enum {
    INPUT_BYTES_MAX = 64 * 1024,
    ITEMS_MAX = 64 /* of each container that are looked at */
};

static struct buffer written;

static bool get_bool(const struct json *container, const struct json *value, bool *is_true)
{
    const char *name = json_name(value);

    return name && json_get_bool(container, "", name, JSON_REQUIRED, is_true, NULL);
}

static void write_value(struct json_writer *writer, const struct json *container,
                        const struct json *value);

static void write_items(struct json_writer *writer, const struct json *container)
{
    size_t n = json_size(container);

    for (size_t i = 0; i < n && i < ITEMS_MAX; i++) {
        const struct json *item = json_item(container, i);

        MUST(item && (json_name(item) != NULL) == json_is_object(container));
        MUST(json_next(item) == json_item(container, i + 1));
        if (json_name(item))
            MUST(json_member(container, json_name(item)) == item);
        write_value(writer, container, item);
    }
    MUST(!json_item(container, n) && !json_item(json_item(container, 0), SIZE_MAX));
}

static void write_value(struct json_writer *writer, const struct json *container,
                        const struct json *value)
{
    const char *name = json_name(value);
    int64_t number = 0;
    bool is_true = false;

    if (json_is_object(value)) {
        json_open_object(writer, name);
        write_items(writer, value);
        json_close_object(writer);
    } else if (json_is_array(value)) {
        json_open_array(writer, name);
        write_items(writer, value);
        json_close_array(writer);
    } else if (json_is_text(value)) {
        json_put_text(writer, name, json_text(value));
    } else if (json_integer(value, &number)) {
        json_put_integer(writer, name, number);
    } else if (get_bool(container, value, &is_true)) {
        json_put_bool(writer, name, is_true);
    } else {
        json_put_null(writer, name);
    }
}

static void write_document(const struct json *document)
{
    struct json_writer writer = JSON_WRITER(&written);

    buffer_clear(&written);
    buffer_init(&written, 8 * INPUT_BYTES_MAX);
    write_value(&writer, NULL, document);
    MUST(buffer_ok(&written, NULL));
}

/* Written once it is as we write it; written twice it is the same. */
static void come_back(const struct json *document)
{
    struct json *again = NULL;
    char *first;

    write_document(document);
    MUST(json_parse(written.data, written.size_bytes, &again, NULL));
    first = buffer_take(&written);
    write_document(again);
    MUST(strcmp(first, written.data) == 0);
    json_free(again);
    memory_free(first);
    buffer_clear(&written);
}

/* Every member cut out of @text, put together again; false when a name is written with escapes. */
static bool cut_out(const char *text, const struct json *document, struct buffer *object)
{
    struct json_writer writer = JSON_WRITER(object);

    json_open_object(&writer, NULL);
    for (const struct json *item = json_item(document, 0); item; item = json_next(item)) {
        const char *name = json_name(item);
        const char *value = NULL;
        struct json *alone = NULL;
        size_t n = 0;

        if (strchr(name, '\\') || !raw_member(text, name, &value, &n))
            return false;
        MUST(json_parse(value, n, &alone, NULL));
        json_free(alone);
        json_put_null(&writer, name);
        MUST(buffer_ok(object, NULL));
        object->size_bytes -= strlen("null");
        buffer_append(object, value, n);
    }
    json_close_object(&writer);
    MUST(buffer_ok(object, NULL));
    return true;
}

/* Whether a member is taken from the document or cut out of its text, it is the same. */
static void read_in_both_ways(const char *text, const struct json *document)
{
    CLEANUP(buffer_clear) struct buffer object = {0};
    struct json *again = NULL;
    char *first;

    buffer_init(&object, 8 * INPUT_BYTES_MAX);
    if (json_size(document) > ITEMS_MAX || !cut_out(text, document, &object))
        return;
    write_document(document);
    first = buffer_take(&written);
    MUST(json_parse(object.data, object.size_bytes, &again, NULL));
    write_document(again);
    MUST(strcmp(first, written.data) == 0);
    json_free(again);
    memory_free(first);
    buffer_clear(&written);
}

static void get_members(const struct json *document)
{
    struct error error = {0};
    char text[16] = "untouched";
    int64_t number = -1;
    bool is_true = true;

    if (!json_get_text(document, "", "a", JSON_REQUIRED, 1, 4, text, sizeof(text), &error))
        MUST(strcmp(text, "untouched") == 0 && error.n_details > 0);
    else
        MUST(utf8_length(text) >= 1 && utf8_length(text) <= 4);
    if (!json_get_integer(document, "/a~b", "b/c~", JSON_OPTIONAL, 1, 9, &number, &error))
        MUST(number == -1 && error.code == ERROR_INVALID);
    if (!json_get_bool(document, "", "a", JSON_OPTIONAL, &is_true, &error))
        MUST(is_true && error.code == ERROR_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    const size_t n = input.left_bytes;
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);
    CLEANUP(json_freep) struct json *document = NULL;
    struct error error = {0};

    if (!json_parse(text, n, &document, &error)) {
        fuzz_must_be_refusal(&error);
        MUST(!document && error.code == ERROR_INVALID);
        return 0;
    }
    MUST(json_scan(text, n, NULL) && utf8_valid(text, n));
    come_back(document);
    get_members(document);
    if (json_is_object(document))
        read_in_both_ways(text, document);
    return 0;
}
