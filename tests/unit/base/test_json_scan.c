#include "base/json.h"
#include "base/json_scan.h"
#include "base/memory.h"

#include <criterion/criterion.h>
#include <string.h>

/* A text and its size, so that NULs may be in it. */
struct input {
    const char *text;
    size_t size_bytes;
};

#define INPUT(text_)                                                                               \
    {                                                                                              \
        (text_), sizeof(text_) - 1                                                                 \
    }

static bool parses(struct input input, struct error *error)
{
    CLEANUP(json_freep) struct json *document = NULL;

    return json_parse(input.text, input.size_bytes, &document, error);
}

Test(json_scan, lets_through_what_rfc_8259_allows)
{
    static const struct input inputs[] = {
        INPUT("0"),
        INPUT("-0"),
        INPUT("-0.0e-0"),
        INPUT("10.25E+2"),
        INPUT("1e308"),
        INPUT("123456789012345678901234567890"),
        INPUT("0.1"),
        INPUT("5e-324"),
        INPUT("1.50e1"),
        INPUT("100e-2"),
        INPUT("9007199254740991.000"),
        INPUT("\"\""),
        INPUT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\uD83D\\uDE00\\uabCD\""),
        INPUT("\"\x7F\xC2\x80\xF0\x9F\x98\x80\""),
        INPUT("true"),
        INPUT(" \t\r\nfalse \t\r\n"),
        INPUT("null"),
        INPUT("[]"),
        INPUT("{ }"),
        INPUT("[ [ ] , { } ]"),
        INPUT("{\"\":1,\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}},\"b\":{\"a\":1}}"),
        INPUT("{\"\xC3\xA4\":1,\"\xC3\x84\":2}"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct error error = {0};

        cr_expect(parses(inputs[i], &error), "%s: %s", inputs[i].text, error.text);
    }
}

struct refused {
    struct input input;
    const char *text;
};

static void expect_refused(const struct refused *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        struct error error = {0};

        cr_expect_not(parses(rows[i].input, &error), "%s", rows[i].input.text);
        cr_expect_eq(error.code, ERROR_INVALID, "%s", rows[i].input.text);
        cr_expect_str_eq(error.text, rows[i].text, "%s: %s", rows[i].input.text, error.text);
    }
}

Test(json_scan, refuses_what_is_no_value)
{
    static const struct refused rows[] = {
        {INPUT(""), "at byte 0: a value was expected"},
        {INPUT(" "), "at byte 1: a value was expected"},
        {INPUT("\xEF\xBB\xBF{}"), "at byte 0: a value was expected"},
        {INPUT("{}{}"), "at byte 2: something follows the value"},
        {INPUT("{}\0"), "at byte 2: something follows the value"},
        {INPUT("1 2"), "at byte 2: something follows the value"},
        {INPUT("]"), "at byte 0: a value was expected"},
        {INPUT("tru"), "at byte 0: a value was expected"},
        {INPUT("True"), "at byte 0: a value was expected"},
        {INPUT("truee"), "at byte 4: something follows the value"},
        {INPUT("nul\0"), "at byte 0: a value was expected"},
        {INPUT("NaN"), "at byte 0: a value was expected"},
        {INPUT("Infinity"), "at byte 0: a value was expected"},
        {INPUT("'a'"), "at byte 0: a value was expected"},
        {INPUT("/* */ 1"), "at byte 0: a value was expected"},
        {INPUT("\v1"), "at byte 0: a value was expected"},
        {INPUT("\xC2\xA0"
               "1"),
         "at byte 0: a value was expected"},
    };

    expect_refused(rows, ARRAY_SIZE(rows));
}

