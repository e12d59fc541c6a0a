#include "metrics_text.h"

#include "base/metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_BYTES_MAX = 1024 * 1024
};

/* The text after "\nname ", in @buffer; NULL when there is no such line. */
static const char *find(struct buffer *buffer, const char *name)
{
    char start[256];
    const char *line;

    buffer_char(buffer, '\n');
    metrics_write(buffer);
    cr_assert(buffer_ok(buffer, NULL));
    (void)snprintf(start, sizeof(start), "\n%s ", name);
    line = strstr(buffer->data, start);
    return line ? line + strlen(start) : NULL;
}

bool metrics_have(const char *name, const char *value)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    const char *found;

    buffer_init(&buffer, TEXT_BYTES_MAX);
    found = find(&buffer, name);
    return found && strcspn(found, "\n") == strlen(value) &&
           strncmp(found, value, strlen(value)) == 0;
}

double metrics_value(const char *name)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    const char *found;

    buffer_init(&buffer, TEXT_BYTES_MAX);
    found = find(&buffer, name);
    cr_assert(found, "no line for %s", name);
    return strtod(found, NULL);
}
