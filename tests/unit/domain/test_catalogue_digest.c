#include "base/random.h"
#include "domain/catalogue_digest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void start(void)
{
    cr_assert(random_init(NULL));
}

TestSuite(catalogue_digest, .init = start);

static struct catalogue_item event_item(uint8_t number)
{
    struct catalogue_item item = {
        .kind = CATALOGUE_EVENT,
        .id = {{number}},
        .version = 3,
        .event = {.name = "Aida",
                  .location_id = {{9}},
                  .hall = "Great hall",
                  .capacity = 2000,
                  .duration_minutes = 180,
                  .start_s = 1800000000,
                  .end_s = 1800010800},
    };

    return item;
}

static struct catalogue_item location_item(struct hall *halls, size_t n_halls)
{
    struct catalogue_item item = {
        .kind = CATALOGUE_LOCATION,
        .id = {{1}},
        .version = 1,
        .location = {.name = "Opera", .address = "Ring 2", .country = "AT", .open_hour = 9},
    };

    item.location.halls = halls;
    item.location.n_halls = n_halls;
    return item;
}

/* Stored by nobody, yet compared between programs of two versions that run side by side. */
Test(catalogue_digest, stays_the_same_from_version_to_version)
{
    struct catalogue_digest digest = {0};
    struct catalogue_item item = event_item(1);

    catalogue_digest_add(&digest, &item);

    cr_expect_eq(digest.sum, UINT64_C(0xeb168736e058c7dc), "0x%016llx",
                 (unsigned long long)digest.sum);
    cr_expect_eq(catalogue_digest_short(&digest), INT64_C(0x8736e058c7dc));
}

Test(catalogue_digest, does_not_depend_on_the_order)
{
    struct catalogue_digest forth = {0};
    struct catalogue_digest back = {0};

    for (uint8_t i = 0; i < 10; i++) {
        struct catalogue_item first = event_item(i);
        struct catalogue_item last = event_item((uint8_t)(9 - i));

        catalogue_digest_add(&forth, &first);
        catalogue_digest_add(&back, &last);
    }

    cr_expect(catalogue_digest_equal(&forth, &back));
    cr_expect_eq(forth.n_items, 10);
}

Test(catalogue_digest, differs_when_something_is_missing_or_of_another_kind)
{
    struct catalogue_item event = event_item(1);
    struct catalogue_item bare_event = {.kind = CATALOGUE_EVENT, .version = 2, .removed = true};
    struct catalogue_item bare_location = bare_event;
    struct catalogue_digest empty = {0};
    struct catalogue_digest one = {0};

    bare_location.kind = CATALOGUE_LOCATION;
    catalogue_digest_add(&one, &event);

    cr_expect_not(catalogue_digest_equal(&empty, &one));
    cr_expect_neq(catalogue_item_hash(&bare_event), catalogue_item_hash(&bare_location));
}

/* Each row changes one member of an event. */
Test(catalogue_digest, differs_when_any_member_of_an_event_does)
{
    struct catalogue_item items[12];

    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        items[i] = event_item(1);
    items[1].id.bytes[11] = 1;
    items[2].version = 4;
    items[3].removed = true;
    items[4].event.name[0] = 'a';
    items[5].event.location_id = (struct object_id){0};
    items[6].event.hall[0] = '\0';
    items[7].event.capacity = CAPACITY_UNKNOWN;
    items[8].event.closed = true;
    items[9].event.duration_minutes = 0;
    items[10].event.start_s++;
    items[11].event.end_s--;

    for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(catalogue_item_hash(&items[i]), catalogue_item_hash(&items[j]),
                          "rows %zu and %zu", i, j);
    }
}

Test(catalogue_digest, differs_when_any_member_of_a_location_does)
{
    struct hall halls[] = {{.name = "Cellar", .location = "left", .capacity = 80}};
    struct hall others[3][1] = {{{.name = "Attic", .location = "left", .capacity = 80}},
                                {{.name = "Cellar", .location = "right", .capacity = 80}},
                                {{.name = "Cellar", .location = "left", .capacity = 81}}};
    struct catalogue_item items[10];

    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        items[i] = location_item(halls, 1);
    items[1].location.name[0] = 'o';
    items[2].location.address[0] = '\0';
    items[3].location.country[1] = 'U';
    items[4].location.open_hour = 10;
    items[5].location.close_hour = 24;
    items[6].location.n_halls = 0;
    for (size_t i = 0; i < 3; i++)
        items[7 + i].location.halls = others[i];

    for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(catalogue_item_hash(&items[i]), catalogue_item_hash(&items[j]),
                          "rows %zu and %zu", i, j);
    }
}

Test(catalogue_digest, leaves_out_what_a_tombstone_still_shows)
{
    struct catalogue_item full = event_item(1);
    struct catalogue_item bare = {.kind = CATALOGUE_EVENT, .id = full.id, .version = 3};

    full.removed = true;
    bare.removed = true;

    cr_expect_eq(catalogue_item_hash(&full), catalogue_item_hash(&bare));
}

Test(catalogue_digest, counts_tombstones_and_what_cannot_be_read)
{
    struct catalogue_item items[3] = {event_item(1), event_item(2), event_item(3)};
    struct catalogue_digest digest = {0};

    items[1].removed = true;
    snprintf(items[2].flaw, sizeof(items[2].flaw), "member name is missing");
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        catalogue_digest_add(&digest, &items[i]);

    cr_expect_eq(digest.n_items, 3);
    cr_expect_eq(digest.n_removed, 1);
    cr_expect_eq(digest.n_flawed, 1);
}
