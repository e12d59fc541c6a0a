/*
 * The words of a text, as a search compares them: lower case, without accents (Latin and Greek; "Zoë",
 * "ZOE" and "zoe" are one word, "Straße" is "strasse"), split at whatever is no letter or digit. Pure,
 * any thread.
 */
#ifndef EVENTS_SEARCHSERVICE_WORDS_H
#define EVENTS_SEARCHSERVICE_WORDS_H

#include "base/buffer.h"

enum {
    WORD_BYTES_MAX = 60 /* what is longer is compared by so much of it; with its mark */
};

/*
 * Append the words of @text, which is valid UTF-8, to @words, separated from each other and from what
 * is there by single spaces. Each begins with @mark, "" for none: a word of a place is another word than
 * the same one of a name. Returns how many they are.
 */
size_t words_append(struct buffer *words, const char *mark, const char *text);

#endif
