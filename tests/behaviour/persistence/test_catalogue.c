#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(catalogue_store, .init = world_begin, .fini = world_end, .timeout = 120);

static void store_event(uint32_t number, const char *name, int64_t time_ms)
{
    struct event event = event_of(number, name, 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, time_ms);
    struct error error = {0};

    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error), "%s",
              error.text);
}

static void store_location(uint32_t number, const char *name, int64_t time_ms)
{
    struct location location = location_of(number, name);
    struct outbox_message message = message_of(OUTBOX_LOCATION, number, time_ms);
    struct error error = {0};

    cr_assert(catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error),
              "%s", error.text);
}

Test(catalogue_store, shows_an_event_with_its_location)
{
    struct event event = event_of(1, "Aida", 1800000000);
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    struct event_view view = {0};
    struct error error = {0};

    event.location_id = id_of(50);
    store_location(50, "Opera", 1);
    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error), "%s",
              error.text);
    cr_assert(catalogue_store_event(world.catalogue, &event.id, &view, &error), "%s", error.text);

    cr_expect_str_eq(view.event.name, "Aida");
    cr_expect_eq(view.event.version, 1);
    cr_expect_eq(view.event.start_s, 1800000000);
    cr_assert(view.has_location);
    cr_expect_str_eq(view.location.name, "Opera");
    cr_expect_eq(view.entry, 0);
    event_view_clear(&view);
}

