#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(search_store, .init = world_begin, .fini = world_end, .timeout = 120);

static struct search_entry entry(uint32_t number, int64_t start_s, const char *words)
{
    return (struct search_entry){
        .event_id = id_of(number), .event_version = 1, .start_s = start_s, .words = words};
}

static void put(const struct search_entry *entries, size_t n_entries)
{
    struct error error = {0};

    cr_assert(search_store_put(world.search, entries, n_entries, &error), "%s", error.text);
}

/* The numbers of what is found, as a text: "1 3". */
static const char *find(const struct search_page *page)
{
    static char numbers[256];
    struct search_hit hits[16];
    size_t n_hits = 0;
    size_t length = 0;
    struct error error = {0};

    cr_assert(search_store_find(world.search, page, hits, &n_hits, &error), "%s", error.text);
    numbers[0] = '\0';
    for (size_t i = 0; i < n_hits; i++)
        length += (size_t)snprintf(numbers + length, sizeof(numbers) - length, "%s%u", i ? " " : "",
                                   hits[i].event_id.bytes[OBJECT_ID_BYTES - 1]);
    return numbers;
}

static const char *find_words(const char *words)
{
    return find(&(struct search_page){.limit = 16, .words = words});
}

Test(search_store, finds_by_all_of_the_words)
{
    const struct search_entry entries[] = {
        entry(1, 10, "aida opera vienna"),
        entry(2, 10, "opera"),
        entry(3, 10, "aida zoë naïve"),
        entry(4, 10, ""),
    };

    put(entries, ARRAY_SIZE(entries));

    cr_expect_str_eq(find_words("aida"), "1 3");
    cr_expect_str_eq(find_words("opera"), "1 2");
    cr_expect_str_eq(find_words("opera aida"), "1");
    cr_expect_str_eq(find_words("zoë"), "3");
    cr_expect_str_eq(find_words("ope"), "");
    cr_expect_str_eq(find_words("opera nothing"), "");
    cr_expect_str_eq(find_words(""), "1 2 3 4");
}

Test(search_store, takes_words_for_words_only)
{
    const struct search_entry entries[] = {entry(1, 10, "$where .* {} removed"), entry(2, 10, "a")};

    put(entries, ARRAY_SIZE(entries));

    cr_expect_str_eq(find_words(".*"), "1");
    cr_expect_str_eq(find_words("$where {}"), "1");
    cr_expect_str_eq(find_words("."), "");
}

Test(search_store, orders_by_start_and_pages_behind_one)
{
    const struct search_entry entries[] = {
        entry(1, 30, "a b"), entry(2, 20, "a b"), entry(3, 20, "a b"),
        entry(4, 10, "a"),   entry(5, 0, "a b"),
    };
    const int64_t from_s = 20;
    const int64_t to_s = 30;

    put(entries, ARRAY_SIZE(entries));

    cr_expect_str_eq(find(&(struct search_page){.limit = 16, .words = "b"}), "5 2 3 1");
    cr_expect_str_eq(find(&(struct search_page){.limit = 2, .words = "b"}), "5 2");
    cr_expect_str_eq(find(&(struct search_page){.limit = 2,
                                                .words = "b",
                                                .has_after = true,
                                                .after_start_s = 20,
                                                .after_id = id_of(2)}),
                     "3 1");
    cr_expect_str_eq(find(&(struct search_page){.limit = 16, .words = "", .from_s = &from_s}),
                     "2 3 1");
    cr_expect_str_eq(find(&(struct search_page){.limit = 16, .words = "a", .to_s = &to_s}),
                     "5 4 2 3");
    cr_expect_str_eq(find(&(struct search_page){.limit = 16,
                                                .words = "a b",
                                                .from_s = &from_s,
                                                .to_s = &to_s,
                                                .has_after = true,
                                                .after_start_s = 20,
                                                .after_id = id_of(2)}),
                     "3");
    cr_expect_str_eq(find(&(struct search_page){.limit = 16,
                                                .words = "b",
                                                .from_s = &from_s,
                                                .has_after = true,
                                                .after_start_s = 10,
                                                .after_id = id_of(9)}),
                     "2 3 1");
    cr_expect_str_eq(find(&(struct search_page){.limit = 16,
                                                .words = "b",
                                                .to_s = &from_s,
                                                .has_after = true,
                                                .after_start_s = 20,
                                                .after_id = id_of(2)}),
                     "");
}

