/* Bytes as text: UTF-8, base64, and what a writer of JSON makes of them. */
#include "base/base64.h"
#include "base/json.h"
#include "base/json_escape.h"
#include "base/memory.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum {
    INPUT_BYTES_MAX = 64 * 1024,
    WRITTEN_BYTES_MAX = 8 * INPUT_BYTES_MAX
};

/* Written, read, written: the same bytes and the same text. */
static void encode(const void *bytes, size_t n)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    CLEANUP(buffer_clear) struct buffer read = {0};

    buffer_init(&text, WRITTEN_BYTES_MAX);
    buffer_init(&read, WRITTEN_BYTES_MAX);
    base64_write(bytes, n, &text);
    MUST(buffer_ok(&text, NULL) && text.size_bytes == (n + 2) / 3 * 4);
    MUST(base64_read(text.data ? text.data : "", &read, NULL));
    MUST(read.size_bytes == n && (n == 0 || memcmp(read.data, bytes, n) == 0));
}

static void decode(const char *text)
{
    CLEANUP(buffer_clear) struct buffer bytes = {0};
    CLEANUP(buffer_clear) struct buffer again = {0};
    struct error error = {0};

    buffer_init(&bytes, WRITTEN_BYTES_MAX);
    if (!base64_read(text, &bytes, &error)) {
        fuzz_must_be_refusal(&error);
        return;
    }
    buffer_init(&again, WRITTEN_BYTES_MAX);
    base64_write(bytes.data, bytes.size_bytes, &again);
    MUST(strcmp(again.data ? again.data : "", text) == 0);
}

/* What a cut leaves is valid when the text was so before it was cut anywhere. */
static void cut(char *text)
{
    size_t length = strlen(text);

    if (!utf8_valid(text, length))
        return;
    MUST(utf8_length(text) <= length);
    for (size_t i = 0; i < 4 && length > 0; i++) {
        text[--length] = '\0';
        utf8_cut(text);
        MUST(utf8_valid(text, strlen(text)) && length - strlen(text) < 4);
        length = strlen(text);
    }
}

/* Any bytes become a text that our reader takes; a valid one comes back as it was. */
static void write_json(const char *text)
{
    CLEANUP(buffer_clear) struct buffer written = {0};
    struct json_writer writer = JSON_WRITER(&written);
    struct json *read = NULL;
    size_t n_escaped = 0;
    char escaped[JSON_ESCAPED_BYTES];

    buffer_init(&written, WRITTEN_BYTES_MAX);
    json_put_text(&writer, NULL, text);
    json_put_text(&writer, NULL, NULL);
    MUST(buffer_ok(&written, NULL));
    written.size_bytes -= strlen(",null");
    MUST(buffer_ok(&written, NULL));
    MUST(json_parse(written.data, written.size_bytes, &read, NULL) && json_text(read));
    if (utf8_valid(text, strlen(text)))
        MUST(strcmp(json_text(read), text) == 0);
    json_free(read);
    if (*text)
        MUST(json_escape(text, escaped, &n_escaped) >= 1 && n_escaped <= JSON_ESCAPED_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    const size_t n = input.left_bytes;
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);

    encode(text, n);
    decode(text);
    write_json(text);
    cut(text);
    return 0;
}
