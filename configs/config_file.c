#include "configs/option.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    FILE_BYTES_MAX = 64 * 1024,
    SOURCE_BYTES = 80,
};

static void closep(FILE **file)
{
    if (*file)
        fclose(*file);
}

static bool refuse_reading(int number, struct error *error)
{
    char buffer[ERROR_DETAIL_BYTES];

    return error_set(error, ERROR_INVALID, "%s", strerror_r(number, buffer, sizeof(buffer)));
}

static bool read_all(const char *path, struct buffer *text, struct error *error)
{
    CLEANUP(closep) FILE *file = fopen(path, "re");
    char part[4096];
    size_t size_bytes;

    if (!file)
        return refuse_reading(errno, error);
    /* Not to its end when that lies beyond the ceiling: some files have none. */
    while (!text->failed && (size_bytes = fread(part, 1, sizeof(part), file)) > 0)
        buffer_append(text, part, size_bytes);
    if (ferror(file))
        return refuse_reading(errno, error);
    return buffer_ok(text, error);
}

static bool join(const struct json *list, struct buffer *text)
{
    const struct json *first = json_item(list, 0);

    for (const struct json *item = first; item; item = json_next(item)) {
        if (!json_is_text(item))
            return false;
        if (item != first)
            buffer_char(text, ',');
        buffer_text(text, json_text(item));
    }
    return true;
}

/* Write @member of @object as it would stand on the command line; false for another type. */
static bool spell(const struct json *object, const struct json *member, enum option_kind kind,
                  struct buffer *text)
{
    int64_t number;
    bool on;

    if (kind == OPTION_LIST && json_is_array(member))
        return join(member, text);
    if (kind == OPTION_NUMBER) {
        if (!json_integer(member, &number))
            return false;
        buffer_number(text, number);
        return true;
    }
    if (kind == OPTION_SWITCH) {
        if (!json_get_bool(object, "", json_name(member), JSON_REQUIRED, &on, NULL))
            return false;
        buffer_text(text, on ? "true" : "false");
        return true;
    }
    if (!json_is_text(member))
        return false;
    buffer_text(text, json_text(member));
    return true;
}

static bool take_member(struct config *config, const struct json *object, const struct json *member,
                        const char *source, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    const struct config_option *option = option_find(json_name(member));

    if (!option)
        return error_set(error, ERROR_INVALID,
                         "%s: there is no option \"%.40s\" (--help lists the options)", source,
                         json_name(member));
    buffer_init(&text, FILE_BYTES_MAX);
    if (!spell(object, member, option->kind, &text))
        return option_refuse(option, NULL, source, error);
    if (!buffer_ok(&text, error))
        return false;
    return option_set(option, config, text.data ? text.data : "", source, error);
}

static bool take_members(struct config *config, const struct json *document, const char *source,
                         struct error *error)
{
    if (!json_is_object(document))
        return error_set(error, ERROR_INVALID, "%s: must hold one JSON object", source);
    for (const struct json *member = json_item(document, 0); member; member = json_next(member)) {
        if (!take_member(config, document, member, source, error))
            return false;
    }
    return true;
}

bool config_read_file(struct config *config, const char *path, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    CLEANUP(json_freep) struct json *document = NULL;
    char source[SOURCE_BYTES];

    snprintf(source, sizeof(source), "the file %s", path);
    buffer_init(&text, FILE_BYTES_MAX);
    if (!read_all(path, &text, error) ||
        !json_parse(text.data ? text.data : "", text.size_bytes, &document, error))
        return error_wrap(error, "%s", source);
    return take_members(config, document, source, error);
}
