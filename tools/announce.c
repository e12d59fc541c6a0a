/* All states of the catalogue, published once more for whoever cannot have them from the log. */
#include "base/json.h"
#include "base/random.h"
#include "contracts/message.h"
#include "contracts/topology.h"
#include "eventservice/announcement.h"
#include "persistence/catalogue_store.h"
#include "tools/databases.h"
#include "tools/messages/desk.h"
#include "tools/messages/pump.h"
#include "tools/words.h"

#include <inttypes.h>
#include <stdio.h>

/* Whose messages they are, as it calls itself unless it is told otherwise. */
#define SPEAKER "eventservice"

enum {
    PAGE_ITEMS = 200,
    LINE_BYTES_MAX = 512
};

struct announce_options {
    const char *events_database;
};

static const struct announce_options defaults = {.events_database = DATABASES_LOCAL};

static const struct argument arguments[] = {
    {.name = "events-database",
     .kind = ARGUMENT_TEXT,
     .offset = offsetof(struct announce_options, events_database),
     .value = "URL",
     .help = "of the event service; else MONGO_URL, the local one",
     .variable = "MONGO_URL"},
};

struct announce {
    struct desk desk;
    struct database *database; /* owned */
    struct catalogue_store *catalogue;
    struct pump pump;
    struct catalogue_scan scan;
    size_t n_on_page;
    int64_t n_sent;
    int64_t n_confirmed;
    int64_t n_anew;      /* whose message had to be made anew */
    const char *refusal; /* why one did not arrive */
};

static void announce_clear(struct announce *announce)
{
    pump_close(&announce->pump);
    database_free(announce->database);
}

static bool ended(void *context, uint64_t handle, enum queue_posting_end end, struct error *error)
{
    struct announce *announce = context;

    (void)handle;
    (void)error;
    if (end == QUEUE_POSTING_CONFIRMED)
        announce->n_confirmed++;
    else
        announce->refusal = pump_reason(end);
    return true;
}

static bool send(struct announce *announce, const struct outbox_message *message,
                 struct error *error)
{
    struct envelope envelope = {.source = SPEAKER,
                                .time_ms = message->time_ms,
                                .body = message->body,
                                .body_bytes = message->body_bytes};
    const struct queue_posting posting = {.exchange = TOPOLOGY_EXCHANGE, .key = message->name};

    message_id_of_version(&message->subject, message->version, envelope.id);
    snprintf(envelope.name, sizeof(envelope.name), "%s", message->name);
    snprintf(envelope.subject, sizeof(envelope.subject), "%s",
             object_id_hex(&message->subject).text);
    announce->n_sent++;
    return queue_sender_post(announce->pump.sender, &posting, &envelope, error) &&
           pump_make_room(&announce->pump, error);
}

/* ---- what a document from before messages were kept would have said ---- */

static bool is_gone(const struct error *error)
{
    return error->code == ERROR_NOT_FOUND;
}

static bool make_removal(const struct outbox_message *bare, struct outbox_message *message,
                         struct error *error)
{
    const struct removed removed = {.id = bare->subject, .version = bare->version};

    return announce_removed(bare->kind == OUTBOX_EVENT ? MESSAGE_EVENT_REMOVED
                                                       : MESSAGE_LOCATION_REMOVED,
                            &removed, message, error);
}

static bool make_event(struct announce *announce, const struct outbox_message *bare,
                       struct outbox_message *message, struct error *error)
{
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct error cause = {0};

    if (catalogue_store_event(announce->catalogue, &bare->subject, &view, &cause))
        return announce_event(
            view.event.version == 1 ? MESSAGE_EVENT_CREATED : MESSAGE_EVENT_UPDATED, &view.event,
            view.has_location ? &view.location : NULL, message, error);
    if (is_gone(&cause))
        return make_removal(bare, message, error);
    *error = cause;
    return false;
}

static bool make_location(struct announce *announce, const struct outbox_message *bare,
                          struct outbox_message *message, struct error *error)
{
    CLEANUP(location_clear) struct location location = {0};
    struct error cause = {0};

