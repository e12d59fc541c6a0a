#include "base/json.h"
#include "base/memory.h"

#include <criterion/criterion.h>
#include <string.h>

static void write_event(struct buffer *buffer)
{
    struct json_writer writer = JSON_WRITER(buffer);

    json_open_object(&writer, NULL);
    json_put_text(&writer, "ID", "65");
    json_put_integer(&writer, "Capacity", -9223372036854775807 - 1);
    json_put_null(&writer, "Hall");
    json_put_text(&writer, "UserID", NULL);
    json_put_bool(&writer, "Closed", false);
    json_open_array(&writer, "Halls");
    json_open_object(&writer, NULL);
    json_close_object(&writer);
    json_put_integer(&writer, NULL, 2);
    json_put_bool(&writer, NULL, true);
    json_open_array(&writer, NULL);
    json_close_array(&writer);
    json_close_array(&writer);
    json_open_object(&writer, "Location");
    json_put_text(&writer, NULL, "");
    json_close_object(&writer);
    json_close_object(&writer);
}

Test(json_writer, puts_commas_where_they_belong)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    buffer_init(&buffer, 1000);
    write_event(&buffer);

    cr_assert(buffer_ok(&buffer, NULL));
    cr_expect_str_eq(buffer.data, "{\"ID\":\"65\",\"Capacity\":-9223372036854775808,\"Hall\":null,"
                                  "\"UserID\":null,\"Closed\":false,\"Halls\":[{},2,true,[]],"
                                  "\"Location\":{\"\"}}");
}

static const char *written(struct buffer *buffer, const char *text)
{
    struct json_writer writer = JSON_WRITER(buffer);

    buffer_reset(buffer);
    json_put_text(&writer, NULL, text);
    cr_assert(buffer_ok(buffer, NULL));
    return buffer->data;
}

Test(json_writer, escapes_what_must_be)
{
    static const char *const rows[][2] = {
        {"", "\"\""},
        {"plain /text'", "\"plain /text'\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1F\x7F", "\"\\u0001\\u001f\\u007f\""},
        {"\xC2\x80\xC2\x9F\xC2\xA0", "\"\\u0080\\u009f\xC2\xA0\""},
        {"Händel 😀", "\"Händel 😀\""},
        {"\xFF", "\"\\ufffd\""},
        {"a\xE2\x82", "\"a\\ufffd\\ufffd\""},
        {"\xC3(", "\"\\ufffd(\""},
        {"\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
    };
    CLEANUP(buffer_clear) struct buffer buffer;

    buffer_init(&buffer, 1000);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(written(&buffer, rows[i][0]), rows[i][1], "%s", buffer.data);
}

Test(json_writer, is_read_back_as_it_was_for_every_character)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    char text[256] = "";

    buffer_init(&buffer, 10000);
    for (int i = 1; i < 128; i++)
        text[i - 1] = (char)i;
    strcat(text, "ä€😀");
    {
        const char *json = written(&buffer, text);
        CLEANUP(json_freep) struct json *value = NULL;

        cr_assert(json_parse(json, strlen(json), &value, NULL));
        cr_expect_str_eq(json_text(value), text);
    }
}

Test(json_writer, leaves_its_failures_to_the_buffer)
{
    long n = 0;
    bool good = false;

    while (!good) {
        CLEANUP(buffer_clear) struct buffer buffer;
        struct error error = {0};

        buffer_init(&buffer, 1000);
        memory_fail_at(++n, true);
        write_event(&buffer);
        memory_fail_at(0, false);
        good = buffer_ok(&buffer, &error);
        cr_expect(good || error.code == ERROR_MEMORY);
    }
    cr_expect_gt(n, 2);
}
