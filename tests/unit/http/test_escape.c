#include "http/escape.h"

#include <criterion/criterion.h>
#include <string.h>

static bool decodes_to(const char *text, enum http_plus plus, const char *expected)
{
    char decoded[64];

    return http_decode(text, strlen(text), plus, decoded, sizeof(decoded)) &&
           strcmp(decoded, expected) == 0;
}

static bool decodes(const char *text)
{
    char decoded[64];

    return http_decode(text, strlen(text), HTTP_PLUS_IS_PLUS, decoded, sizeof(decoded));
}

Test(escape, decodes_both_cases_of_hex_digits)
{
    cr_expect(decodes_to("caf%C3%a9", HTTP_PLUS_IS_PLUS, "caf\xc3\xa9"));
    cr_expect(decodes_to("", HTTP_PLUS_IS_PLUS, ""));
    cr_expect(decodes_to("100%25", HTTP_PLUS_IS_PLUS, "100%"));
}

Test(escape, takes_a_plus_for_a_space_in_queries_only)
{
    cr_expect(decodes_to("a+b%2B", HTTP_PLUS_IS_SPACE, "a b+"));
    cr_expect(decodes_to("a+b%2B", HTTP_PLUS_IS_PLUS, "a+b+"));
}

Test(escape, refuses_what_is_no_escape)
{
    cr_expect_not(decodes("%"));
    cr_expect_not(decodes("%4"));
    cr_expect_not(decodes("%zz"));
    cr_expect_not(decodes("%4g"));
    cr_expect_not(decodes("%-1"));
}

Test(escape, refuses_a_nul_and_bytes_that_are_no_utf8)
{
    cr_expect_not(decodes("a%00b"));
    cr_expect_not(decodes("%ff"));
    cr_expect_not(decodes("%c3"));
    cr_expect_not(decodes("%ed%a0%80"));
}

Test(escape, stays_within_its_room)
{
    char decoded[4];

    cr_expect(http_decode("abc", 3, HTTP_PLUS_IS_PLUS, decoded, sizeof(decoded)));
    cr_expect_not(http_decode("abcd", 4, HTTP_PLUS_IS_PLUS, decoded, sizeof(decoded)));
    cr_expect_not(http_decode("", 0, HTTP_PLUS_IS_PLUS, decoded, 0));
}

Test(escape, decodes_in_place)
{
    char text[] = "a%2fb";

    cr_assert(http_decode(text, strlen(text), HTTP_PLUS_IS_PLUS, text, sizeof(text)));

    cr_expect_str_eq(text, "a/b");
}
