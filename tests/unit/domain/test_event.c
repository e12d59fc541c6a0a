#include "domain/event.h"

#include <criterion/criterion.h>

static struct hall halls[] = {
    {.name = "Great hall", .capacity = 2000},
    {.name = "Cellar", .capacity = 80},
};
static const struct location opera = {.name = "Opera", .halls = halls, .n_halls = 2};

Test(event, passes_with_a_name_alone)
{
    struct event event = {.name = "Aida"};
    struct error error = {0};

    cr_expect(event_check(&event, &error));
    cr_expect_eq(error.code, ERROR_NONE);
}

Test(event, is_refused_without_a_name_and_with_an_end_before_its_start)
{
    struct event event = {.start_s = 2000, .end_s = 1999};
    struct error error = {0};

    cr_assert_not(event_check(&event, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_assert_eq(error.n_details, 2);
    cr_expect_str_eq(error.details[0].pointer, "/Name");
    cr_expect_str_eq(error.details[1].pointer, "/EndDate");
    cr_expect_str_eq(error.details[1].text, "is before the start");
}

Test(event, may_end_when_it_starts_and_have_one_time_only)
{
    const struct event events[] = {
        {.name = "moment", .start_s = 2000, .end_s = 2000},
        {.name = "no end", .start_s = 2000},
        {.name = "no start", .end_s = 2000},
        {.name = "no start, over before 1970", .end_s = -2000},
    };

    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        cr_expect(event_check(&events[i], NULL), "%s", events[i].name);
}

Test(event, takes_the_capacity_of_the_hall_it_names)
{
    struct event event = {.hall = "Cellar", .capacity = CAPACITY_UNKNOWN};

    cr_assert(event_take_capacity(&event, &opera, NULL));

    cr_expect_eq(event.capacity, 80);
}

Test(event, takes_the_sum_of_the_halls_when_it_names_none)
{
    struct event event = {.capacity = CAPACITY_UNKNOWN};

    cr_assert(event_take_capacity(&event, &opera, NULL));

    cr_expect_eq(event.capacity, 2080);
}

Test(event, has_no_limit_without_halls_or_location)
{
    const struct location meadow = {.name = "Meadow"};
    struct event event = {.capacity = CAPACITY_UNKNOWN};

    cr_assert(event_take_capacity(&event, &meadow, NULL));
    cr_expect_eq(event.capacity, CAPACITY_UNKNOWN);
    cr_assert(event_take_capacity(&event, NULL, NULL));
    cr_expect_eq(event.capacity, CAPACITY_UNKNOWN);
}

Test(event, keeps_the_capacity_it_was_given)
{
    struct event event = {.hall = "Cellar", .capacity = 0};

    cr_assert(event_take_capacity(&event, &opera, NULL));

    cr_expect_eq(event.capacity, 0);
}

Test(event, is_refused_in_a_hall_that_the_location_lacks)
{
    const int64_t capacities[] = {CAPACITY_UNKNOWN, 10};

    for (size_t i = 0; i < ARRAY_SIZE(capacities); i++) {
        struct event event = {.hall = "Attic", .capacity = capacities[i]};
        struct error error = {0};

        cr_assert_not(event_take_capacity(&event, &opera, &error));

        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.details[0].pointer, "/Hall");
        cr_expect_eq(event.capacity, capacities[i]);
    }
}

Test(event, is_refused_when_the_halls_have_more_seats_than_an_event_may)
{
    struct hall stadiums[] = {{.capacity = CAPACITY_MAX}, {.capacity = 1}};
    const struct location town = {.halls = stadiums, .n_halls = 2};
    struct event event = {.capacity = CAPACITY_UNKNOWN};
    struct error error = {0};

    cr_assert_not(event_take_capacity(&event, &town, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_str_eq(error.details[0].pointer, "/Capacity");
    cr_expect_eq(event.capacity, CAPACITY_UNKNOWN);
    stadiums[1].capacity = 0;
    cr_assert(event_take_capacity(&event, &town, NULL));
    cr_expect_eq(event.capacity, CAPACITY_MAX);
}
