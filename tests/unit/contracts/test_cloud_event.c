#include "contracts/cloud_event.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NEEDED "\"specversion\":\"1.0\",\"type\":\"event.created\",\"id\":\"7\",\"source\":\"shop\""

static const struct envelope before = {
    .id = "old", .name = "old", .subject = "old", .source = "old", .time_ms = 5, .body = "old"};

static struct envelope envelope;
static struct error error;

static bool read_text(const char *text)
{
    envelope = before;
    error = (struct error){0};
    return cloud_event_read(text, strlen(text), &envelope, &error);
}

static bool body_is(const char *body)
{
    return envelope.body_bytes == strlen(body) &&
           memcmp(envelope.body, body, envelope.body_bytes) == 0;
}

Test(cloud_event, is_told_by_the_content_type)
{
    static const struct {
        const char *type;
        bool is_structured;
    } rows[] = {
        {"application/cloudevents+json", true},
        {"Application/CloudEvents+JSON; charset=UTF-8", true},
        {"application/cloudevents+json ;charset=utf-8", true},
        {"application/cloudevents", false},
        {"application/cloudevents+json2", false},
        {"application/cloudevents-batch+json", false},
        {"application/json", false},
        {"", false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_eq(cloud_event_is_structured(rows[i].type, strlen(rows[i].type)),
                     rows[i].is_structured, "%s", rows[i].type);
}

Test(cloud_event, gives_all_that_it_says)
{
    cr_assert(
        read_text(
            "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/myevents/eventservice\","
            "\"type\":\"event.created\",\"subject\":\"abc\",\"time\":\"2026-11-21T10:00:00.5Z\","
            "\"traceparent\":\"00-1-2-01\",\"unknown\":[{\"data\":1}],"
            "\"datacontenttype\":\"application/json\",\"data\":{\"a\":[1,\"}\\\"\"]} }"),
        "%s", error.text);

    cr_expect_str_eq(envelope.id, "7");
    cr_expect_str_eq(envelope.name, "event.created");
    cr_expect_str_eq(envelope.source, "eventservice");
    cr_expect_str_eq(envelope.subject, "abc");
    cr_expect_str_eq(envelope.traceparent, "00-1-2-01");
    cr_expect_eq(envelope.time_ms, 1795255200500);
    cr_expect(body_is("{\"a\":[1,\"}\\\"\"]}"), "%.*s", (int)envelope.body_bytes, envelope.body);
}

Test(cloud_event, leaves_what_it_does_not_say)
{
    cr_assert(read_text("{\"data\":{}," NEEDED "}"), "%s", error.text);

    cr_expect_str_eq(envelope.subject, "old");
    cr_expect_eq(envelope.time_ms, 5);
    cr_expect_str_eq(envelope.source, "shop");
}

Test(cloud_event, finds_its_data_wherever_it_stands)
{
    static const char *const rows[][2] = {
        {"{" NEEDED ",\"data\":{}}", "{}"},
        {" {\n \"data\" : { \"x\" : { \"data\" : 2 } } ,\t" NEEDED " } ",
         "{ \"x\" : { \"data\" : 2 } }"},
        {"{\"a\":\"\\\\\",\"b\":\"\\\"data\\\":1\",\"c\":[[{}],\"]\"],\"data\":[1,2]," NEEDED "}",
         "[1,2]"},
        {"{" NEEDED ",\"n\":-1.5e3,\"t\":true,\"z\":null,\"data\":null}", "null"},
        {"{" NEEDED ",\"data\":12 }", "12"},
        {"{" NEEDED ",\"data\":\"a\\\\\\\"b\"}", "\"a\\\\\\\"b\""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_assert(read_text(rows[i][0]), "%s: %s", rows[i][0], error.text);
        cr_expect(body_is(rows[i][1]), "%.*s", (int)envelope.body_bytes, envelope.body);
    }
}

Test(cloud_event, is_empty_where_a_text_does_not_fit)
{
    cr_assert(
        read_text("{\"specversion\":\"1.0\",\"type\":\"a\",\"source\":\"shop\",\"data\":{},\"id\":"
                  "\"0123456789012345678901234567890123456789012345678901234567890123456789\"}"));

    cr_expect_str_eq(envelope.id, "");
}

Test(cloud_event, that_is_none_leaves_the_envelope_and_says_why)
{
    static const struct {
        const char *text;
        enum error_code code;
        const char *why;
    } rows[] = {
        {"", ERROR_INVALID, "at byte 0"},
        {"[]", ERROR_INVALID, "object"},
        {"{}", ERROR_INVALID, "specversion"},
        {"{\"specversion\":1.0}", ERROR_INVALID, "specversion"},
        {"{\"specversion\":\"2.0\"}", ERROR_UNSUPPORTED, "2.0"},
        {"{\"specversion\":\"1.0\",\"data\":{}}", ERROR_INVALID, "/type"},
        {"{\"specversion\":\"1.0\",\"type\":\"a\",\"id\":\"\",\"source\":\"b\",\"data\":{}}",
         ERROR_INVALID, "/id"},
        {"{\"specversion\":\"1.0\",\"type\":\"a\",\"id\":\"1\",\"source\":5,\"data\":{}}",
         ERROR_INVALID, "/source"},
        {"{" NEEDED "}", ERROR_INVALID, "/data"},
        {"{" NEEDED ",\"data_base64\":\"e30=\"}", ERROR_INVALID, "base64"},
        {"{" NEEDED ",\"time\":\"yesterday\",\"data\":{}}", ERROR_INVALID, "/time"},
        {"{" NEEDED ",\"subject\":null,\"data\":{}}", ERROR_INVALID, "/subject"},
        {"{" NEEDED ",\"data\":{},\"data\":{}}", ERROR_INVALID, "twice"},
        {"{" NEEDED ",\"data\":{}", ERROR_INVALID, "at byte"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_expect_not(read_text(rows[i].text), "%s", rows[i].text);
        cr_expect_eq(error.code, rows[i].code, "%s: %d", rows[i].text, error.code);
        cr_expect(strstr(error.text, rows[i].why), "%s: %s", rows[i].text, error.text);
        cr_expect_str_eq(envelope.name, "old");
        cr_expect_str_eq(envelope.body, "old");
    }
}
