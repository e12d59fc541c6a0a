#include "samples.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

TestSuite(catalogue_changes, .init = world_begin, .fini = world_end, .timeout = 120);

static struct event store_event(uint32_t number, const char *name)
{
    struct event event = event_of(number, name, 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, 1);
    struct error error = {0};

    snprintf(event.hall, sizeof(event.hall), "Main");
    event.location_id = id_of(50);
    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error), "%s",
              error.text);
    return event;
}

static void store_location(uint32_t number, const char *name)
{
    struct hall hall = {.name = "Main", .capacity = 7};
    struct location location = location_of(number, name);
    struct outbox_message message = message_of(OUTBOX_LOCATION, number, 1);
    struct error error = {0};

    location.halls = &hall;
    location.n_halls = 1;
    snprintf(location.address, sizeof(location.address), "Square 1");
    cr_assert(catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error),
              "%s", error.text);
}

/* The code that the change of @event to @version ends with. */
static enum error_code change_event(struct event *event, int64_t version)
{
    const uint32_t number = event->id.bytes[OBJECT_ID_BYTES - 1];
    struct outbox_message message = message_of(OUTBOX_EVENT, number, version);
    struct error error = {0};

    event->version = version;
    message.version = version;
    snprintf(message.name, sizeof(message.name), "event.updated");
    return catalogue_store_change_event(world.catalogue, event, &message, &error) ? ERROR_NONE
                                                                                  : error.code;
}

static enum error_code change_location(uint32_t number, const char *name, int64_t version)
{
    struct location location = location_of(number, name);
    struct outbox_message message = message_of(OUTBOX_LOCATION, number, version);
    struct error error = {0};

    location.version = version;
    message.version = version;
    return catalogue_store_change_location(world.catalogue, &location, &message, &error)
               ? ERROR_NONE
               : error.code;
}

static enum error_code remove_one(enum outbox_kind kind, uint32_t number, int64_t version)
{
    struct outbox_message message = message_of(kind, number, version);
    struct error error = {0};

    message.version = version;
    snprintf(message.name, sizeof(message.name), "event.removed");
    return catalogue_store_remove(world.catalogue, &message, &error) ? ERROR_NONE : error.code;
}

static struct event read_event(uint32_t number)
{
    const struct object_id id = id_of(number);
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct error error = {0};

    cr_assert(catalogue_store_event(world.catalogue, &id, &view, &error), "%s", error.text);
    return view.event;
}

Test(catalogue_changes, replace_the_whole_state_of_an_event)
{
    struct event event = store_event(1, "before");

    snprintf(event.name, sizeof(event.name), "after");
    event.hall[0] = '\0';
    event.location_id = (struct object_id){0};
    event.capacity = CAPACITY_UNKNOWN;
    event.closed = true;
    cr_assert_eq(change_event(&event, 2), ERROR_NONE);

    const struct event found = read_event(1);

    cr_expect_eq(found.version, 2);
    cr_expect_str_eq(found.name, "after");
    cr_expect_str_empty(found.hall, "what the new state lacks is gone");
    cr_expect(object_id_is_none(&found.location_id));
    cr_expect_eq(found.capacity, CAPACITY_UNKNOWN);
    cr_expect(found.closed);
}

Test(catalogue_changes, replace_the_whole_state_of_a_location)
{
    const struct object_id id = id_of(50);
    CLEANUP(location_clear) struct location found = {0};
    struct error error = {0};

    store_location(50, "before");
    cr_assert_eq(change_location(50, "after", 2), ERROR_NONE);
    cr_assert(catalogue_store_location(world.catalogue, &id, &found, &error), "%s", error.text);

    cr_expect_eq(found.version, 2);
    cr_expect_str_eq(found.name, "after");
    cr_expect_str_empty(found.address);
    cr_expect_eq(found.n_halls, 0);
}

Test(catalogue_changes, start_from_the_version_before_only)
{
    struct event event = store_event(1, "a");

    store_location(50, "here");
    cr_expect_eq(change_event(&event, 3), ERROR_CONFLICT);
    cr_expect_eq(change_event(&event, 2), ERROR_NONE);
    cr_expect_eq(change_event(&event, 2), ERROR_CONFLICT);
    cr_expect_eq(remove_one(OUTBOX_EVENT, 1, 2), ERROR_CONFLICT);
    cr_expect_eq(change_location(50, "there", 5), ERROR_CONFLICT);
    cr_expect_eq(remove_one(OUTBOX_LOCATION, 50, 5), ERROR_CONFLICT);

    cr_expect_eq(read_event(1).version, 2);
}

