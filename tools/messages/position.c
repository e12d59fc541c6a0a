#include "tools/messages/position.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* The clocks of the services and of the broker may differ by so much. */
    CLOCKS_DIFFER_S = 60
};

static bool read_offset(const char *text, int64_t *offset)
{
    char *end = NULL;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < 0)
        return false;
    *offset = number;
    return true;
}

bool position_read(const char *option, const char *text, struct position *position,
                   struct error *error)
{
    struct position read = {0};

    if (!text || strcmp(text, "first") == 0) {
        *position = read;
        return true;
    }
    if (read_offset(text, &read.number))
        read.kind = POSITION_OFFSET;
    else if (clock_parse(text, &read.number))
        read.kind = POSITION_TIME;
    else
        return error_set(error, ERROR_INVALID,
                         "--%s wants an offset or a time such as 2026-11-21T09:30:00Z, not \"%s\"",
                         option, text);
    *position = read;
    return true;
}

bool position_is_behind(const struct position *position, const struct tapped *message)
{
    switch (position->kind) {
    case POSITION_OFFSET:
        return message->offset < position->number;
    case POSITION_TIME:
        return message->envelope.time_ms < position->number;
    case POSITION_NONE:
        break;
    }
    return false;
}

struct queue_tap_start position_start(const struct position *position)
{
    int64_t now_s = clock_wall_ms() / 1000;
    int64_t at_s = position->number / 1000;

    switch (position->kind) {
    case POSITION_OFFSET:
        return (struct queue_tap_start){QUEUE_TAP_OFFSET, position->number};
    case POSITION_TIME:
        at_s = (at_s < now_s ? at_s : now_s) - CLOCKS_DIFFER_S;
        return (struct queue_tap_start){QUEUE_TAP_TIME, at_s > 0 ? at_s : 0};
    case POSITION_NONE:
        break;
    }
    return (struct queue_tap_start){QUEUE_TAP_FIRST, 0};
}
