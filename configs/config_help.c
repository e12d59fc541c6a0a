#include "configs/config.h"

#include "base/json.h"
#include "configs/option.h"

#include <inttypes.h>
#include <string.h>

enum {
    TEXT_BYTES_MAX = 64 * 1024
};

static const char secret[] = "***";

/* "MYEVENTS_DBCONNECTION, MONGO_URL", each between two @quote. */
static void add_variables(const struct config_option *option, const char *quote,
                          struct buffer *text)
{
    char own[OPTION_NAME_BYTES];

    option_variable(option, own);
    buffer_format(text, "%s%s%s", quote, own, quote);
    for (size_t i = 0; i < OPTION_VARIABLES_MAX && option->variables[i]; i++)
        buffer_format(text, ", %s%s%s", quote, option->variables[i], quote);
}

static void help_option(const struct config_option *option, enum config_service service,
                        struct buffer *text)
{
    const char *value = option_default(option, service);

    buffer_format(text, "\n  --%s\n      ", option->key);
    for (const char *letter = option->help; *letter; letter++) {
        if (*letter != '`')
            buffer_char(text, *letter);
    }
    buffer_text(text, "\n      ");
    option_bounds(option, text);
    buffer_format(text, "; default %s\n      ", *value ? value : "empty");
    add_variables(option, "", text);
    buffer_char(text, '\n');
}

static void help(enum config_service service, struct buffer *text)
{
    buffer_format(text,
                  "Usage: %sservice [-conf FILE] [--key value ...]\n\n"
                  "What is given first in this order holds: flag, environment, file, default.\n\n"
                  "  %-16s JSON object with any of the keys below\n",
                  option_service(service), "-conf FILE");
    for (size_t i = 0; i < n_config_words; i++)
        buffer_format(text, "  --%-14s %s\n", config_words[i].flag, config_words[i].help);
    for (size_t i = 0; i < n_config_options; i++) {
        if (option_is_offered(&config_options[i], service))
            help_option(&config_options[i], service, text);
    }
}

static void add_default(const char *value, struct buffer *text)
{
    if (*value)
        buffer_format(text, "`%s`", value);
    else
        buffer_text(text, "empty");
}

static void add_other_default(const char *service, const char *value, struct buffer *text)
{
    if (!value)
        return;
    buffer_format(text, "; %s service ", service);
    add_default(value, text);
}

static void markdown_option(const struct config_option *option, struct buffer *text)
{
    buffer_format(text, "| `%s` | %s ", option->key, option->help);
    if (!option_is_offered(option, CONFIG_EVENTSERVICE))
        buffer_text(text, "Booking service only. ");
    buffer_text(text, "| ");
    option_bounds(option, text);
    buffer_text(text, " | ");
    add_default(option->event_default, text);
    add_other_default("booking", option->booking_default, text);
    add_other_default("search", option->search_default, text);
    buffer_text(text, " | ");
    add_variables(option, "`", text);
    buffer_text(text, " |\n");
}

static void markdown(struct buffer *text)
{
    buffer_text(
        text, "# Options\n\n"
              "<!-- Written by --help-markdown of any service: change the table in\n"
              "     configs/option.c, then this file. -->\n\n"
              "Every option has a key, a flag `--key value` (or `--key=value`, or with one\n"
              "hyphen) and variables. What is given first in this order holds: flag, variable,\n"
              "file, default; of two variables the first. A variable that is empty counts as\n"
              "absent. The file is a JSON object with any of the keys, named by `-conf FILE`\n"
              "(or `-config`, `--config`); `configs/eventservice.json`,\n"
              "`configs/bookingservice.json` and `configs/searchservice.json` hold all defaults.\n"
              "An unknown flag or member, or a value out of bounds, stops the start with status\n"
              "100 and says which one it is.\n\n"
              "| flag | what it does |\n| --- | --- |\n");
    for (size_t i = 0; i < n_config_words; i++)
        buffer_format(text, "| `--%s` | %s |\n", config_words[i].flag, config_words[i].help);
    buffer_text(text, "\n| key | meaning | value | default | variables |\n"
                      "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < n_config_options; i++)
        markdown_option(&config_options[i], text);
}

static void put_list(const char *list, struct json_writer *writer)
{
    static const char separators[] = ", ";
    char item[CONFIG_TEXT_BYTES];

    json_open_array(writer, NULL);
    for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
        size_t length = strcspn(list, separators);

        snprintf(item, sizeof(item), "%.*s", (int)length, list);
        json_put_text(writer, NULL, item);
        list += length;
    }
    json_close_array(writer);
}

