/* How the tests of the configuration load one: words of a command line, an environment, a file. */
#ifndef EVENTS_TESTS_CONFIGS_LOADING_H
#define EVENTS_TESTS_CONFIGS_LOADING_H

#include "configs/config.h"

enum {
    GIVEN_MAX = 8
};

/* What is given, each ended by NULL; NULL for none. The program's own name is added. */
struct given {
    enum config_service service; /* 0: the event service */
    const char *flags[GIVEN_MAX];
    const char *environment[GIVEN_MAX];
};

/* What came out. */
struct loaded {
    struct config config;
    enum config_request request;
};

bool try_to_load(const struct given *given, struct loaded *loaded, struct error *error);

/* Load; the test ends when it is refused. */
struct loaded load(const struct given *given);

/* Load, and check that it is refused with @text. */
void refuse(const struct given *given, const char *text);

/* Write @text, in which ' stands for ", to a file of this test; its path, in static memory. */
const char *file_with(const char *text);

/* All of the file @path of the project; static memory. */
const char *project_file(const char *path);

/* What config_answer() writes; static memory. */
const char *answer_of(const struct config *config, enum config_request request);

#endif