Test(json_scan, refuses_brackets_that_do_not_match)
{
    static const struct refused rows[] = {
        {INPUT("["), "at byte 1: a value was expected"},
        {INPUT("[1"), "at byte 2: a comma or a closing bracket was expected"},
        {INPUT("[1,"), "at byte 3: a value was expected"},
        {INPUT("[1,]"), "at byte 3: a value was expected"},
        {INPUT("[,1]"), "at byte 1: a value was expected"},
        {INPUT("[1 2]"), "at byte 3: a comma or a closing bracket was expected"},
        {INPUT("[1}"), "at byte 2: a comma or a closing bracket was expected"},
        {INPUT("[1\0]"), "at byte 2: a comma or a closing bracket was expected"},
        {INPUT("[[1]"), "at byte 4: a comma or a closing bracket was expected"},
        {INPUT("[1]]"), "at byte 3: something follows the value"},
        {INPUT("{"), "at byte 1: a member's name was expected"},
        {INPUT("{,}"), "at byte 1: a member's name was expected"},
        {INPUT("{\"a\"}"), "at byte 4: a colon was expected"},
        {INPUT("{\"a\":}"), "at byte 5: a value was expected"},
        {INPUT("{\"a\":1,}"), "at byte 7: a member's name was expected"},
        {INPUT("{\"a\":1]"), "at byte 6: a comma or a closing bracket was expected"},
        {INPUT("{a:1}"), "at byte 1: a member's name was expected"},
        {INPUT("{1:1}"), "at byte 1: a member's name was expected"},
        {INPUT("{\"a\" 1}"), "at byte 5: a colon was expected"},
        {INPUT("{\"a\"::1}"), "at byte 5: a value was expected"},
    };

    expect_refused(rows, ARRAY_SIZE(rows));
}

Test(json_scan, refuses_numbers_that_are_none_or_cannot_be_kept)
{
    static const struct refused rows[] = {
        {INPUT("01"), "at byte 0: a value was expected"},
        {INPUT("-"), "at byte 0: a value was expected"},
        {INPUT("-01"), "at byte 0: a value was expected"},
        {INPUT("-a"), "at byte 0: a value was expected"},
        {INPUT("+1"), "at byte 0: a value was expected"},
        {INPUT("1."), "at byte 0: a value was expected"},
        {INPUT("1.e1"), "at byte 0: a value was expected"},
        {INPUT(".5"), "at byte 0: a value was expected"},
        {INPUT("1e"), "at byte 0: a value was expected"},
        {INPUT("1e+"), "at byte 0: a value was expected"},
        {INPUT("1e-+1"), "at byte 0: a value was expected"},
        {INPUT("0x10"), "at byte 1: something follows the value"},
        {INPUT("1e1.5"), "at byte 3: something follows the value"},
        {INPUT("[1_000]"), "at byte 2: a comma or a closing bracket was expected"},
        {INPUT("1e400"), "at byte 0: a number is out of range"},
        {INPUT("-1e400"), "at byte 0: a number is out of range"},
        {INPUT("1e99999999999999999999"), "at byte 0: a number is out of range"},
        {INPUT("1e-400"), "at byte 0: a number has more digits than can be kept"},
        {INPUT("1e-99999999999999999999"), "at byte 0: a number has more digits than can be kept"},
        {INPUT("1.00000000000000000001"), "at byte 0: a number has more digits than can be kept"},
        {INPUT("9007199254740990.6"), "at byte 0: a number has more digits than can be kept"},
        {INPUT("0.1234567890123456789012345678901234567890123456789012345678901234"),
         "at byte 0: a number is too long"},
    };

    expect_refused(rows, ARRAY_SIZE(rows));
}

Test(json_scan, lets_through_the_longest_number_it_may)
{
    static const char number[] =
        "[0.12345678901234567890123456789012345678901234567890123456789012]";

    cr_assert_eq(sizeof(number) - 3, JSON_NUMBER_BYTES_MAX + 1);
    cr_expect_not(parses((struct input)INPUT(number), NULL));
    cr_expect(parses(
        (struct input)INPUT("[0.1234567890123456789012345678901234567890123456789012345678901]"),
        NULL));
}

