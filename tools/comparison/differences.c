#include "tools/comparison/differences.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdio.h>
#include <time.h>

enum {
    LINE_BYTES_MAX = 8 * 1024
};

static void write_json(const struct difference *difference, struct buffer *line)
{
    struct json_writer writer = JSON_WRITER(line);

    json_open_object(&writer, NULL);
    json_put_text(&writer, "where", difference->where);
    json_put_text(&writer, "kind", difference->kind);
    json_put_text(&writer, "id", object_id_hex(&difference->id).text);
    json_put_text(&writer, "member", difference->member);
    json_put_text(&writer, "catalogue", difference->catalogue);
    json_put_text(&writer, "there", difference->there);
    json_close_object(&writer);
    buffer_char(line, '\n');
}

static void write_text(const struct difference *difference, struct buffer *line)
{
    buffer_format(line, "%s %s: %s is \"%s\" in the catalogue and \"%s\" in the %s\n",
                  difference->kind, object_id_hex(&difference->id).text, difference->member,
                  difference->catalogue, difference->there, difference->where);
}

void differences_tell(struct differences *differences, const struct difference *difference)
{
    CLEANUP(buffer_clear) struct buffer line = {0};

    differences->n++;
    if (differences->n > differences->limit)
        return;
    buffer_init(&line, LINE_BYTES_MAX);
    (differences->call->json ? write_json : write_text)(difference, &line);
    if (buffer_ok(&line, NULL))
        fputs(line.data, differences->call->out);
}

bool differences_look_again(struct differences *differences)
{
    static const struct timespec pause = {.tv_nsec = 100L * 1000 * 1000};

    if (word_is_interrupted() || clock_monotonic_ms() >= differences->patience_end_ms)
        return false;
    nanosleep(&pause, NULL);
    return true;
}
