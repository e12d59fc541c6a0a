/*
 * The rows behind config.h: what an option is called, what it may hold, and which member of struct
 * config keeps it. Only this folder and its tests look at them. One thread, at start.
 */
#ifndef EVENTS_CONFIGS_OPTION_H
#define EVENTS_CONFIGS_OPTION_H

#include "base/buffer.h"
#include "configs/config.h"

#include <stddef.h>

enum {
    OPTIONS_MAX = 32,
    OPTION_VARIABLES_MAX = 2,
    OPTION_NAME_BYTES = 64,
};

enum option_kind {
    OPTION_TEXT,    /* min: the fewest bytes */
    OPTION_WORD,    /* one of the words */
    OPTION_ADDRESS, /* "host:port", ":port" */
    OPTION_URL,     /* starts with one of the words; a secret */
    OPTION_LIST,   /* texts split at commas and spaces; each starts with one of the words, if any */
    OPTION_NUMBER, /* min to max */
    OPTION_SWITCH, /* true or false */
};

struct config_option {
    const char *key;
    enum option_kind kind;
    int services;                                /* the bits of those that have it */
    const char *variables[OPTION_VARIABLES_MAX]; /* those MyEvents always had; NULL: none */
    size_t offset;                               /* of the member in struct config */
    size_t size_bytes;                           /* of the member */
    int64_t min;
    int64_t max;
    const char *const *words;    /* NULL-terminated */
    const char *event_default;   /* of the event service */
    const char *booking_default; /* of the booking service; NULL: the same */
    const char *search_default;  /* of the search service; NULL: the same */
    const char *help;
};

extern const struct config_option config_options[];
extern const size_t n_config_options;

/* NULL when there is none. Case matters not, as in the configuration files of MyEvents. */
const struct config_option *option_find(const char *key);
bool option_is_offered(const struct config_option *option, enum config_service service);
const char *option_default(const struct config_option *option, enum config_service service);

/* "booking" for the booking service, whose program is called bookingservice. */
const char *option_service(enum config_service service);

/* "MYEVENTS_THREADS" */
void option_variable(const struct config_option *option, char name[OPTION_NAME_BYTES]);

/* What it may hold, as the end of a sentence: "a whole number from 4 to 4096". */
void option_bounds(const struct config_option *option, struct buffer *text);

/*
 * Put @text into @config. ERROR_INVALID, with @config unchanged, when it is out of bounds or the
 * service has no such option; the text names key, variables, bounds and @source.
 */
MUST_CHECK bool option_set(const struct config_option *option, struct config *config,
                           const char *text, const char *source, struct error *error);

/* The refusal of option_set(); @text is NULL when it can not be shown. Returns false. */
bool option_refuse(const struct config_option *option, const char *text, const char *source,
                   struct error *error);

const char *option_text(const struct config_option *option, const struct config *config);
int64_t option_number(const struct config_option *option, const struct config *config);
bool option_switch(const struct config_option *option, const struct config *config);

/* config_file.c: every member of the JSON object in the file @path. */
MUST_CHECK bool config_read_file(struct config *config, const char *path, struct error *error);

/* What a command line says: texts of options by row, NULL where none is given. */
struct config_flags {
    const char **values; /* OPTIONS_MAX; borrowed from the command line */
    const char *file;
    enum config_request request;
};

/* config_flags.c */
MUST_CHECK bool config_read_flags(int argc, char *const argv[], struct config_flags *flags,
                                  struct error *error);

/* The flags that ask for something, for reading and for help. */
struct config_word {
    const char *flag;
    enum config_request request;
    const char *help;
};

extern const struct config_word config_words[];
extern const size_t n_config_words;

#endif