Test(json_scan, refuses_texts_that_no_reader_can_trust)
{
    static const struct refused rows[] = {
        {INPUT("\""), "at byte 1: a text does not end"},
        {INPUT("\"a"), "at byte 2: a text does not end"},
        {INPUT("\"a\\"), "at byte 3: an unknown escape"},
        {INPUT("\"a\\\""), "at byte 4: a text does not end"},
        {INPUT("\"a\\\0\""), "at byte 3: an unknown escape"},
        {INPUT("\"a\\x41\""), "at byte 3: an unknown escape"},
        {INPUT("\"a\\'\""), "at byte 3: an unknown escape"},
        {INPUT("\"\\U0041\""), "at byte 2: an unknown escape"},
        {INPUT("\"a\nb\""), "at byte 2: a control character in a text"},
        {INPUT("\"a\tb\""), "at byte 2: a control character in a text"},
        {INPUT("\"a\0b\""), "at byte 2: a control character in a text"},
        {INPUT("\"a\x1F\""), "at byte 2: a control character in a text"},
        {INPUT("\"\\u0000\""), "at byte 2: \\u0000 is not allowed"},
        {INPUT("\"\\u00\""), "at byte 5: \\u needs four hex digits"},
        {INPUT("\"\\u00g0\""), "at byte 5: \\u needs four hex digits"},
        {INPUT("\"\\u"), "at byte 3: \\u needs four hex digits"},
        {INPUT("\"\\uD83D\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\\uD83D\\"), "at byte 8: a lone surrogate"},
        {INPUT("\"\\uD83D\\n\""), "at byte 8: a lone surrogate"},
        {INPUT("\"\\uD83D\\u0041\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\\uD83D\\uD83D\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\\uD83D\\uDE0\""), "at byte 12: \\u needs four hex digits"},
        {INPUT("\"\\uDE00\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\\uDE00\\uD83D\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\\uDE00\\uDE00\""), "at byte 2: a lone surrogate"},
        {INPUT("\"\x80\""), "at byte 1: not UTF-8"},
        {INPUT("\"\xC3\""), "at byte 1: not UTF-8"},
        {INPUT("\"\xC3"), "at byte 1: not UTF-8"},
        {INPUT("\"\xC0\xAF\""), "at byte 1: not UTF-8"},
        {INPUT("\"\xED\xA0\x80\""), "at byte 1: not UTF-8"},
        {INPUT("\"\xFF\""), "at byte 1: not UTF-8"},
        {INPUT("{\"\xFF\":1}"), "at byte 2: not UTF-8"},
    };

    expect_refused(rows, ARRAY_SIZE(rows));
}

Test(json_scan, refuses_a_member_that_stands_twice_in_one_object)
{
    static const struct refused rows[] = {
        {INPUT("{\"a\":1,\"a\":2}"), "at byte 8: a member stands twice in its object"},
        {INPUT("{\"seats\":1,\"SeatS\":2}"), "at byte 12: a member stands twice in its object"},
        {INPUT("{\"\":1,\"\":2}"), "at byte 7: a member stands twice in its object"},
        {INPUT("{\"a\":1,\"b\":{\"a\":1},\"A\":2}"),
         "at byte 20: a member stands twice in its object"},
        {INPUT("{\"a\":1,\"\\u0041\":2}"), "at byte 8: a member stands twice in its object"},
        {INPUT("{\"/\":1,\"\\/\":2}"), "at byte 8: a member stands twice in its object"},
        {INPUT("{\"\\n\":1,\"\\u000A\":2}"), "at byte 9: a member stands twice in its object"},
        {INPUT("{\"\xF0\x9F\x98\x80\":1,\"\\uD83D\\uDE00\":2}"),
         "at byte 11: a member stands twice in its object"},
        {INPUT("{\"\xC3\xA4\":1,\"\\u00E4\":2}"), "at byte 9: a member stands twice in its object"},
        {INPUT("[{\"a\":1},{\"x\":{\"b\":1,\"c\":2,\"B\":3}}]"),
         "at byte 28: a member stands twice in its object"},
    };

    expect_refused(rows, ARRAY_SIZE(rows));
}

