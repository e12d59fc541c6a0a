#include "configs/config.h"

#include "configs/option.h"

#include <string.h>

/* NULL when it is absent or empty: what starts programs often cannot leave a variable out. */
static const char *find_variable(char *const environment[], const char *name)
{
    size_t length = strlen(name);

    for (; *environment; environment++) {
        const char *entry = *environment;

        if (strncmp(entry, name, length) == 0 && entry[length] == '=' && entry[length + 1] != '\0')
            return entry + length + 1;
    }
    return NULL;
}

static bool take_default(const struct config_option *option, struct config *config,
                         struct error *error)
{
    return option_set(option, config, option_default(option, config->service), "the defaults",
                      error);
}

/* The variable named after the key comes before those MyEvents always had. */
static bool take_variable(const struct config_option *option, char *const environment[],
                          struct config *config, struct error *error)
{
    char own[OPTION_NAME_BYTES];
    const char *names[] = {own, option->variables[0], option->variables[1]};

    option_variable(option, own);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = names[i] ? find_variable(environment, names[i]) : NULL;

        if (value)
            return option_set(option, config, value, names[i], error);
    }
    return true;
}

static bool take_defaults(struct config *config, struct error *error)
{
    for (size_t i = 0; i < n_config_options; i++) {
        if (option_is_offered(&config_options[i], config->service) &&
            !take_default(&config_options[i], config, error))
            return false;
    }
    return true;
}

/* Options of other services are left out: all may be started from one environment. */
static bool take_environment(char *const environment[], struct config *config, struct error *error)
{
    for (size_t i = 0; i < n_config_options; i++) {
        if (option_is_offered(&config_options[i], config->service) &&
            !take_variable(&config_options[i], environment, config, error))
            return false;
    }
    return true;
}

static bool take_flags(const struct config_flags *flags, struct config *config, struct error *error)
{
    for (size_t i = 0; i < n_config_options; i++) {
        if (flags->values[i] &&
            !option_set(&config_options[i], config, flags->values[i], "the flags", error))
            return false;
    }
    return true;
}

static bool check_together(const struct config *config, struct error *error)
{
    if ((config->tls_certificate[0] == '\0') != (config->tls_key[0] == '\0'))
        return error_set(error, ERROR_INVALID,
                         "tls_certificate (MYEVENTS_TLS_CERTIFICATE) and tls_key "
                         "(MYEVENTS_TLS_KEY): one is given without the other");
    return true;
}

static bool needs_values(enum config_request request)
{
    return request == CONFIG_RUN || request == CONFIG_CHECK || request == CONFIG_PRINT;
}

static bool take_given(const struct config_flags *flags, char *const environment[],
                       struct config *config, struct error *error)
{
    if (flags->file && !config_read_file(config, flags->file, error))
        return false;
    return take_environment(environment, config, error) && take_flags(flags, config, error) &&
           check_together(config, error);
}

/* Seven parameters, since what is read and what comes out are all of main's. */
/* NOLINTNEXTLINE(readability-function-size) */
bool config_load(enum config_service service, int argc, char *const argv[],
                 char *const environment[], struct config *config, enum config_request *request,
                 struct error *error)
{
    const char *values[OPTIONS_MAX] = {0};
    struct config_flags flags = {.values = values, .request = CONFIG_RUN};
    struct config read = {.service = service};

    if (!config_read_flags(argc, argv, &flags, error) || !take_defaults(&read, error))
        return false;
    /* Help must come also when what it could help with is wrong. */
    if (needs_values(flags.request) && !take_given(&flags, environment, &read, error))
        return false;
    *config = read;
    *request = flags.request;
    return true;
}
