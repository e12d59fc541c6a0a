#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(copy_store, .init = world_begin, .fini = world_end, .timeout = 120);

static bool put_event(const struct event *event, bool removed)
{
    struct copy_event change = {.event = event, .removed = removed};
    struct error error = {0};

    cr_assert(copy_store_put_events(world.copy, &change, 1, &error), "%s", error.text);
    return change.changed;
}

static bool put_location(const struct location *location, bool removed)
{
    struct copy_location change = {.location = location, .removed = removed};
    struct error error = {0};

    cr_assert(copy_store_put_locations(world.copy, &change, 1, &error), "%s", error.text);
    return change.changed;
}

Test(copy_store, keeps_every_member_of_an_event)
{
    struct event event = {
        .id = id_of(1),
        .version = 3,
        .name = "Zauberflöte",
        .location_id = id_of(50),
        .hall = "Great hall",
        .capacity = 2000,
        .closed = true,
        .duration_minutes = 180,
        .start_s = 1800000000,
        .end_s = 1800010800,
    };
    struct event_view view = {0};
    struct error error = {0};

    cr_expect(put_event(&event, false));
    cr_assert(copy_store_event(world.copy, &event.id, &view, &error), "%s", error.text);

    cr_expect(object_id_equal(&view.event.id, &event.id));
    cr_expect_eq(view.event.version, 3);
    cr_expect_str_eq(view.event.name, event.name);
    cr_expect(object_id_equal(&view.event.location_id, &event.location_id));
    cr_expect_str_eq(view.event.hall, "Great hall");
    cr_expect_eq(view.event.capacity, 2000);
    cr_expect(view.event.closed);
    cr_expect_eq(view.event.duration_minutes, 180);
    cr_expect_eq(view.event.start_s, 1800000000);
    cr_expect_eq(view.event.end_s, 1800010800);
    cr_expect_not(view.has_location);
    event_view_clear(&view);
}

Test(copy_store, replaces_only_by_a_higher_version)
{
    struct event second = event_of(1, "second", 0);
    struct event third = event_of(1, "third", 0);
    struct event_view view = {0};
    struct error error = {0};

    second.version = 2;
    second.location_id = id_of(50);
    third.version = 3;
    third.capacity = CAPACITY_UNKNOWN;

    cr_expect(put_event(&second, false));
    cr_expect_not(put_event(&second, false), "the same once more");
    cr_expect(put_event(&third, false));
    cr_expect_not(put_event(&second, false), "older");

    cr_assert(copy_store_event(world.copy, &third.id, &view, &error), "%s", error.text);
    cr_expect_str_eq(view.event.name, "third");
    cr_expect_eq(view.event.capacity, CAPACITY_UNKNOWN);
    cr_expect(object_id_is_none(&view.event.location_id), "of the older version nothing is left");
}

Test(copy_store, takes_many_changes_in_any_order_at_once)
{
    struct event events[] = {event_of(1, "1.2", 0), event_of(2, "2.1", 0), event_of(1, "1.3", 0),
                             event_of(1, "1.1", 0)};
    struct copy_event changes[] = {
        {.event = &events[0]}, {.event = &events[1]}, {.event = &events[2]}, {.event = &events[3]}};
    struct event_view view = {0};
    struct error error = {0};

    events[0].version = 2;
    events[2].version = 3;

    cr_assert(copy_store_put_events(world.copy, changes, 4, &error), "%s", error.text);
    cr_assert(copy_store_event(world.copy, &events[0].id, &view, &error), "%s", error.text);
    cr_expect_str_eq(view.event.name, "1.3");
    cr_assert(copy_store_event(world.copy, &events[1].id, &view, &error), "%s", error.text);
    cr_expect_str_eq(view.event.name, "2.1");
    cr_expect(changes[1].changed && changes[2].changed);
}

Test(copy_store, takes_more_changes_than_one_bulk_holds)
{
    enum {
        N = 600
    };
    static struct event events[N];
    static struct copy_event changes[N];
    struct error error = {0};

    for (uint32_t i = 0; i < N; i++) {
        events[i] = event_of(i, "one of many", i);
        changes[i].event = &events[i];
    }
    cr_assert(copy_store_put_events(world.copy, changes, N, &error), "%s", error.text);
    for (size_t i = 0; i < N; i++)
        cr_assert(changes[i].changed, "event %zu", i);
}

Test(copy_store, keeps_a_removed_event_as_a_tombstone)
{
    struct event event = event_of(1, "gone", 0);
    struct event removal = {.id = id_of(1), .version = 2};
    struct event_view view = {0};
    struct error error = {0};

    cr_expect(put_event(&event, false));
    cr_expect(put_event(&removal, true));
    cr_expect_not(put_event(&event, false), "what comes late does not bring it back");

    cr_assert_not(copy_store_event(world.copy, &event.id, &view, &error));
    cr_expect_eq(error.code, ERROR_GONE);
}