Test(catalogue_changes, want_something_that_is_there)
{
    struct event event = event_of(1, "nowhere", 0);

    cr_expect_eq(change_event(&event, 2), ERROR_NOT_FOUND);
    cr_expect_eq(change_location(50, "nowhere", 2), ERROR_NOT_FOUND);
    cr_expect_eq(remove_one(OUTBOX_EVENT, 1, 2), ERROR_NOT_FOUND);
    cr_expect_eq(remove_one(OUTBOX_LOCATION, 50, 2), ERROR_NOT_FOUND);
}

/* ---- removal ---- */

Test(catalogue_changes, leave_a_removed_event_as_a_tombstone)
{
    struct event event = store_event(1, "a");
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct error error = {0};

    cr_assert_eq(remove_one(OUTBOX_EVENT, 1, 2), ERROR_NONE);

    cr_expect_not(catalogue_store_event(world.catalogue, &event.id, &view, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect_eq(change_event(&event, 3), ERROR_GONE);
    cr_expect_eq(remove_one(OUTBOX_EVENT, 1, 3), ERROR_GONE);
    event.version = 1;
    cr_expect_not(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_GONE);
}

Test(catalogue_changes, go_on_showing_a_removed_location_with_its_events)
{
    const struct object_id id = id_of(50);
    const struct object_id event_id = id_of(1);
    struct location location = location_of(50, "again");
    struct outbox_message message = message_of(OUTBOX_LOCATION, 50, 1);
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct location found = {0};
    struct error error = {0};

    store_location(50, "Opera");
    store_event(1, "a");
    cr_assert_eq(remove_one(OUTBOX_LOCATION, 50, 2), ERROR_NONE);

    cr_expect_not(catalogue_store_location(world.catalogue, &id, &found, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect_not(
        catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_GONE);
    cr_assert(catalogue_store_event(world.catalogue, &event_id, &view, &error), "%s", error.text);
    cr_assert(view.has_location);
    cr_expect_str_eq(view.location.name, "Opera");
    cr_expect_str_eq(view.location.address, "Square 1");
}

static bool count_event(void *context, const struct event_view *view, struct error *error)
{
    (void)view;
    (void)error;
    ++*(size_t *)context;
    return true;
}

static bool count_location(void *context, const struct location *location, struct error *error)
{
    (void)location;
    (void)error;
    ++*(size_t *)context;
    return true;
}

Test(catalogue_changes, take_removed_ones_out_of_the_lists)
{
    const struct event_page events = {.limit = 10};
    const struct location_page locations = {.limit = 10};
    size_t n = 0;
    struct error error = {0};

    store_location(50, "Opera");
    store_event(1, "a");
    cr_assert_eq(remove_one(OUTBOX_EVENT, 1, 2), ERROR_NONE);
    cr_assert_eq(remove_one(OUTBOX_LOCATION, 50, 2), ERROR_NONE);

    cr_assert(catalogue_store_events(world.catalogue, &events, count_event, &n, &error));
    cr_assert(catalogue_store_locations(world.catalogue, &locations, count_location, &n, &error));
    cr_expect_eq(n, 0);
}

/* ---- outbox ---- */

struct heap {
    int64_t versions[OUTBOX_MESSAGES_MAX + 8];
    size_t n;
};

static bool note_version(void *context, const struct outbox_message *message, struct error *error)
{
    struct heap *heap = context;

    (void)error;
    heap->versions[heap->n++] = message->version;
    return true;
}

Test(catalogue_changes, keep_one_message_for_each_version)
{
    struct event event = store_event(1, "a");
    struct heap heap = {0};
    struct error error = {0};

    cr_assert_eq(change_event(&event, 2), ERROR_NONE);
    cr_assert_eq(change_event(&event, 2), ERROR_CONFLICT);
    cr_assert_eq(remove_one(OUTBOX_EVENT, 1, 3), ERROR_NONE);
    cr_assert(catalogue_store_unpublished(world.catalogue, 16, note_version, &heap, &error));

    cr_assert_eq(heap.n, 3);
    for (size_t i = 0; i < heap.n; i++)
        cr_expect_eq(heap.versions[i], (int64_t)i + 1);
}

Test(catalogue_changes, are_refused_while_too_many_messages_wait)
{
    struct event event = store_event(1, "a");
    struct outbox_message first = message_of(OUTBOX_EVENT, 1, 1);
    const struct outbox_message *const marked[] = {&first};
    struct error error = {0};

    for (int64_t version = 2; version <= OUTBOX_MESSAGES_MAX; version++)
        cr_assert_eq(change_event(&event, version), ERROR_NONE);

    cr_expect_eq(change_event(&event, OUTBOX_MESSAGES_MAX + 1), ERROR_BUSY);
    cr_expect_eq(remove_one(OUTBOX_EVENT, 1, OUTBOX_MESSAGES_MAX + 1), ERROR_BUSY);
    cr_expect_eq(read_event(1).version, OUTBOX_MESSAGES_MAX);

    cr_assert(catalogue_store_mark(world.catalogue, marked, 1, &error), "%s", error.text);
    cr_expect_eq(change_event(&event, OUTBOX_MESSAGES_MAX + 1), ERROR_NONE);
}

enum {
    N_EDITORS = 8,
    N_CHANGES = 6
};

/* Each adds one to the duration so many times, reading again after every lost race. */
static void *edit(void *context)
{
    (void)context;
    for (int n = 0; n < N_CHANGES;) {
        struct event event = read_event(1);
        enum error_code code;

        event.duration_minutes++;
        code = change_event(&event, event.version + 1);
        cr_assert(code == ERROR_NONE || code == ERROR_CONFLICT, "code %d", (int)code);
        n += code == ERROR_NONE;
    }
    return NULL;
}

Test(catalogue_changes, of_many_editors_at_once_are_all_there)
{
    pthread_t editors[N_EDITORS];

    store_event(1, "a");
    for (size_t i = 0; i < N_EDITORS; i++)
        cr_assert_eq(pthread_create(&editors[i], NULL, edit, NULL), 0);
    for (size_t i = 0; i < N_EDITORS; i++)
        pthread_join(editors[i], NULL);

    const struct event event = read_event(1);

    cr_expect_eq(event.duration_minutes, N_EDITORS * N_CHANGES);
    cr_expect_eq(event.version, 1 + N_EDITORS * N_CHANGES);
}

/* ---- keys ---- */

Test(catalogue_changes, find_what_was_created_under_a_key_even_when_removed)
{
    const struct catalogue_key key = {.hash = {7}, .fingerprint = UINT64_MAX - 1};
    const struct event event = event_of(1, "a", 0);
    const struct event second = event_of(2, "b", 0);
    const struct object_id id = id_of(1);
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    struct catalogue_keyed keyed = {0};
    struct error error = {0};

    cr_assert_not(
        catalogue_store_find_key(world.catalogue, OUTBOX_EVENT, key.hash, &keyed, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_assert(catalogue_store_insert_event(world.catalogue, &event, &key, &message, &error), "%s",
              error.text);
    cr_expect_not(catalogue_store_insert_event(world.catalogue, &event, &key, &message, &error));
    cr_expect_eq(error.code, ERROR_CONFLICT, "the key is asked for before the id");
    message.subject = second.id;
    cr_expect_not(catalogue_store_insert_event(world.catalogue, &second, &key, &message, &error));
    cr_expect_eq(error.code, ERROR_CONFLICT);
    cr_assert(catalogue_store_insert_event(world.catalogue, &second, NULL, &message, &error), "%s",
              error.text);
    cr_assert_eq(remove_one(OUTBOX_EVENT, 1, 2), ERROR_NONE);

    cr_assert(catalogue_store_find_key(world.catalogue, OUTBOX_EVENT, key.hash, &keyed, &error),
              "%s", error.text);
    cr_expect(object_id_equal(&keyed.id, &id));
    cr_expect_eq(keyed.fingerprint, UINT64_MAX - 1);
}

Test(catalogue_changes, know_keys_of_locations_apart_from_those_of_events)
{
    const struct catalogue_key key = {.hash = {7}, .fingerprint = 1};
    const struct location location = location_of(50, "a");
    struct outbox_message message = message_of(OUTBOX_LOCATION, 50, 1);
    struct catalogue_keyed keyed = {0};
    struct error error = {0};

    cr_assert(catalogue_store_insert_location(world.catalogue, &location, &key, &message, &error),
              "%s", error.text);

    cr_expect(catalogue_store_find_key(world.catalogue, OUTBOX_LOCATION, key.hash, &keyed, &error));
    cr_expect_not(
        catalogue_store_find_key(world.catalogue, OUTBOX_EVENT, key.hash, &keyed, &error));
}
