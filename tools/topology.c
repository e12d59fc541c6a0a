/* What the programs declare at the broker, from the rows they declare it by. */
#include "contracts/topology.h"

#include "base/json.h"
#include "tools/words.h"

enum {
    LINE_BYTES_MAX = 16 * 1024
};

static const struct topology_queue *const queues[] = {
    &topology_booking_queue,
    &topology_event_queue,
    &topology_catalogue_log,
    &topology_bookings_log,
};

static void queue_as_json(const struct topology_queue *queue, struct buffer *line)
{
    struct json_writer writer = {.buffer = line};

    json_open_object(&writer, NULL);
    json_put_text(&writer, "queue", queue->name);
    json_put_text(&writer, "exchange", TOPOLOGY_EXCHANGE);
    json_open_array(&writer, "keys");
    for (const char *const *key = queue->keys; *key; key++)
        json_put_text(&writer, NULL, *key);
    json_close_array(&writer);
    json_close_object(&writer);
    buffer_char(line, '\n');
}

static void queue_as_text(const struct topology_queue *queue, struct buffer *line)
{
    buffer_format(line, "%-14s  %s", queue->name, TOPOLOGY_EXCHANGE);
    for (const char *const *key = queue->keys; *key; key++)
        buffer_format(line, " %s", *key);
    buffer_char(line, '\n');
}

static bool topology(const struct word_call *call, enum word_status *status, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, LINE_BYTES_MAX);
    for (size_t i = 0; i < ARRAY_SIZE(queues); i++)
        (call->json ? queue_as_json : queue_as_text)(queues[i], &text);
    if (!buffer_ok(&text, error))
        return false;
    fputs(text.data, call->out);
    *status = WORD_FINE;
    return true;
}

const struct word word_topology = {
    .name = "topology",
    .operands = "",
    .summary = "the queues and logs that the programs declare, and what they are bound to",
    .help = "Asks no server. Each line: queue, exchange, routing keys.",
    .run = topology,
};
