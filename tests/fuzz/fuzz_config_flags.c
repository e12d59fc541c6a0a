/* A command line, an argument a line; an empty line; the environment, a variable a line. */
#include "base/memory.h"
#include "configs/option.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    INPUT_BYTES_MAX = 8 * 1024,
    TEXTS_MAX = 64
};

/* Texts up to an empty line or the end, NULL behind the last one; how many there are. */
static int read_texts(struct fuzz_input *input, char *texts[TEXTS_MAX], int n)
{
    while (input->left_bytes > 0 && n < TEXTS_MAX - 1) {
        char *line = fuzz_line(input);

        if (!*line) {
            memory_free(line);
            break;
        }
        texts[n++] = line;
    }
    texts[n] = NULL;
    return n;
}

static void free_texts(char *texts[TEXTS_MAX], int n)
{
    for (int i = 0; i < n; i++)
        memory_free(texts[i]);
}

static void must_be_config(const struct config *config)
{
    for (size_t i = 0; i < n_config_options; i++) {
        const struct config_option *option = &config_options[i];

        if (!option_is_offered(option, config->service))
            continue;
        if (option->kind == OPTION_NUMBER)
            MUST(option_number(option, config) >= option->min &&
                 option_number(option, config) <= option->max);
        else if (option->kind != OPTION_SWITCH)
            MUST(strnlen(option_text(option, config), option->size_bytes) < option->size_bytes);
    }
    MUST((config->tls_certificate[0] == '\0') == (config->tls_key[0] == '\0'));
}

/* Behind the equals sign; NULL when it is absent or empty. */
static const char *variable_of(char *environment[], const char *name)
{
    for (; *environment; environment++) {
        const char *value = strchr(*environment, '=');

        if (value && value[1] && strlen(name) == (size_t)(value - *environment) &&
            strncmp(name, *environment, strlen(name)) == 0)
            return value + 1;
    }
    return NULL;
}

/* What is given first in this order: flag, variables, default. */
static const char *given_first(const struct config_option *option, const char *flag,
                               char *environment[], enum config_service service)
{
    char own[OPTION_NAME_BYTES];
    const char *value = flag;

    option_variable(option, own);
    if (!value)
        value = variable_of(environment, own);
    for (size_t i = 0; !value && i < OPTION_VARIABLES_MAX && option->variables[i]; i++)
        value = variable_of(environment, option->variables[i]);
    return value ? value : option_default(option, service);
}

static void must_be_same(const struct config_option *option, const struct config *a,
                         const struct config *b)
{
    if (option->kind == OPTION_NUMBER)
        MUST(option_number(option, a) == option_number(option, b));
    else if (option->kind == OPTION_SWITCH)
        MUST(option_switch(option, a) == option_switch(option, b));
    else
        MUST(strcmp(option_text(option, a), option_text(option, b)) == 0);
}

/* Each option holds what it would if nothing else had been given. */
static void must_hold_first(const struct config *config, const char *const flags[],
                            char *environment[])
{
    for (size_t i = 0; i < n_config_options; i++) {
        const struct config_option *option = &config_options[i];
        struct config alone = {.service = config->service};

        if (!option_is_offered(option, config->service))
            continue;
        MUST(option_set(option, &alone, given_first(option, flags[i], environment, config->service),
                        "", NULL));
        must_be_same(option, config, &alone);
    }
}

static void load(enum config_service service, int argc, char *argv[], char *environment[])
{
    static const struct config untouched = {.service_name = "untouched"};
    const char *values[OPTIONS_MAX] = {0};
    struct config_flags flags = {.values = values};
    enum config_request request = CONFIG_VERSION;
    struct config config = untouched;
    struct error error = {0};

    if (config_read_flags(argc, argv, &flags, &error) && flags.file)
        return; /* any file there is: fuzz_config_file.c has files */
    error = (struct error){0};
    if (config_load(service, argc, argv, environment, &config, &request, &error)) {
        must_be_config(&config);
        if (request == CONFIG_RUN)
            must_hold_first(&config, values, environment);
        return;
    }
    fuzz_must_be_refusal(&error);
    MUST(error.code == ERROR_INVALID && request == CONFIG_VERSION);
    MUST(memcmp(&config, &untouched, sizeof(config)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    char *argv[TEXTS_MAX];
    char *environment[TEXTS_MAX];
    int argc = read_texts(&input, argv, 0);
    int n_variables = read_texts(&input, environment, 0);

    if (argc > 0) {
        load(CONFIG_EVENTSERVICE, argc, argv, environment);
        load(CONFIG_BOOKINGSERVICE, argc, argv, environment);
    }
    free_texts(argv, TEXTS_MAX < argc ? TEXTS_MAX : argc);
    free_texts(environment, n_variables);
    return 0;
}