Test(json_scan, tells_names_apart_that_only_begin_alike)
{
    static const struct input inputs[] = {
        INPUT("{\"a\":1,\"ab\":2,\"abc\":3,\"\":4}"),
        INPUT("{\"\\\\n\":1,\"\\n\":2}"),
        INPUT("{\"\\\"\":1,\"a\\\"\":2,\"a\":3}"),
        INPUT("{\"@\":1,\"`\":2,\"[\":3,\"{\":4}"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
        cr_expect(parses(inputs[i], NULL), "%s", inputs[i].text);
}

static void nested(char *text, size_t depth)
{
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
}

Test(json_scan, goes_64_brackets_deep_and_no_deeper)
{
    char text[2 * 65];
    struct error error = {0};

    nested(text, 64);
    cr_expect(parses((struct input){text, 128}, NULL));
    nested(text, 65);
    cr_expect_not(parses((struct input){text, 130}, &error));
    cr_expect_str_eq(error.text, "at byte 64: nested too deeply");
}

Test(json_scan, bears_a_million_opening_brackets)
{
    CLEANUP(memory_freep) char *text = memory_new(1000000, NULL);
    struct error error = {0};

    cr_assert_not_null(text);
    memset(text, '[', 1000000);
    cr_expect_not(parses((struct input){text, 1000000}, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
}

/* Members with names as long as @width; the last repeats the first in capitals when @repeat. */
static struct buffer object_of(size_t n_members, int width, bool repeat)
{
    struct buffer buffer;

    buffer_init(&buffer, (size_t)16 << 20);
    for (size_t i = 0; i < n_members; i++)
        buffer_format(&buffer, "%c\"n%0*zx\":0", i == 0 ? '{' : ',', width, i);
    if (repeat)
        buffer_format(&buffer, ",\"N%0*x\":0", width, 0);
    buffer_char(&buffer, '}');
    cr_assert(buffer_ok(&buffer, NULL));
    return buffer;
}

Test(json_scan, finds_the_repeated_one_among_a_hundred_thousand, .timeout = 20)
{
    CLEANUP(buffer_clear) struct buffer good = object_of(100000, 1, false);
    CLEANUP(buffer_clear) struct buffer bad = object_of(100000, 1, true);
    struct error error = {0};

    cr_expect(json_scan(good.data, good.size_bytes, NULL));
    cr_expect_not(json_scan(bad.data, bad.size_bytes, &error));
    cr_expect(strstr(error.text, "a member stands twice"), "%s", error.text);
}

Test(json_scan, bears_long_names_that_differ_at_their_ends, .timeout = 20)
{
    CLEANUP(buffer_clear) struct buffer good = object_of(5000, 1000, false);

    cr_expect(json_scan(good.data, good.size_bytes, NULL));
}

Test(json_scan, never_reads_beyond_the_size_given)
{
    static const char text[] =
        "{\"a\\uD83D\\uDE00\":[true,false,null,-1.5e+3,\"\xF0\x9F\x98\x80\"]}";

    for (size_t size_bytes = 0; size_bytes < sizeof(text) - 1; size_bytes++) {
        /* A block of just that size, so that the address sanitizer sees a byte too far. */
        CLEANUP(memory_freep) char *cut = memory_copy(text, size_bytes, NULL);

        cr_assert_not_null(cut);
        cr_expect_not(parses((struct input){cut, size_bytes}, NULL), "%zu bytes", size_bytes);
    }
    cr_expect(parses((struct input)INPUT(text), NULL));
}

Test(json_scan, agrees_with_cjson_on_whatever_it_lets_through)
{
    static const char seed[] = "{\"a\":[1,-2.5e3,\"x\\n\\u00e4\",{\"b\":null}],\"c\":true}";
    static const char bytes[] = "{}[]\",:\\u0129eE+-. tn\x80\xC3\xFF\x01";
    size_t n_passed = 0;

    for (size_t at = 0; at < sizeof(seed) - 1; at++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            char text[sizeof(seed)];
            struct error error = {0};

            memcpy(text, seed, sizeof(seed));
            text[at] = bytes[i];
            if (parses((struct input){text, sizeof(seed) - 1}, &error))
                n_passed++;
            else
                cr_expect_eq(error.code, ERROR_INVALID, "%s: %s", text, error.text);
        }
    }
    cr_expect_gt(n_passed, 0);
}
