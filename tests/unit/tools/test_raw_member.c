#include "tools/messages/raw_member.h"

#include <criterion/criterion.h>
#include <string.h>

Test(raw_member, finds_each_kind_of_value_as_it_stands)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: there is none */
    } rows[] = {
        {"{\"b\":1}", "1"},
        {" { \"a\" : [1,{\"b\":2}] , \"b\" : -1.5e3 } ", "-1.5e3"},
        {"{\"a\":\"\\\",\\\"b\\\":\",\"b\":\"x\\\\\"}", "\"x\\\\\""},
        {"{\"b\":{\"b\":[\"]\",\"}\"]}}", "{\"b\":[\"]\",\"}\"]}"},
        {"{\"a\":{},\"B\":null,\"c\":[]}", "null"},
        {"{\"a\":\"b\",\"bb\":1}", NULL},
        {"{\"a\":{\"b\":1}}", NULL},
        {"{}", NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *value = NULL;
        size_t size_bytes = 0;
        bool found = raw_member(rows[i].text, "b", &value, &size_bytes);

        cr_assert_eq(found, rows[i].expected != NULL, "%s", rows[i].text);
        if (!found)
            continue;
        cr_expect_eq(size_bytes, strlen(rows[i].expected), "%s", rows[i].text);
        cr_expect_eq(strncmp(value, rows[i].expected, size_bytes), 0, "%s", rows[i].text);
    }
}
