/* Events to sell, made as any client would make them. */
#include "base/clock.h"
#include "base/json.h"
#include "base/object_id.h"
#include "tools/http_client.h"
#include "tools/messages/desk.h"
#include "tools/words.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

enum {
    EVENTS_MAX = 100000,
    LOCATIONS_MAX = 1000,
    SEATS_MAX = 1000000,
    SEEDS_MAX = 65535,
    N_HALLS = 3,
    TEXT_BYTES_MAX = 64 * 1024,
    URL_BYTES = 512,
    TRIES_MAX = 40,
    TRY_EVERY_MS = 250,
    DAY_S = 86400,
    STARTS_AT_S = 20 * 3600,
    DURATION_MIN = 120,
    /* The second byte of an id says what it is of. */
    OF_LOCATION = 1,
    OF_EVENT = 2,
};

struct seed_options {
    const char *url;
    int64_t events;
    int64_t locations;
    int64_t seats;
    int64_t seed;
};

static const struct seed_options defaults = {
    .url = "http://127.0.0.1:8181", .events = 10, .locations = 3, .seats = 100, .seed = 1};

static const struct argument arguments[] = {
    {.name = "events",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct seed_options, events),
     .value = "N",
     .help = "how many events; else 10",
     .least = 0,
     .most = EVENTS_MAX},
    {.name = "locations",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct seed_options, locations),
     .value = "N",
     .help = "at how many locations, with three halls each; else 3",
     .least = 1,
     .most = LOCATIONS_MAX},
    {.name = "seats",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct seed_options, seats),
     .value = "N",
     .help = "of each hall; else 100",
     .least = 1,
     .most = SEATS_MAX},
    {.name = "seed",
     .kind = ARGUMENT_NUMBER,
     .offset = offsetof(struct seed_options, seed),
     .value = "N",
     .help = "another number makes other ids; else 1",
     .least = 0,
     .most = SEEDS_MAX},
    {.name = "url",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct seed_options, url),
     .value = "URL",
     .help = "the event service; else EVENTSERVICE_URL, the local one",
     .variable = "EVENTSERVICE_URL"},
};

struct seed {
    struct desk desk;
    const struct seed_options *options;
    struct http_client *client; /* owned */
    struct buffer body;         /* owned */
    struct buffer answer;       /* owned */
    int64_t n_made;
    int64_t n_there; /* already, or removed since */
};

static void seed_clear(struct seed *seed)
{
    http_client_free(seed->client);
    buffer_clear(&seed->body);
    buffer_clear(&seed->answer);
}

/* Equal for ever, so that doing it again changes nothing. */
static struct object_id id_of(const struct seed *seed, uint8_t what, int64_t number)
{
    struct object_id id = {
        {0x5E, what, (uint8_t)(seed->options->seed >> 8), (uint8_t)seed->options->seed}};

    for (int i = 0; i < 8; i++)
        id.bytes[OBJECT_ID_BYTES - 1 - i] = (uint8_t)(number >> (8 * i));
    return id;
}

static void put_id(struct json_writer *writer, const char *name, struct object_id id)
{
    json_put_text(writer, name, object_id_hex(&id).text);
}

static void put_numbered(struct json_writer *writer, const char *name, const char *what,
                         int64_t number)
{
    char text[64];

    snprintf(text, sizeof(text), "%s %" PRId64, what, number);
    json_put_text(writer, name, text);
}

static void write_location(struct seed *seed, int64_t number)
{
    struct json_writer writer = JSON_WRITER(&seed->body);

    json_open_object(&writer, NULL);
    put_id(&writer, "ID", id_of(seed, OF_LOCATION, number));
    put_numbered(&writer, "Name", "House", number);
    put_numbered(&writer, "Address", "Quay Street", number);
    json_put_text(&writer, "Country", "Norway");
    json_put_integer(&writer, "OpenTime", 10);
    json_put_integer(&writer, "CloseTime", 23);
    json_open_array(&writer, "Halls");
    for (int hall = 1; hall <= N_HALLS; hall++) {
        json_open_object(&writer, NULL);
        put_numbered(&writer, "name", "Hall", hall);
        put_numbered(&writer, "location", "floor", hall);
        json_put_integer(&writer, "capacity", seed->options->seats);
        json_close_object(&writer);
    }
    json_close_array(&writer);
    json_close_object(&writer);
}

