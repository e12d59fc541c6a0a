#include "base/clock.h"
#include "base/random.h"
#include "msgqueue/amqp/amqp_message.h"
#include "tools/messages/message_line.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAME_BYTES = 4096
};

static struct amqp_content content;
static char encoded[FRAME_BYTES];
static struct buffer text;
static struct message_line line;
static struct error error;

/* A message as it comes out of a log: what an emitter sends, and one more header. */
static struct tapped message_with_body(const char *body, size_t body_bytes)
{
    struct tapped message = {.envelope = {.id = "aa:1",
                                          .name = "event.created",
                                          .subject = "aa",
                                          .source = "eventservice",
                                          .time_ms = 1795253400123,
                                          .body = body,
                                          .body_bytes = body_bytes},
                             .is_whole = true,
                             .offset = 7,
                             .content = &content};
    struct amqp_outgoing outgoing;
    amqp_table_entry_t headers[AMQP_HEADERS_MAX + 3];
    amqp_table_t *table = &outgoing.properties.headers;

    amqp_outgoing_init(&outgoing, &message.envelope);
    memcpy(headers, table->entries, (size_t)table->num_entries * sizeof(headers[0]));
    table->entries = headers;
    headers[table->num_entries++] = amqp_text_entry("x-mine", "\"1\"\n");
    headers[table->num_entries++] = amqp_number_entry("x-number", -5);
    headers[table->num_entries++] = amqp_number_entry("x-stream-offset", 7);
    content.properties.size_bytes = (size_t)amqp_encode_properties(
        AMQP_BASIC_CLASS, &outgoing.properties, (amqp_bytes_t){sizeof(encoded), encoded});
    content.properties.data = encoded;
    return message;
}

static const char *written(const char *body, size_t body_bytes)
{
    struct tapped message = message_with_body(body, body_bytes);

    buffer_init(&text, MESSAGE_LINE_BYTES_MAX);
    message_line_write(&message, &text);
    cr_assert(buffer_ok(&text, &error), "%s", error.text);
    return text.data;
}

static bool reads(const char *given)
{
    error = (struct error){0};
    cr_assert(random_init(&error));
    return message_line_read(given, strlen(given), &line, &error);
}

Test(message_line, holds_the_whole_message)
{
    cr_expect_str_eq(written("{\"a\": 1.0}", 10),
                     "{\"offset\":7,\"name\":\"event.created\",\"id\":\"aa:1\","
                     "\"time\":\"2026-11-21T09:30:00.123Z\",\"subject\":\"aa\","
                     "\"source\":\"eventservice\",\"headers\":{\"x-mine\":\"\\\"1\\\"\\n\","
                     "\"x-number\":-5},\"body\":{\"a\": 1.0}}\n");
}

Test(message_line, leaves_out_what_a_message_lacks)
{
    struct tapped message = {.is_whole = true, .offset = -1, .content = &content};

    message.envelope.body = "[]";
    message.envelope.body_bytes = 2;
    buffer_init(&text, 1000);
    message_line_write(&message, &text);

    cr_expect_str_eq(text.data, "{\"name\":\"\",\"body\":[]}\n");
}

Test(message_line, gives_every_body_back_byte_for_byte)
{
    static char deep[64];
    static const char *const bodies[] = {"{\"a\":[1,{\"b\":\"}\"}]}",
                                         " 5 ",
                                         "\"x\\\"\\\\\"",
                                         "null",
                                         "{",
                                         "1,2",
                                         "",
                                         "{\"a\":\n1}",
                                         "\xff\xfe",
                                         "text",
                                         deep};

    memset(deep, '[', sizeof(deep) - 1);
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        const char *given = written(bodies[i], strlen(bodies[i]));

        cr_assert(reads(given), "%s: %s", given, error.text);
        cr_assert_eq(line.envelope.body_bytes, strlen(i == 1 ? "5" : bodies[i]), "%s", given);
        cr_expect_arr_eq(line.envelope.body, i == 1 ? "5" : bodies[i], line.envelope.body_bytes);
        message_line_clear(&line);
        buffer_clear(&text);
    }
}

