/* All words, as help lists them. */
#include "tools/words.h"

#include "base/cleanup.h"

static const struct word *const words[] = {
    &word_watch,  &word_dead_list, &word_dead_show, &word_dead_redrive,  &word_dead_drop,
    &word_replay, &word_publish,   &word_rebuild,   &word_announce,      &word_compare,
    &word_check,  &word_seed,      &word_topology,  &word_help_markdown,
};

const struct word_list all_words = {words, ARRAY_SIZE(words)};