Test(search_store, keeps_the_highest_version_of_event_and_then_of_place)
{
    struct search_entry entries[] = {
        entry(1, 10, "e2p1"),
        entry(1, 10, "e1p9"),
        entry(1, 10, "e2p2"),
        entry(1, 10, "e2p1again"),
    };
    static const char *const words[] = {"e2p1", "e2p1", "e2p2", "e2p2"};

    entries[0].event_version = entries[2].event_version = entries[3].event_version = 2;
    entries[0].place_version = entries[3].place_version = 1;
    entries[1].place_version = 9;
    entries[2].place_version = 2;
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
        put(&entries[i], 1);
        cr_expect_str_eq(find_words(words[i]), "1", "after %zu", i);
        cr_expect_str_eq(find_words(""), "1");
    }
}

Test(search_store, keeps_the_highest_of_several_in_one_call)
{
    struct search_entry entries[] = {entry(1, 10, "one"), entry(1, 10, "three"),
                                     entry(1, 10, "two")};

    entries[1].event_version = 3;
    entries[2].event_version = 2;
    put(entries, ARRAY_SIZE(entries));

    cr_expect_str_eq(find_words("three"), "1");
    cr_expect_str_eq(find_words("two"), "");
}

Test(search_store, forgets_what_is_removed_and_what_is_older_than_that)
{
    const struct search_entry first = entry(1, 10, "a");
    const struct search_entry removal = {.event_id = id_of(1), .event_version = 2, .removed = true};

    put(&first, 1);
    put(&removal, 1);
    cr_expect_str_eq(find_words("a"), "");
    put(&first, 1);
    cr_expect_str_eq(find_words("a"), "");
    cr_expect_str_eq(find_words(""), "");
}

/* ---- what the copy has ---- */

static void copy_event(const struct event *event, bool removed)
{
    struct copy_event change = {.event = event, .removed = removed};
    struct error error = {0};

    cr_assert(copy_store_put_events(world.copy, &change, 1, &error), "%s", error.text);
}

static void copy_place(uint32_t number, const char *name)
{
    CLEANUP(location_clear) struct location place = location_of(number, name);
    struct copy_location change = {.location = &place};
    struct error error = {0};

    cr_assert(copy_store_put_locations(world.copy, &change, 1, &error), "%s", error.text);
}

static bool see(void *context, const struct event_view *view, struct error *error)
{
    char *seen = context;
    size_t length = strlen(seen);

    (void)error;
    snprintf(seen + length, 128 - length, "%s@%s ", view->event.name,
             view->has_location ? view->location.name : "nowhere");
    return true;
}

Test(search_store, shows_events_of_the_copy_in_the_order_that_was_asked_for)
{
    const struct object_id ids[] = {id_of(3), id_of(1), id_of(9), id_of(2), id_of(4)};
    struct event events[] = {event_of(1, "A", 1), event_of(2, "B", 2), event_of(3, "C", 3),
                             event_of(4, "D", 4)};
    char seen[128] = "";
    struct error error = {0};

    copy_place(7, "Hall");
    for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
        if (i != 2)
            events[i].location_id = id_of(7);
        copy_event(&events[i], false);
    }
    events[3].version = 2;
    copy_event(&events[3], true);

    cr_assert(search_store_events(world.search, ids, ARRAY_SIZE(ids), see, seen, &error), "%s",
              error.text);

    cr_expect_str_eq(seen, "C@nowhere A@Hall B@Hall ");
}