static void put_value(const struct config_option *option, const struct config *config,
                      struct json_writer *writer)
{
    char hidden[CONFIG_TEXT_BYTES];

    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_WORD:
    case OPTION_ADDRESS:
        json_put_text(writer, NULL, option_text(option, config));
        return;
    case OPTION_URL:
        config_hide_secret(option_text(option, config), hidden);
        json_put_text(writer, NULL, hidden);
        return;
    case OPTION_LIST:
        put_list(option_text(option, config), writer);
        return;
    case OPTION_NUMBER:
        json_put_integer(writer, NULL, option_number(option, config));
        return;
    case OPTION_SWITCH:
        json_put_bool(writer, NULL, option_switch(option, config));
        return;
    }
}

/* A member a line, as in the samples. */
static void print(const struct config *config, struct buffer *text)
{
    const char *before = "{\n";

    for (size_t i = 0; i < n_config_options; i++) {
        struct json_writer writer = JSON_WRITER(text);

        if (!option_is_offered(&config_options[i], config->service))
            continue;
        buffer_format(text, "%s    \"%s\": ", before, config_options[i].key);
        put_value(&config_options[i], config, &writer);
        before = ",\n";
    }
    buffer_text(text, "\n}\n");
}

static void answer(const struct config *config, enum config_request request, struct buffer *text)
{
    switch (request) {
    case CONFIG_RUN:
        return;
    case CONFIG_HELP:
        help(config->service, text);
        return;
    case CONFIG_HELP_MARKDOWN:
        markdown(text);
        return;
    case CONFIG_CHECK:
        buffer_text(text, "The configuration is fine.\n");
        return;
    case CONFIG_PRINT:
        print(config, text);
        return;
    case CONFIG_VERSION:
        buffer_format(text, "%sservice %s\n", option_service(config->service), EVENTS_VERSION);
        return;
    }
}

void config_answer(const struct config *config, enum config_request request, FILE *stream)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, TEXT_BYTES_MAX);
    answer(config, request, &text);
    if (text.data)
        fputs(text.data, stream);
}

static void add(char *hidden, const char *text, size_t length)
{
    size_t used = strlen(hidden);

    snprintf(hidden + used, CONFIG_TEXT_BYTES - used, "%.*s", (int)length, text);
}

/* Names of parameters in a URL that hold something to be hidden: certificate passwords, tokens. */
static bool is_secret_parameter(const char *name, size_t length)
{
    static const char *const parts[] = {"password", "token", "secret", "properties"};
    char copy[OPTION_NAME_BYTES];

    snprintf(copy, sizeof(copy), "%.*s", (int)length, name);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (strcasestr(copy, parts[i]))
            return true;
    }
    return false;
}

static void add_parameters(char *hidden, const char *parameters)
{
    while (*parameters) {
        size_t length = strcspn(parameters + 1, "&") + 1;
        size_t name_length = strcspn(parameters, "=");

        if (name_length < length && is_secret_parameter(parameters, name_length)) {
            add(hidden, parameters, name_length + 1);
            add(hidden, secret, strlen(secret));
        } else {
            add(hidden, parameters, length);
        }
        parameters += length;
    }
}

void config_hide_secret(const char *url, char hidden[CONFIG_TEXT_BYTES])
{
    const char *scheme = strstr(url, "://");
    const char *user = scheme ? scheme + strlen("://") : url;
    /* The last one: a password that was not encoded may hold any character. */
    const char *at = strrchr(user, '@');
    const char *colon = at ? memchr(user, ':', (size_t)(at - user)) : NULL;
    const char *rest = colon ? at : url;
    size_t length = strcspn(rest, "?");

    hidden[0] = '\0';
    if (colon) {
        /* Parameters in front of the colon may be secrets as well. */
        add(hidden, url, (size_t)(user - url) + strcspn(user, ":?") + 1);
        add(hidden, secret, strlen(secret));
    }
    add(hidden, rest, length);
    add_parameters(hidden, rest + length);
}