Test(message_line, comes_back_as_it_went)
{
    cr_assert(reads(written("{}", 2)), "%s", error.text);

    cr_expect_str_eq(line.envelope.id, "aa:1");
    cr_expect_str_eq(line.envelope.name, "event.created");
    cr_expect_str_eq(line.envelope.subject, "aa");
    cr_expect_str_eq(line.envelope.source, "eventservice");
    cr_expect_eq(line.envelope.time_ms, 1795253400123);
    cr_assert_eq(line.n_headers, 2);
    cr_expect_str_eq(line.headers[0].name, "x-mine");
    cr_expect_str_eq(line.headers[0].text, "\"1\"\n");
    cr_expect_eq(line.headers[1].kind, QUEUE_HEADER_NUMBER);
    cr_expect_eq(line.headers[1].number, -5);
    message_line_clear(&line);
    buffer_clear(&text);
}

Test(message_line, needs_name_and_body_alone)
{
    int64_t before_ms = clock_wall_ms();

    cr_assert(
        reads("{\"Body\" : [true] , \"name\":\"x\",\"headers\":{\"f\":true,\"t\":{},\"n\":null}}"));

    cr_expect_eq(strlen(line.envelope.id), 24);
    cr_expect_geq(line.envelope.time_ms, before_ms);
    cr_expect_arr_eq(line.envelope.body, "[true]", 6);
    cr_expect_eq(line.envelope.body_bytes, 6);
    cr_assert_eq(line.n_headers, 1);
    cr_expect_eq(line.headers[0].kind, QUEUE_HEADER_FLAG);
    cr_expect_eq(line.headers[0].number, 1);
    message_line_clear(&line);
}

Test(message_line, names_the_member_that_is_wrong)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"{\"body\":{}}", "/name: "},
        {"{\"name\":\"x\"}", "/body: must be there"},
        {"{\"name\":\"x\",\"body\":1,\"body_base64\":\"\"}", "/body: must be there, or else"},
        {"{\"name\":\"x\",\"body_base64\":\"?\"}", "/body_base64: must be base64"},
        {"{\"name\":\"x\",\"body_base64\":7}", "/body_base64: must be base64"},
        {"{\"name\":\"x\",\"body\":1,\"time\":\"soon\"}", "/time: must be a time"},
        {"{\"name\":\"x\",\"body\":1,\"headers\":[]}", "/headers: must be an object"},
        {"{\"name\":\"x\",\"body\":1,\"id\":\"\"}", "/id: "},
        {"[]", "must be a JSON object"},
        {"{\"name\":\"x\",\"body\":01}", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_expect_not(reads(rows[i].text), "%s", rows[i].text);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_eq(strncmp(error.text, rows[i].expected, strlen(rows[i].expected)), 0, "%s",
                     error.text);
        message_line_clear(&line);
    }
}

Test(message_line, takes_names_of_headers_up_to_255_bytes)
{
    char given[512];
    char name[257];

    memset(name, 'h', sizeof(name) - 1);
    name[256] = '\0';
    snprintf(given, sizeof(given), "{\"name\":\"x\",\"body\":1,\"headers\":{\"%s\":1}}", name + 1);
    cr_assert(reads(given), "%s", error.text);
    cr_expect_str_eq(line.headers[0].name, name + 1);
    message_line_clear(&line);

    snprintf(given, sizeof(given), "{\"name\":\"x\",\"body\":1,\"headers\":{\"%s\":1}}", name);
    cr_expect_not(reads(given));
    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_str_eq(error.text, "/headers: a name must have at most 255 bytes");
    message_line_clear(&line);
}

Test(message_line, says_only_the_size_of_a_body_that_was_cut)
{
    struct tapped message = {
        .offset = -1, .size_bytes = 99999999, .envelope.body = "", .content = &content};

    buffer_init(&text, 1000);
    message_line_write(&message, &text);

    cr_expect_str_eq(text.data, "{\"name\":\"\",\"body_bytes\":99999999}\n");
}
