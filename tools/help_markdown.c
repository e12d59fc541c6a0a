/* The help of all words as a page: docs/tool.md is what this prints. */
#include "tools/command_line.h"
#include "tools/words.h"

enum {
    PAGE_BYTES_MAX = 256 * 1024
};

static const char beginning[] =
    "# myevents\n"
    "\n"
    "The operator's tool: what happens to messages is seen, repaired and told again, and what the\n"
    "services store is compared. `myevents WORD --help` says the same as this page, which\n"
    "`myevents help-markdown` writes.\n"
    "\n";

static void add_word(const struct word *word, struct buffer *page)
{
    buffer_format(page, "\n## %s\n\n```\n", word->name);
    command_line_help(&all_words, word, page);
    buffer_text(page, "```\n");
}

static bool help_markdown(const struct word_call *call, enum word_status *status,
                          struct error *error)
{
    CLEANUP(buffer_clear) struct buffer page = {0};

    buffer_init(&page, PAGE_BYTES_MAX);
    buffer_text(&page, beginning);
    buffer_text(&page, "```\n");
    command_line_help(&all_words, NULL, &page);
    buffer_text(&page, "```\n");
    for (size_t i = 0; i < all_words.n_words; i++)
        add_word(all_words.words[i], &page);
    if (!buffer_ok(&page, error))
        return false;
    fputs(page.data, call->out);
    *status = WORD_FINE;
    return true;
}

const struct word word_help_markdown = {
    .name = "help-markdown",
    .operands = "",
    .summary = "the help of all words, as in docs/tool.md",
    .help = "  myevents help-markdown >docs/tool.md\n",
    .run = help_markdown,
};
