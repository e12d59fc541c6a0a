#include "tools/messages/dead_queue.h"

#include "base/clock.h"
#include "base/json.h"
#include "contracts/topology.h"

#include <inttypes.h>
#include <string.h>

enum {
    ROW_BYTES_MAX = 4096
};

const struct dead_options dead_defaults = {0};

static bool name_queues(struct dead_queue *dead, const char *name, struct error *error)
{
    size_t n = strlen(name);
    size_t n_suffix = strlen(TOPOLOGY_DEAD_SUFFIX);

    if (n > n_suffix && strcmp(name + n - n_suffix, TOPOLOGY_DEAD_SUFFIX) == 0)
        n -= n_suffix;
    if (n == 0 || n + n_suffix >= DEAD_QUEUE_NAME_BYTES)
        return error_set(error, ERROR_INVALID, "\"%.40s\" is no name of a queue", name);
    snprintf(dead->queue, sizeof(dead->queue), "%.*s", (int)n, name);
    snprintf(dead->dead, sizeof(dead->dead), "%.*s%s", (int)n, name, TOPOLOGY_DEAD_SUFFIX);
    return true;
}

bool dead_queue_open(struct dead_queue *dead, const struct desk *desk, struct error *error)
{
    *dead = (struct dead_queue){.options = desk->call->options};
    return name_queues(dead, desk->call->operands[0], error) &&
           queue_tap_look(&desk->access, dead->dead, &dead->tap, error);
}

void dead_queue_close(struct dead_queue *dead)
{
    queue_tap_free(dead->tap);
    dead->tap = NULL;
}

static bool matches(const struct dead_options *options, const struct tapped *message,
                    const struct tapped_parking *parking)
{
    return (!options->id || strcmp(options->id, message->envelope.id) == 0) &&
           (!options->name || strcmp(options->name, message->envelope.name) == 0) &&
           (!options->reason || strstr(parking->reason, options->reason));
}

static bool lets_through(struct dead_queue *dead, const struct tapped *message,
                         struct tapped_parking *parking)
{
    bool is_one;

    tapped_read_parking(message, parking);
    is_one = matches(dead->options, message, parking);
    dead->n_seen++;
    dead->n_matching += is_one;
    return is_one;
}

static bool is_enough(const struct dead_queue *dead)
{
    return dead->options->limit && dead->n_matching >= dead->options->limit;
}

bool dead_queue_next(struct dead_queue *dead, int timeout_ms, struct tapped *message,
                     struct tapped_parking *parking, enum queue_tap_state *state,
                     struct error *error)
{
    int64_t until_ms = clock_monotonic_ms() + DESK_WAIT_MS;

    *state = is_enough(dead) ? QUEUE_TAP_OVER : QUEUE_TAP_QUIET;
    while (*state != QUEUE_TAP_OVER && !word_is_interrupted() && clock_monotonic_ms() < until_ms) {
        if (!queue_tap_next(dead->tap, timeout_ms, message, state, error))
            return false;
        if (*state != QUEUE_TAP_MESSAGE || lets_through(dead, message, parking))
            return true;
        *state = QUEUE_TAP_QUIET;
    }
    if (word_is_interrupted())
        *state = QUEUE_TAP_OVER;
    return true;
}

static void write_row(const struct tapped *message, const struct tapped_parking *parking,
                      struct buffer *row)
{
    const struct envelope *envelope = &message->envelope;

    buffer_format(row, "%-24s  %-18s  %-34s  %4" PRId64 "  %4" PRId64 "  %7" PRIu64 "  %s  %s\n",
                  *parking->at ? parking->at : "-", *envelope->name ? envelope->name : "-",
                  *envelope->id ? envelope->id : "-", parking->n_attempts, message->delivery_count,
                  message->size_bytes, *parking->by ? parking->by : "-", parking->reason);
    desk_tame(row);
}

static void write_json(const struct tapped *message, const struct tapped_parking *parking,
                       struct buffer *row)
{
    struct json_writer writer = JSON_WRITER(row);

    json_open_object(&writer, NULL);
    json_put_text(&writer, "id", message->envelope.id);
    json_put_text(&writer, "name", message->envelope.name);
    json_put_text(&writer, "reason", parking->reason);
    json_put_text(&writer, "by", parking->by);
    json_put_text(&writer, "at", parking->at);
    json_put_integer(&writer, "attempts", parking->n_attempts);
    json_put_integer(&writer, "redriven", parking->n_redriven);
    json_put_integer(&writer, "looks", message->delivery_count);
    json_put_integer(&writer, "size", (int64_t)message->size_bytes);
    json_close_object(&writer);
    buffer_char(row, '\n');
}

bool dead_queue_print(struct desk *desk, const struct tapped *message,
                      const struct tapped_parking *parking, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer row = {0};

    buffer_init(&row, ROW_BYTES_MAX);
    (desk->call->json ? write_json : write_row)(message, parking, &row);
    return desk_print(desk, &row, error);
}

enum word_status dead_queue_status(const struct dead_queue *dead)
{
    if (word_is_interrupted())
        return WORD_INTERRUPTED;
    return dead->n_staying || (dead->options->id && !dead->n_matching) ? WORD_FOUND : WORD_FINE;
}
