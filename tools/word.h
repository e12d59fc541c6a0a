/*
 * A word of the tool: `myevents WORD [--option value ...] [OPERAND ...]`. One file for each, one row in
 * tools/words.c. Help and the reading of the command line come from the same rows.
 *
 * Every word understands --help, --json (results as JSON, one object a line, on standard output) and
 * --broker URL. Progress and errors go to standard error. One thread.
 */
#ifndef EVENTS_TOOLS_WORD_H
#define EVENTS_TOOLS_WORD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the process ends with. */
enum word_status {
    WORD_FINE = 0,
    WORD_FOUND = 1,  /* the answer is no: copies differ, a rule is broken, messages were left */
    WORD_USAGE = 2,  /* the command line, or a file it names, is not understood */
    WORD_FAILED = 3, /* a server is away, a file is unreadable: it may be tried again */
    WORD_INTERRUPTED = 130, /* SIGINT or SIGTERM; what was begun is whole, the rest was not begun */
};

enum argument_kind {
    ARGUMENT_FLAG,   /* bool; has no value */
    ARGUMENT_NUMBER, /* int64_t, within least and most */
    ARGUMENT_TEXT,   /* const char *, borrowed from the command line */
};

struct argument {
    const char *name; /* without "--" */
    enum argument_kind kind;
    size_t offset;     /* of the member it fills in the word's options */
    const char *value; /* how help calls the value: "SECONDS" */
    const char *help;
    int64_t least, most;  /* numbers */
    const char *variable; /* of the environment, when the flag is absent; NULL: none */
};

struct word_call {
    void *options; /* the word's own struct: its defaults, and what the command line says */
    char *const *operands;
    size_t n_operands;
    bool json;
    const char *broker_url; /* --broker, AMQP_BROKER_URL or AMQP_URL, else the local one */
    FILE *out;              /* results */
    FILE *progress;         /* for a person; NULL when nobody looks */
};

struct word {
    const char *name;     /* "dead list": a second part is part of the name */
    const char *operands; /* how help calls them: "[BINDING]"; empty: none */
    const char *summary;  /* one line, no full stop */
    const char *help;     /* what one has to know, lines of at most 78 characters */
    const struct argument *arguments;
    size_t n_arguments;
    size_t n_operands_min, n_operands_max;
    const void *defaults; /* a struct like the one it fills; NULL: it has no options of its own */
    size_t options_bytes; /* its size, at most WORD_OPTIONS_BYTES */

    /*
     * Do it. False and @error when it could not be done; true and a @status otherwise. It looks at
     * word_is_interrupted() between steps, and then leaves with WORD_INTERRUPTED and nothing half done.
     */
    bool (*run)(const struct word_call *call, enum word_status *status, struct error *error);
};

/* Words in the order in which help lists them. */
struct word_list {
    const struct word *const *words;
    size_t n_words;
};

enum {
    WORD_OPTIONS_BYTES = 512
};

/* Whether SIGINT or SIGTERM came. Any thread. */
bool word_is_interrupted(void);

/* ERROR_INVALID is a mistake of the command line, anything else may be tried again. */
enum word_status word_status_of(enum error_code code);

#endif
