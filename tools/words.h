/* The words of the tool, each defined in the file of its name; a new one is a row in words.c as well. */
#ifndef EVENTS_TOOLS_WORDS_H
#define EVENTS_TOOLS_WORDS_H

#include "tools/word.h"

extern const struct word word_announce;
extern const struct word word_check;
extern const struct word word_compare;
extern const struct word word_dead_drop;
extern const struct word word_dead_list;
extern const struct word word_dead_redrive;
extern const struct word word_dead_show;
extern const struct word word_help_markdown;
extern const struct word word_publish;
extern const struct word word_rebuild;
extern const struct word word_replay;
extern const struct word word_seed;
extern const struct word word_topology;
extern const struct word word_watch;

extern const struct word_list all_words;

#endif
