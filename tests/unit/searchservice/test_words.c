#include "searchservice/words.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *words_of(const char *text)
{
    static struct buffer words;

    buffer_clear(&words);
    buffer_init(&words, 4096);
    words_append(&words, "", text);
    return words.data ? words.data : "";
}

Test(words, are_compared_without_case_and_accents)
{
    static const char *const rows[][2] = {
        {"Aida", "aida"},
        {"ZOË zoë Zoe\xCC\x88", "zoe zoe zoe"},
        {"Straße STRASSE", "strasse strasse"},
        {"Œuvre Ærø Łódź Þingvellir", "oeuvre aero lodz thingvellir"},
        {"Ÿ ž ſ", "y z s"},
        {"ΑΘΉΝΑ Αθήνα ΛΌΓΟΣ λόγος", "αθηνα αθηνα λογοσ λογοσ"},
        {"МОСКВА Ёлка Ђорђе", "москва елка ђорђе"},
        {"東京 2026", "東京 2026"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(words_of(rows[i][0]), rows[i][1]);
}

/* Also those that are no character yet: what is stored and what is asked for go through here alike. */
Test(words, folded_again_stay_what_they_are)
{
    for (uint32_t character = 0x80; character < 0x800; character++) {
        const char text[] = {(char)(0xC0 | character >> 6), (char)(0x80 | (character & 0x3F)),
                             '\0'};
        char once[64];

        snprintf(once, sizeof(once), "%s", words_of(text));
        cr_expect_str_eq(words_of(once), once, "U+%04X", (unsigned)character);
    }
}

Test(words, end_at_what_is_no_letter_or_digit)
{
    static const char *const rows[][2] = {
        {"", ""},
        {" -- !?", ""},
        {"rock'n'roll", "rock n roll"},
        {"  L’Opéra:\tacte 2\n", "l opera acte 2"},
        {"3×4÷2", "3 4 2"},
        {"a\xC2\xA0"
         "b、c…d",
         "a b c d"},
        {"$where .* {}", "where"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(words_of(rows[i][0]), rows[i][1]);
}

Test(words, are_counted_and_marked)
{
    CLEANUP(buffer_clear) struct buffer words = {0};

    buffer_init(&words, 4096);
    cr_expect_eq(words_append(&words, "", "West Side Story"), 3);
    cr_expect_eq(words_append(&words, "@", "New York"), 2);
    cr_expect_eq(words_append(&words, "@", "..."), 0);

    cr_expect_str_eq(words.data, "west side story @new @york");
}

Test(words, that_are_long_are_cut_between_characters)
{
    char text[256] = "";

    for (int i = 0; i < 31; i++)
        strcat(text, "я");
    strcat(text, "a b");

    cr_expect_eq(strlen(words_of(text)), WORD_BYTES_MAX + strlen(" b"));
    cr_expect_eq(strncmp(words_of(text), text, WORD_BYTES_MAX), 0);
    memcpy(text, "a", 1); /* breaks the first letter: what is no UTF-8 ends the text */
    cr_expect_str_eq(words_of(text), "a");
}
