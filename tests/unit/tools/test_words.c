#include "tools/command_line.h"
#include "tools/words.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BYTES = 256 * 1024,
    HELP_COLUMNS = 78
};

static char expected[PAGE_BYTES];
static char printed[PAGE_BYTES];

bool word_is_interrupted(void)
{
    return false;
}

static void read_page(void)
{
    FILE *file = fopen(PROJECT_FOLDER "/docs/tool.md", "r");

    cr_assert(file, "docs/tool.md is missing");
    expected[fread(expected, 1, sizeof(expected) - 1, file)] = '\0';
    (void)fclose(file);
}

/* Run `myevents help-markdown >docs/tool.md`. */
Test(words, are_described_by_docs_tool_md)
{
    FILE *out = fmemopen(printed, sizeof(printed), "w");
    const struct word_call call = {.out = out};
    enum word_status status = WORD_FAILED;
    struct error error = {0};

    cr_assert(word_help_markdown.run(&call, &status, &error), "%s", error.text);
    (void)fclose(out);
    read_page();

    cr_expect_eq(status, WORD_FINE);
    cr_expect_str_eq(printed, expected);
}

Test(words, fit_their_tables)
{
    for (size_t i = 0; i < all_words.n_words; i++) {
        const struct word *word = all_words.words[i];

        cr_expect_leq(word->options_bytes, WORD_OPTIONS_BYTES, "%s", word->name);
        cr_expect_leq(word->n_operands_min, word->n_operands_max, "%s", word->name);
        cr_expect_eq(word->defaults != NULL, word->options_bytes != 0, "%s", word->name);
        for (size_t k = 0; k < word->n_arguments; k++)
            cr_expect_lt(word->arguments[k].offset, word->options_bytes, "%s", word->name);
    }
}

Test(words, fit_a_terminal)
{
    for (size_t i = 0; i < all_words.n_words; i++) {
        for (const char *text = all_words.words[i]->help; *text;
             text += strcspn(text, "\n"), text += *text == '\n')
            cr_expect_leq(strcspn(text, "\n"), HELP_COLUMNS, "%s: %.90s", all_words.words[i]->name,
                          text);
    }
}
