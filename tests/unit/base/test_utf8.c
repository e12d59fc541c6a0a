#include "base/utf8.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

Test(utf8, takes_every_character_of_unicode_and_gives_it_back)
{
    static const struct {
        const char *text;
        uint32_t character;
    } characters[] = {
        {"\x01", 0x01},
        {"\x7F", 0x7F},
        {"\xC2\x80", 0x80},
        {"\xDF\xBF", 0x7FF},
        {"\xE0\xA0\x80", 0x800},
        {"\xED\x9F\xBF", 0xD7FF},
        {"\xEE\x80\x80", 0xE000},
        {"\xEF\xBF\xBF", 0xFFFF},
        {"\xF0\x90\x80\x80", 0x10000},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF},
    };

    for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
        size_t size_bytes = strlen(characters[i].text);
        uint32_t character = 0;

        cr_expect_eq(utf8_decode(characters[i].text, size_bytes, &character), size_bytes);
        cr_expect_eq(character, characters[i].character, "U+%04X", characters[i].character);
        cr_expect(utf8_valid(characters[i].text, size_bytes));
    }
}

Test(utf8, refuses_what_rfc_3629_forbids)
{
    static const char *const texts[] = {
        "\x80",             /* continues nothing */
        "\xC0\x80",         /* overlong */
        "\xC1\xBF",         /* overlong */
        "\xE0\x9F\xBF",     /* overlong */
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* surrogates */
        "\xED\xBF\xBF",     /* surrogates */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "\xF5\x80\x80\x80", /* beyond U+10FFFF */
        "\xFF",             /* begins nothing */
        "\xC3",             /* cut */
        "\xE2\x82",         /* cut */
        "\xF0\x9F\x98",     /* cut */
        "\xC3(",            /* not continued */
        "\xE2(\xAC",        /* not continued */
        "ok\xE2\x82(",      /* not continued */
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        cr_expect_not(utf8_valid(texts[i], strlen(texts[i])), "row %zu", i);
    cr_expect_not(utf8_valid("a\0b", 3));
    cr_expect(utf8_valid("", 0));
}

Test(utf8, does_not_read_beyond_the_size_given)
{
    uint32_t character = 77;

    cr_expect_eq(utf8_decode("\xC3\xA4", 1, &character), 0);
    cr_expect_eq(utf8_decode("a", 0, &character), 0);
    cr_expect_eq(character, 77);
}

Test(utf8, counts_characters)
{
    cr_expect_eq(utf8_length(""), 0);
    cr_expect_eq(utf8_length("Händel"), 6);
    cr_expect_eq(utf8_length("a€😀"), 3);
}

Test(utf8, loses_only_a_character_that_was_cut)
{
    static const char *const texts[][2] = {
        {"", ""},         {"abc", "abc"},           {"ab€", "ab€"}, {"ab\xE2\x82", "ab"},
        {"ab\xE2", "ab"}, {"ab\xF0\x9F\x98", "ab"}, {"\xF0", ""},   {"😀", "😀"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        char text[16];

        strcpy(text, texts[i][0]);
        utf8_cut(text);
        cr_expect_str_eq(text, texts[i][1], "row %zu: %s", i, text);
    }
}