    if (catalogue_store_location(announce->catalogue, &bare->subject, &location, &cause))
        return announce_location(location.version == 1 ? MESSAGE_LOCATION_CREATED
                                                       : MESSAGE_LOCATION_UPDATED,
                                 &location, message, error);
    if (is_gone(&cause))
        return make_removal(bare, message, error);
    *error = cause;
    return false;
}

static bool say_anew(struct announce *announce, const struct outbox_message *bare,
                     struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    if (!(bare->kind == OUTBOX_EVENT ? make_event : make_location)(announce, bare, &message, error))
        return false;
    announce->n_anew++;
    /* Changed in the meantime: then its message was kept, and has just gone out. */
    return message.version != bare->version || send(announce, &message, error);
}

/* ---- all of them ---- */

static bool say(void *context, const struct outbox_message *message, struct error *error)
{
    struct announce *announce = context;

    announce->scan.has_after = true;
    announce->scan.after = message->subject;
    announce->n_on_page++;
    return message->body ? send(announce, message, error) : say_anew(announce, message, error);
}

static bool say_kind(struct announce *announce, enum catalogue_kind kind, struct error *error)
{
    announce->scan = (struct catalogue_scan){.kind = kind, .limit = PAGE_ITEMS};
    do {
        announce->n_on_page = 0;
        if (!catalogue_store_said(announce->catalogue, &announce->scan, say, announce, error))
            return false;
        desk_progress(&announce->desk, "%" PRId64 " announced", announce->n_confirmed);
    } while (announce->n_on_page == PAGE_ITEMS && !announce->refusal && !word_is_interrupted());
    return true;
}

static bool open_all(struct announce *announce, const struct word_call *call, struct error *error)
{
    const struct announce_options *options = call->options;

    announce->pump.ended = ended;
    announce->pump.context = announce;
    if (!random_init(error) || !desk_init(&announce->desk, call, "announce", error) ||
        !databases_open_events(options->events_database, &announce->database, error))
        return false;
    announce->catalogue = database_catalogue(announce->database);
    return pump_open(&announce->pump, &announce->desk.access, error);
}

static bool report(struct announce *announce, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer line = {0};
    struct json_writer writer = JSON_WRITER(&line);

    buffer_init(&line, LINE_BYTES_MAX);
    if (announce->desk.call->json) {
        json_open_object(&writer, NULL);
        json_put_integer(&writer, "announced", announce->n_confirmed);
        json_put_integer(&writer, "made_anew", announce->n_anew);
        json_close_object(&writer);
        buffer_char(&line, '\n');
    } else {
        buffer_format(&line, "%" PRId64 " announced\n", announce->n_confirmed);
    }
    return desk_print(&announce->desk, &line, error);
}

/* Locations first, so that nobody hears of an event before the place it is held at. */
static bool announce_all(const struct word_call *call, enum word_status *status,
                         struct error *error)
{
    CLEANUP(announce_clear) struct announce announce = {0};

    if (!open_all(&announce, call, error) || !say_kind(&announce, CATALOGUE_LOCATION, error) ||
        (!announce.refusal && !word_is_interrupted() &&
         !say_kind(&announce, CATALOGUE_EVENT, error)) ||
        !pump_finish(&announce.pump, error))
        return false;
    if (announce.refusal)
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s", TOPOLOGY_EXCHANGE, announce.refusal);
    *status = word_is_interrupted() ? WORD_INTERRUPTED : WORD_FINE;
    return report(&announce, error);
}

const struct word word_announce = {
    .name = "announce",
    .operands = "",
    .summary = "publish the present state of every event and location once more",
    .help = "For copies that cannot have it from the log, because retention has cut it off.\n"
            "Each is the message of the version that the event service has now, with the\n"
            "id, name, time and body that it had at first, removals included; whoever has\n"
            "it already takes no notice. The broker confirms each. May be run at any time,\n"
            "and again.",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .defaults = &defaults,
    .options_bytes = sizeof(struct announce_options),
    .run = announce_all,
};