Test(copy_store, knows_a_removal_that_comes_before_anything_else)
{
    struct event removal = {.id = id_of(1), .version = 2};
    struct event event = event_of(1, "late", 0);
    struct event_view view = {0};
    struct error error = {0};

    cr_expect(put_event(&removal, true));
    cr_expect_not(put_event(&event, false));

    cr_assert_not(copy_store_event(world.copy, &event.id, &view, &error));
    cr_expect_eq(error.code, ERROR_GONE);
}

Test(copy_store, does_not_find_what_never_came)
{
    const struct object_id id = id_of(1);
    struct event_view view = {0};
    struct error error = {0};

    cr_assert_not(copy_store_event(world.copy, &id, &view, &error));

    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(copy_store, shows_an_event_with_the_head_of_its_ledger)
{
    struct ledger_booking bookings[] = {{.id = id_of(100), .seats = 3}};
    const struct ledger_entry entries[] = {entry_of(1, 0, NULL, 0), entry_of(1, 1, bookings, 1),
                                           entry_of(2, 0, NULL, 0), entry_of(3, 0, NULL, 0)};
    const struct event sold = event_of(1, "sold", 0);
    const struct event unsold = event_of(4, "unsold", 0);
    const struct object_id unknown = id_of(3);
    struct ledger_head head = {0};
    struct event_view view = {0};
    struct error error = {0};

    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        cr_assert_eq(insert_one(&entries[i]), LEDGER_LANDED);
    cr_assert(put_event(&sold, false));
    cr_assert(put_event(&unsold, false));

    cr_assert(copy_store_event_sold(world.copy, &sold.id, &view, &head, &error), "%s", error.text);
    cr_expect_str_eq(view.event.name, "sold");
    cr_expect_eq(head.sequence, 1);
    cr_expect_eq(head.state.seats_sold, entries[1].state.seats_sold);
    cr_assert(copy_store_event_sold(world.copy, &unsold.id, &view, &head, &error), "%s",
              error.text);
    cr_expect_not(head.exists);
    cr_expect_not(copy_store_event_sold(world.copy, &unknown, &view, &head, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND, "a ledger alone is no event");
}

Test(copy_store, shows_an_event_with_its_location_as_it_is_now)
{
    struct hall halls[] = {{.name = "Great hall", .location = "left", .capacity = 2000},
                           {.name = "Cellar", .capacity = 80}};
    struct location old = location_of(50, "old name");
    struct location location = location_of(50, "Staatsoper");
    struct event event = event_of(1, "Aida", 0);
    struct event_view view = {0};
    struct error error = {0};

    location.version = 2;
    location.close_hour = 24;
    location.halls = halls;
    location.n_halls = 2;
    strcpy(location.address, "Opernring 2");
    strcpy(location.country, "AT");
    event.location_id = location.id;

    cr_expect(put_event(&event, false));
    cr_expect(put_location(&location, false));
    cr_expect_not(put_location(&old, false));
    cr_assert(copy_store_event(world.copy, &event.id, &view, &error), "%s", error.text);

    cr_assert(view.has_location);
    cr_expect(object_id_equal(&view.location.id, &location.id));
    cr_expect_eq(view.location.version, 2);
    cr_expect_str_eq(view.location.name, "Staatsoper");
    cr_expect_str_eq(view.location.address, "Opernring 2");
    cr_expect_str_eq(view.location.country, "AT");
    cr_expect_eq(view.location.open_hour, 9);
    cr_expect_eq(view.location.close_hour, 24);
    cr_assert_eq(view.location.n_halls, 2);
    cr_assert_not_null(view.location.halls);
    cr_expect_str_eq(view.location.halls[0].name, "Great hall");
    cr_expect_str_eq(view.location.halls[0].location, "left");
    cr_expect_eq(view.location.halls[1].capacity, 80);
    event_view_clear(&view);
}

Test(copy_store, goes_on_showing_a_removed_location_but_none_that_never_had_a_name)
{
    struct location location = location_of(50, "torn down");
    struct location removal = {.id = id_of(50), .version = 2};
    struct location bare = {.id = id_of(51), .version = 2};
    struct event event = event_of(1, "here", 0);
    struct event other = event_of(2, "there", 0);
    struct event_view view = {0};
    struct error error = {0};

    event.location_id = location.id;
    other.location_id = bare.id;
    cr_expect(put_location(&location, false));
    cr_expect(put_location(&removal, true));
    cr_expect(put_location(&bare, true));
    cr_expect(put_event(&event, false));
    cr_expect(put_event(&other, false));

    cr_assert(copy_store_event(world.copy, &event.id, &view, &error), "%s", error.text);
    cr_expect(view.has_location);
    cr_expect_str_eq(view.location.name, "torn down");
    event_view_clear(&view);
    cr_assert(copy_store_event(world.copy, &other.id, &view, &error), "%s", error.text);
    cr_expect_not(view.has_location);
}

/* ---- pages ---- */

struct names {
    char text[64];
    struct event last;
    size_t n;
    size_t n_locations;
};

static bool note(void *context, const struct event_view *view, struct error *error)
{
    struct names *names = context;
    size_t length = strlen(names->text);

    (void)error;
    snprintf(names->text + length, sizeof(names->text) - length, "%.1s", view->event.name);
    names->last = view->event;
    names->n_locations += view->has_location ? 1 : 0;
    names->n++;
    return true;
}

/* In order: b and e start at an unknown time, d and a and c at 100, f at 200; g was removed. */
static void store_events(void)
{
    static const struct {
        uint32_t number;
        const char *name;
        int64_t start_s;
    } rows[] = {{4, "a", 100}, {1, "b", 0},   {5, "c", 100}, {3, "d", 100},
                {2, "e", 0},   {6, "f", 200}, {7, "g", 150}};
    struct location location = location_of(50, "somewhere");

    cr_expect(put_location(&location, false));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct event event = event_of(rows[i].number, rows[i].name, rows[i].start_s);

        if (rows[i].number % 2 == 0)
            event.location_id = location.id;
        cr_expect(put_event(&event, false));
    }
    struct event removal = {.id = id_of(7), .version = 2};
    cr_expect(put_event(&removal, true));
}

static struct names list(struct event_page page)
{
    struct names names = {0};
    struct error error = {0};

    cr_assert(copy_store_events(world.copy, &page, note, &names, &error), "%s", error.text);
    return names;
}

Test(copy_store, lists_events_by_start_and_id_without_removed_ones)
{
    store_events();

    cr_expect_str_eq(list((struct event_page){.limit = 1000}).text, "bedacf");
    cr_expect_eq(list((struct event_page){.limit = 1000}).n_locations, 3);
}

Test(copy_store, lists_page_after_page)
{
    static const char *const pages[] = {"be", "da", "cf", ""};
    struct event_page page = {.limit = 2};

    store_events();
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct names names = list(page);

        cr_expect_str_eq(names.text, pages[i]);
        page.has_after = true;
        page.after_start_s = names.n ? names.last.start_s : page.after_start_s;
        page.after_id = names.n ? names.last.id : page.after_id;
    }
}

