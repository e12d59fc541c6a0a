#include "bodies.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum {
    TEXT_BYTES = 4096
};

const char *example(const char *name)
{
    static char text[TEXT_BYTES];
    char path[TEXT_BYTES];
    FILE *file;
    size_t size;

    snprintf(path, sizeof(path), CONTRACTS_FOLDER "/examples/%s.json", name);
    file = fopen(path, "r");
    cr_assert_not_null(file, "%s is missing", path);
    size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

bool decode(const char *name, const char *body, struct message *message, struct error *error)
{
    struct envelope envelope = {0};
    char text[TEXT_BYTES];

    snprintf(envelope.name, sizeof(envelope.name), "%s", name);
    snprintf(text, sizeof(text), "%s", body);
    for (char *quote = strchr(text, '\''); quote; quote = strchr(quote, '\''))
        *quote = '"';
    envelope.body = text;
    envelope.body_bytes = strlen(text);
    return message_decode(&envelope, message, error);
}

void refuse(const char *name, const char *body, const char *pointer)
{
    struct message message = {.kind = N_MESSAGE_KINDS};
    struct error error = {0};

    cr_assert_not(decode(name, body, &message, &error), "%s", body);
    cr_expect_eq(error.code, ERROR_INVALID, "%s", body);
    cr_expect_eq(error.n_details, 1, "%s", body);
    cr_expect_str_eq(error.details[0].pointer, pointer, "%s", body);
    cr_expect_eq(message.kind, N_MESSAGE_KINDS, "%s", body);
}

struct object_id id_of(const char *hex)
{
    struct object_id id;

    cr_assert(object_id_parse(hex, &id), "%s", hex);
    return id;
}
