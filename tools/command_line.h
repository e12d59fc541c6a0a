/* The command line of the tool, read by the rows of tools/word.h. One thread. */
#ifndef EVENTS_TOOLS_COMMAND_LINE_H
#define EVENTS_TOOLS_COMMAND_LINE_H

#include "base/buffer.h"
#include "tools/word.h"

struct command_line {
    const struct word *word; /* NULL: none was given, or help for all of them was asked for */
    bool help;
    bool version;
    struct word_call call;
    /* What call.options points to. */
    _Alignas(max_align_t) unsigned char options[WORD_OPTIONS_BYTES];
};

/*
 * Read @argv by the rows of @list, and @environment ("NAME=value" texts ended by NULL). @line keeps
 * pointers into itself and into @argv: do not copy it. ERROR_INVALID names the word or option and
 * what was wrong with it.
 */
MUST_CHECK bool command_line_read(const struct word_list *list, int argc, char *const argv[],
                                  char *const environment[], struct command_line *line,
                                  struct error *error);

/* What --help says: about @word, or about all when it is NULL. */
void command_line_help(const struct word_list *list, const struct word *word, struct buffer *text);

#endif