Test(copy_store, lists_what_a_page_asks_for)
{
    static const int64_t s_100 = 100;
    static const int64_t s_200 = 200;
    const struct object_id location_id = id_of(50);
    const struct object_id no_id = {{0}};
    const struct object_id after = id_of(4);
    const struct {
        struct event_page page;
        const char *names;
    } rows[] = {
        {{.limit = 10, .name = "c"}, "c"},
        {{.limit = 10, .name = "g"}, ""},
        {{.limit = 10, .name = "C"}, ""},
        {{.limit = 10, .location_id = &location_id}, "eaf"},
        {{.limit = 10, .location_id = &no_id}, ""},
        {{.limit = 10, .from_s = &s_100}, "dacf"},
        {{.limit = 10, .to_s = &s_200}, "bedac"},
        {{.limit = 10, .from_s = &s_100, .to_s = &s_200}, "dac"},
        {{.limit = 2, .from_s = &s_100, .location_id = &location_id}, "af"},
        {{.limit = 9, .has_after = true, .after_start_s = 100, .after_id = after}, "cf"},
        {{.limit = 9, .has_after = true, .after_start_s = 100, .after_id = after, .to_s = &s_200},
         "c"},
        {{.limit = 9, .has_after = true, .after_start_s = 100, .after_id = after, .name = "f"},
         "f"},
        {{.limit = 9, .has_after = true, .after_start_s = 0, .after_id = after, .from_s = &s_200},
         "f"},
        {{.limit = 9, .has_after = true, .after_start_s = 200, .to_s = &s_200}, ""},
    };

    store_events();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(list(rows[i].page).text, rows[i].names, "row %zu: %s", i,
                         list(rows[i].page).text);
}

static bool count(void *context, const struct event_view *view, struct error *error)
{
    (void)view;
    (void)error;
    ++*(size_t *)context;
    return true;
}

static bool refuse(void *context, const struct event_view *view, struct error *error)
{
    (void)context;
    (void)view;
    return error_set(error, ERROR_TOO_LARGE, "enough");
}

Test(copy_store, lists_more_events_than_are_joined_at_a_time)
{
    enum {
        N = 250
    };
    static struct event events[N];
    static struct copy_event changes[N];
    struct event_page page = {.limit = 230};
    struct error error = {0};
    size_t n = 0;

    for (uint32_t i = 0; i < N; i++) {
        events[i] = event_of(i, "one of many", 5);
        changes[i].event = &events[i];
    }
    cr_assert(copy_store_put_events(world.copy, changes, N, &error), "%s", error.text);
    cr_assert(copy_store_events(world.copy, &page, count, &n, &error), "%s", error.text);
    cr_expect_eq(n, 230);

    cr_assert_not(copy_store_events(world.copy, &page, refuse, NULL, &error));
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}
