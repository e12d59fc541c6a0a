#include "loading.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TEXT_BYTES = 128 * 1024
};

/* A command line and an environment are not const, so literals have to be copied. */
static void copy(const char *const *texts, size_t n_texts, char **copies)
{
    for (size_t i = 0; i < n_texts && texts[i]; i++) {
        copies[i] = strdup(texts[i]);
        cr_assert_not_null(copies[i]);
    }
}

static void clear(char **copies, size_t n_copies)
{
    for (size_t i = 0; i < n_copies; i++)
        free(copies[i]);
}

bool try_to_load(const struct given *given, struct loaded *loaded, struct error *error)
{
    char program[] = "service";
    char *argv[GIVEN_MAX + 2] = {program};
    char *environment[GIVEN_MAX + 1] = {0};
    int argc = 1;
    bool fine;

    copy(given->flags, GIVEN_MAX, argv + 1);
    copy(given->environment, GIVEN_MAX, environment);
    while (argv[argc])
        argc++;
    fine = config_load(given->service ? given->service : CONFIG_EVENTSERVICE, argc, argv,
                       environment, &loaded->config, &loaded->request, error);
    clear(argv + 1, GIVEN_MAX);
    clear(environment, GIVEN_MAX);
    return fine;
}

struct loaded load(const struct given *given)
{
    struct loaded loaded = {0};
    struct error error = {0};

    cr_assert(try_to_load(given, &loaded, &error), "%s", error.text);
    return loaded;
}

void refuse(const struct given *given, const char *text)
{
    struct loaded loaded = {0};
    struct error error = {0};

    cr_expect_not(try_to_load(given, &loaded, &error), "%s", text);
    cr_expect_eq(error.code, ERROR_INVALID, "%s", text);
    cr_expect_str_eq(error.text, text);
    cr_expect_eq(loaded.config.service, 0, "the configuration was written in spite of: %s", text);
}

static char path[] = "/tmp/config-XXXXXX";

static void remove_file(void)
{
    unlink(path);
}

const char *file_with(const char *text)
{
    static int descriptor = -1;
    FILE *file;

    if (descriptor < 0) {
        descriptor = mkstemp(path);
        atexit(remove_file);
    }
    file = fopen(path, "w");
    cr_assert_not_null(file);
    for (; *text; text++)
        fputc(*text == '\'' ? '"' : *text, file);
    fclose(file);
    return path;
}

const char *project_file(const char *name)
{
    static char text[TEXT_BYTES];
    char full[1024];
    FILE *file;
    size_t size;

    snprintf(full, sizeof(full), PROJECT_FOLDER "/%s", name);
    file = fopen(full, "r");
    cr_assert_not_null(file, "%s is missing", full);
    size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

const char *answer_of(const struct config *config, enum config_request request)
{
    static char text[TEXT_BYTES];
    FILE *stream = fmemopen(text, sizeof(text), "w");

    cr_assert_not_null(stream);
    config_answer(config, request, stream);
    fclose(stream);
    return text;
}
