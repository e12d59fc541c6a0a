#include "base/memory.h"
#include "domain/location.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void name_halls(struct location *location, const char *first, const char *second)
{
    cr_assert(location_make_halls(location, 2, NULL));
    snprintf(location->halls[0].name, TEXT_BYTES, "%s", first);
    snprintf(location->halls[1].name, TEXT_BYTES, "%s", second);
}

Test(location, copies_its_halls)
{
    CLEANUP(location_clear) struct location source = {.name = "Opera", .open_hour = 7};
    CLEANUP(location_clear) struct location copy = {0};

    name_halls(&source, "Great hall", "Cellar");
    source.halls[1].capacity = 80;
    cr_assert(location_copy(&source, &copy, NULL));

    cr_expect_str_eq(copy.name, "Opera");
    cr_expect_eq(copy.open_hour, 7);
    cr_assert_eq(copy.n_halls, 2);
    cr_expect_neq(copy.halls, source.halls);
    cr_expect_str_eq(copy.halls[1].name, "Cellar");
    cr_expect_eq(copy.halls[1].capacity, 80);
}

Test(location, is_copied_without_halls)
{
    const struct location source = {.name = "Meadow"};
    struct location copy = {0};

    cr_assert(location_copy(&source, &copy, NULL));

    cr_expect_eq(copy.n_halls, 0);
    cr_expect_null(copy.halls);
}

Test(location, stays_as_it_was_when_memory_is_short)
{
    CLEANUP(location_clear) struct location source = {.name = "Opera"};
    struct location copy = {.name = "Meadow"};
    struct error error = {0};

    name_halls(&source, "Great hall", "Cellar");
    memory_fail_at(1, false);
    cr_assert_not(location_copy(&source, &copy, &error));
    memory_fail_at(0, false);

    cr_expect_eq(error.code, ERROR_MEMORY);
    cr_expect_str_eq(copy.name, "Meadow");
}

Test(location, is_empty_after_clearing_once_or_twice)
{
    struct location location = {.name = "Opera"};

    name_halls(&location, "Great hall", "Cellar");
    location_clear(&location);
    location_clear(&location);

    cr_expect_null(location.halls);
    cr_expect_eq(location.n_halls, 0);
    cr_expect_str_empty(location.name);
}

Test(location, passes_with_a_name_and_different_halls)
{
    CLEANUP(location_clear) struct location location = {.name = "Opera"};

    name_halls(&location, "Great hall", "great hall");

    cr_expect(location_check(&location, "", NULL));
}

Test(location, is_refused_without_a_name_and_with_two_halls_of_one_name)
{
    CLEANUP(location_clear) struct location location = {0};
    struct error error = {0};

    name_halls(&location, "Cellar", "Cellar");
    cr_assert_not(location_check(&location, "/Location", &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_assert_eq(error.n_details, 2);
    cr_expect_str_eq(error.details[0].pointer, "/Location/Name");
    cr_expect_str_eq(error.details[1].pointer, "/Location/Halls/1/name");
}

Test(location, finds_a_hall_by_its_exact_name)
{
    CLEANUP(location_clear) struct location location = {0};

    name_halls(&location, "Great hall", "Cellar");

    cr_expect_eq(location_hall(&location, "Cellar"), &location.halls[1]);
    cr_expect_null(location_hall(&location, "cellar"));
    cr_expect_null(location_hall(&location, "Attic"));
}
