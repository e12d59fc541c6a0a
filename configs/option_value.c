#include "configs/option.h"

#include "base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORT_MAX = 65535,
    NAMES_BYTES = 128,
    BOUNDS_BYTES = 256,
    SHOWN_BYTES = 40,
};

static void add_words(struct buffer *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        if (i > 0)
            buffer_text(text, words[i + 1] ? ", " : " or ");
        buffer_text(text, words[i]);
    }
}

void option_bounds(const struct config_option *option, struct buffer *text)
{
    switch (option->kind) {
    case OPTION_TEXT:
        buffer_format(text, "a text of %" PRId64 " to %zu bytes", option->min,
                      option->size_bytes - 1);
        return;
    case OPTION_WORD:
        add_words(text, option->words);
        return;
    case OPTION_ADDRESS:
        buffer_format(text, "host:port or :port with a port from 0 (any free one) to %d", PORT_MAX);
        return;
    case OPTION_URL:
        buffer_format(text, "a URL of at most %zu bytes that starts with ", option->size_bytes - 1);
        add_words(text, option->words);
        return;
    case OPTION_LIST:
        buffer_text(text, "a list, split at commas or spaces");
        if (option->words) {
            buffer_text(text, ", of what starts with ");
            add_words(text, option->words);
        }
        return;
    case OPTION_NUMBER:
        buffer_format(text, "a whole number from %" PRId64 " to %" PRId64, option->min,
                      option->max);
        return;
    case OPTION_SWITCH:
        buffer_text(text, "true or false");
        return;
    }
}

/* "dbconnection (MYEVENTS_DBCONNECTION, MONGO_URL)" */
static void name_option(const struct config_option *option, char names[NAMES_BYTES])
{
    char variable[OPTION_NAME_BYTES];
    const char *first = option->variables[0];
    const char *second = option->variables[1];

    option_variable(option, variable);
    snprintf(names, NAMES_BYTES, "%s (%s%s%s%s%s)", option->key, variable, first ? ", " : "",
             first ? first : "", second ? ", " : "", second ? second : "");
}

bool option_refuse(const struct config_option *option, const char *text, const char *source,
                   struct error *error)
{
    CLEANUP(buffer_clear) struct buffer bounds = {0};
    char names[NAMES_BYTES];
    bool shown = text && option->kind != OPTION_URL && strlen(text) <= SHOWN_BYTES;

    buffer_init(&bounds, BOUNDS_BYTES);
    option_bounds(option, &bounds);
    if (!buffer_ok(&bounds, error))
        return false;
    name_option(option, names);
    return error_set(error, ERROR_INVALID, "%s in %s: %s%s%s is not %s", names, source,
                     shown ? "\"" : "", shown ? text : "this", shown ? "\"" : "", bounds.data);
}

static bool starts_with(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strncmp(text, *words, strlen(*words)) == 0 && text[strlen(*words)] != '\0')
            return true;
    }
    return false;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

static bool is_plain(const char *text)
{
    if (!utf8_valid(text, strlen(text)))
        return false;
    for (; *text; text++) {
        if (iscntrl((unsigned char)*text))
            return false;
    }
    return true;
}

static bool read_number(const char *text, int64_t min, int64_t max, int64_t *number)
{
    char *end;
    long long value;

    if (*text != '-' && !isdigit((unsigned char)*text))
        return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max)
        return false;
    *number = value;
    return true;
}

static bool read_switch(const char *text, bool *value)
{
    bool on = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;

    if (!on && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return false;
    *value = on;
    return true;
}

static const char *skip_scheme(const char *text)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            return text + strlen(schemes[i]);
    }
    return text;
}

/* As LISTEN_URL of MyEvents: the scheme and a slash at the end may stand around it. */
static bool read_address(const char *text, size_t size_bytes, char *address)
{
    const char *host = skip_scheme(text);
    size_t length = strcspn(host, "/");
    char copy[CONFIG_TEXT_BYTES];
    const char *port;
    int64_t number;

    if (length >= size_bytes || (host[length] == '/' && host[length + 1] != '\0'))
        return false;
    snprintf(copy, sizeof(copy), "%.*s", (int)length, host);
    port = strchr(copy, ':');
    if (!port || !isdigit((unsigned char)port[1]) || !read_number(port + 1, 0, PORT_MAX, &number))
        return false;
    for (const char *letter = copy; letter < port; letter++) {
        if (!isalnum((unsigned char)*letter) && !strchr("-._", *letter))
            return false;
    }
    memcpy(address, copy, length + 1);
    return true;
}

static bool is_list(const char *text, const char *const *words)
{
    static const char separators[] = ", ";

    for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
        if (words && !starts_with(text, words))
            return false;
        text += strcspn(text, separators);
    }
    return true;
}

static bool read_text(const struct config_option *option, const char *text, char *member)
{
    size_t length = strlen(text);

    if (length >= option->size_bytes || (int64_t)length < option->min)
        return false;
    memcpy(member, text, length + 1);
    return true;
}

static bool read_value(const struct config_option *option, const char *text, struct config *config)
{
    void *member = (char *)config + option->offset;

    if (!is_plain(text))
        return false;
    switch (option->kind) {
    case OPTION_TEXT:
        return read_text(option, text, member);
    case OPTION_WORD:
        return is_word(text, option->words) && read_text(option, text, member);
    case OPTION_ADDRESS:
        return read_address(text, option->size_bytes, member);
    case OPTION_URL:
        return starts_with(text, option->words) && read_text(option, text, member);
    case OPTION_LIST:
        return is_list(text, option->words) && read_text(option, text, member);
    case OPTION_NUMBER:
        return read_number(text, option->min, option->max, member);
    case OPTION_SWITCH:
        return read_switch(text, member);
    }
    return false;
}

bool option_set(const struct config_option *option, struct config *config, const char *text,
                const char *source, struct error *error)
{
    char names[NAMES_BYTES];

    if (!option_is_offered(option, config->service)) {
        name_option(option, names);
        return error_set(error, ERROR_INVALID, "%s in %s: the %s service has no such option", names,
                         source, option_service(config->service));
    }
    if (!read_value(option, text, config))
        return option_refuse(option, text, source, error);
    return true;
}