Test(catalogue_store, refuses_an_id_that_is_taken)
{
    struct event event = event_of(1, "second", 0);
    struct location location = location_of(50, "second");
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    struct event_view view = {0};
    struct error error = {0};

    store_event(1, "first", 1);
    store_location(50, "first", 1);

    cr_assert_not(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    cr_assert_not(
        catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    cr_assert(catalogue_store_event(world.catalogue, &event.id, &view, &error));
    cr_expect_str_eq(view.event.name, "first");
}

Test(catalogue_store, does_not_find_what_is_not_there)
{
    const struct object_id id = id_of(1);
    struct event_view view = {0};
    struct location location = {0};
    struct error error = {0};

    cr_assert_not(catalogue_store_event(world.catalogue, &id, &view, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_assert_not(catalogue_store_location(world.catalogue, &id, &location, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(catalogue_store, shows_a_location_with_its_halls)
{
    struct hall halls[HALLS_MAX];
    struct location location = location_of(50, "Congress centre");
    struct outbox_message message = message_of(OUTBOX_LOCATION, 50, 1);
    struct location found = {0};
    struct error error = {0};

    memset(halls, 0, sizeof(halls));
    for (size_t i = 0; i < HALLS_MAX; i++) {
        snprintf(halls[i].name, sizeof(halls[i].name), "hall %zu", i);
        halls[i].capacity = (int64_t)i;
    }
    location.halls = halls;
    location.n_halls = HALLS_MAX;

    cr_assert(catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error),
              "%s", error.text);
    cr_assert(catalogue_store_location(world.catalogue, &location.id, &found, &error), "%s",
              error.text);

    cr_expect_str_eq(found.name, "Congress centre");
    cr_assert_eq(found.n_halls, HALLS_MAX);
    cr_expect_str_eq(found.halls[99].name, "hall 99");
    cr_expect_eq(found.halls[99].capacity, 99);
    location_clear(&found);
}

/* ---- pages ---- */

struct names {
    char text[64];
    struct object_id last;
};

static void note_name(struct names *names, const char *name, const struct object_id *id)
{
    size_t length = strlen(names->text);

    snprintf(names->text + length, sizeof(names->text) - length, "%.1s", name);
    names->last = *id;
}

static bool note_location(void *context, const struct location *location, struct error *error)
{
    (void)error;
    note_name(context, location->name, &location->id);
    return true;
}

Test(catalogue_store, lists_locations_by_id_and_page_after_page)
{
    struct location_page page = {.limit = 2};
    struct location_page by_name = {.limit = 2, .name = "a"};
    struct names first = {0};
    struct names second = {0};
    struct names named = {0};
    struct error error = {0};

    store_location(52, "a", 1);
    store_location(50, "b", 1);
    store_location(51, "c", 1);

    cr_assert(catalogue_store_locations(world.catalogue, &page, note_location, &first, &error));
    page.has_after = true;
    page.after_id = first.last;
    cr_assert(catalogue_store_locations(world.catalogue, &page, note_location, &second, &error));
    cr_assert(catalogue_store_locations(world.catalogue, &by_name, note_location, &named, &error));

    cr_expect_str_eq(first.text, "bc");
    cr_expect_str_eq(second.text, "a");
    cr_expect_str_eq(named.text, "a");
}

struct heard {
    struct names names;
    int64_t seats_sold;
};

static bool note_sale(void *context, const struct event_view *view, struct error *error)
{
    struct heard *heard = context;

    (void)error;
    note_name(&heard->names, view->event.name, &view->event.id);
    heard->seats_sold += view->seats_sold;
    return true;
}

Test(catalogue_store, lists_events_with_what_was_heard_of_their_sale)
{
    struct sale_heard sale = {.event_id = id_of(2), .entry = 4, .seats_sold = 30};
    struct event_page page = {.limit = 10};
    struct heard heard = {0};
    struct error error = {0};

    store_event(2, "b", 1);
    store_event(1, "a", 1);
    cr_assert(catalogue_store_hear_sales(world.catalogue, &sale, 1, &error), "%s", error.text);
    cr_assert(catalogue_store_events(world.catalogue, &page, note_sale, &heard, &error));

    cr_expect_str_eq(heard.names.text, "ab");
    cr_expect_eq(heard.seats_sold, 30);
}

/* ---- sales ---- */

static void expect_sale(uint32_t event, int64_t entry, int64_t seats_sold)
{
    const struct object_id id = id_of(event);
    struct event_view view = {0};
    struct error error = {0};

    cr_assert(catalogue_store_event(world.catalogue, &id, &view, &error), "%s", error.text);
    cr_expect_eq(view.entry, entry);
    cr_expect_eq(view.seats_sold, seats_sold);
}

Test(catalogue_store, keeps_the_sum_of_the_highest_entry_heard)
{
    struct sale_heard sales[] = {
        {.event_id = id_of(1), .entry = 2, .seats_sold = 20},
        {.event_id = id_of(9), .entry = 1, .seats_sold = 1},
        {.event_id = id_of(1), .entry = 3, .seats_sold = 25},
        {.event_id = id_of(1), .entry = 1, .seats_sold = 10},
        {.event_id = id_of(2), .entry = 7, .seats_sold = 0},
    };
    struct sale_heard late[] = {
        {.event_id = id_of(1), .entry = 3, .seats_sold = 25},
        {.event_id = id_of(2), .entry = 6, .seats_sold = 5},
    };
    struct error error = {0};

    store_event(1, "a", 1);
    store_event(2, "b", 1);

    cr_assert(catalogue_store_hear_sales(world.catalogue, sales, 5, &error), "%s", error.text);
    expect_sale(1, 3, 25);
    expect_sale(2, 7, 0);
    cr_expect(sales[0].known && sales[2].known && sales[3].known && sales[4].known);
    cr_expect_not(sales[1].known, "an event that the catalogue does not have");
    cr_expect_not(sales[1].changed);
    store_event(9, "later", 1);
    expect_sale(9, 0, 0);
    cr_expect(sales[2].changed && sales[4].changed);

    cr_assert(catalogue_store_hear_sales(world.catalogue, late, 2, &error), "%s", error.text);
    expect_sale(1, 3, 25);
    expect_sale(2, 7, 0);
    cr_expect_not(late[0].changed);
    cr_expect_not(late[1].changed);
}

/* ---- outbox ---- */

struct heap {
    struct outbox_message messages[16];
    size_t n;
};

static bool note_message(void *context, const struct outbox_message *message, struct error *error)
{
    struct heap *heap = context;

    return outbox_message_copy(message, &heap->messages[heap->n++], error);
}

static void heap_clear(struct heap *heap)
{
    for (size_t i = 0; i < heap->n; i++)
        outbox_message_clear(&heap->messages[i]);
    heap->n = 0;
}

static void read_outbox(size_t limit, struct heap *heap)
{
    struct error error = {0};

    cr_assert(catalogue_store_unpublished(world.catalogue, limit, note_message, heap, &error), "%s",
              error.text);
}

static void store_three(void)
{
    store_location(50, "here", 10);
    store_event(1, "first", 20);
    store_event(2, "second", 30);
}

Test(catalogue_store, shows_unpublished_messages_whole_and_oldest_first)
{
    static const char body[] = "{\"id\": \"an event\"}";
    const struct object_id subjects[] = {id_of(50), id_of(1), id_of(2)};
    struct heap heap = {0};

    store_three();
    read_outbox(16, &heap);

    cr_assert_eq(heap.n, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(heap.messages[i].kind, i == 0 ? OUTBOX_LOCATION : OUTBOX_EVENT);
        cr_expect(object_id_equal(&heap.messages[i].subject, &subjects[i]));
        cr_expect_eq(heap.messages[i].version, 1);
        cr_expect_str_eq(heap.messages[i].name, "event.created");
        cr_expect_eq(heap.messages[i].time_ms, 10 * ((int64_t)i + 1));
        cr_expect_eq(heap.messages[i].body_bytes, sizeof(body) - 1);
        cr_expect_str_eq(heap.messages[i].body, body);
    }
    heap_clear(&heap);
}

Test(catalogue_store, leaves_out_messages_that_were_marked)
{
    const struct object_id left = id_of(1);
    struct outbox_message location = message_of(OUTBOX_LOCATION, 50, 10);
    struct outbox_message event = message_of(OUTBOX_EVENT, 2, 30);
    const struct outbox_message *const marked[] = {&location, &event};
    struct heap heap = {0};
    struct error error = {0};

    store_three();
    cr_assert(catalogue_store_mark(world.catalogue, marked, 2, &error), "%s", error.text);
    cr_assert(catalogue_store_mark(world.catalogue, marked, 2, &error), "%s", error.text);
    read_outbox(16, &heap);

    cr_assert_eq(heap.n, 1);
    cr_expect(object_id_equal(&heap.messages[0].subject, &left));
    heap_clear(&heap);
}

Test(catalogue_store, shows_at_most_as_many_messages_as_were_asked_for)
{
    struct heap heap = {0};

    for (uint32_t i = 1; i <= 5; i++)
        store_event(i, "one of five", i);
    read_outbox(2, &heap);

    cr_expect_eq(heap.n, 2);
    heap_clear(&heap);
}

Test(catalogue_store, marks_only_the_version_that_was_confirmed)
{
    struct outbox_message other = message_of(OUTBOX_EVENT, 1, 1);
    const struct outbox_message *const marked[] = {&other};
    struct heap heap = {0};
    struct error error = {0};

    store_event(1, "first", 20);
    other.version = 2;
    cr_assert(catalogue_store_mark(world.catalogue, marked, 1, &error), "%s", error.text);
    read_outbox(16, &heap);

    cr_expect_eq(heap.n, 1);
    heap_clear(&heap);
}