static void write_event(struct seed *seed, int64_t number)
{
    struct json_writer writer = JSON_WRITER(&seed->body);
    int64_t today_s = clock_wall_ms() / 1000 / DAY_S * DAY_S;
    int64_t start_s = today_s + (1 + number % 365) * DAY_S + STARTS_AT_S;

    json_open_object(&writer, NULL);
    put_id(&writer, "ID", id_of(seed, OF_EVENT, number));
    put_numbered(&writer, "Name", "Evening", number);
    put_id(&writer, "LocationID", id_of(seed, OF_LOCATION, number % seed->options->locations));
    put_numbered(&writer, "Hall", "Hall", 1 + number % N_HALLS);
    json_put_integer(&writer, "Duration", DURATION_MIN);
    json_put_integer(&writer, "StartDate", start_s);
    json_put_integer(&writer, "EndDate", start_s + (int64_t)DURATION_MIN * 60);
    json_close_object(&writer);
}

/* People write the address of a service with a slash behind it, or without. */
static void write_url(const struct seed *seed, const char *path, char url[URL_BYTES])
{
    const char *service = seed->options->url;
    size_t n = strlen(service);

    n -= n > 0 && service[n - 1] == '/';
    snprintf(url, URL_BYTES, "%.*s%s", (int)n, service, path);
}

/* Removed is as good as there: an id is never used again. */
static bool was_made_before(int status)
{
    return status == 409 || status == 410;
}

/* 503: nothing was done, or nobody knows. Its id is in the body, so the same request settles either. */
static bool post(struct seed *seed, const char *path, struct error *error)
{
    char url[URL_BYTES];
    int status = 503;

    write_url(seed, path, url);
    if (!buffer_ok(&seed->body, error))
        return false;
    for (int i = 0; status == 503 && i < TRIES_MAX && !word_is_interrupted(); i++) {
        if (i > 0)
            (void)poll(NULL, 0, TRY_EVERY_MS);
        if (!http_client_post(seed->client, url, seed->body.data, &status, &seed->answer, error))
            return false;
    }
    seed->n_made += status == 201;
    seed->n_there += was_made_before(status);
    if (status == 201 || was_made_before(status) || word_is_interrupted())
        return true;
    return error_set(error, status < 500 ? ERROR_INVALID : ERROR_UNAVAILABLE, "POST %s: %d %.100s",
                     url, status, seed->answer.size_bytes ? seed->answer.data : "");
}

static bool make(struct seed *seed, const char *path, int64_t n,
                 void (*write)(struct seed *seed, int64_t number), struct error *error)
{
    for (int64_t number = 0; number < n && !word_is_interrupted(); number++) {
        buffer_reset(&seed->body);
        write(seed, number);
        if (!post(seed, path, error))
            return false;
        desk_progress(&seed->desk, "%" PRId64 " made", seed->n_made);
    }
    return true;
}

static bool tell(struct seed *seed, struct error *error)
{
    buffer_reset(&seed->answer);
    buffer_format(&seed->answer,
                  seed->desk.call->json ? "{\"made\":%" PRId64 ",\"there\":%" PRId64 "}\n"
                                        : "%" PRId64 " made, %" PRId64 " were there already\n",
                  seed->n_made, seed->n_there);
    desk_progress_end(&seed->desk);
    return desk_print(&seed->desk, &seed->answer, error);
}

static bool seed_service(const struct word_call *call, enum word_status *status,
                         struct error *error)
{
    CLEANUP(seed_clear) struct seed seed = {.options = call->options};

    buffer_init(&seed.body, TEXT_BYTES_MAX);
    buffer_init(&seed.answer, TEXT_BYTES_MAX);
    if (!desk_init(&seed.desk, call, "seed", error) || !http_client_open(&seed.client, error) ||
        !make(&seed, "/locations", seed.options->locations, write_location, error) ||
        !make(&seed, "/events", seed.options->events, write_event, error) || !tell(&seed, error))
        return false;
    *status = word_is_interrupted() ? WORD_INTERRUPTED : WORD_FINE;
    return true;
}

const struct word word_seed = {
    .name = "seed",
    .operands = "",
    .summary = "make events with halls and seats, to try with",
    .help = "Over HTTP, as any client. Ids are numbered: doing it again changes nothing, or\n"
            "adds what is asked for beyond that.\n"
            "\n"
            "  myevents seed\n"
            "  myevents seed --events 5000 --locations 50 --seats 1200\n",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .defaults = &defaults,
    .options_bytes = sizeof(defaults),
    .run = seed_service,
};
