#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(attempt_store, .init = world_begin, .fini = world_end, .timeout = 120);

static int note(const char *name, uint32_t process)
{
    const struct object_id by = id_of(process);
    struct error error = {0};
    int n_noted = -1;

    cr_assert(attempt_store_note(world.attempts, name, &by, &n_noted, &error), "%s", error.text);
    return n_noted;
}

static void forget(const char *name)
{
    struct error error = {0};

    cr_assert(attempt_store_forget(world.attempts, name, &error), "%s", error.text);
}

Test(attempt_store, counts_processes_by_name)
{
    cr_expect_eq(note("one", 1), 1);
    cr_expect_eq(note("one", 2), 2);
    cr_expect_eq(note("other", 2), 1);
    cr_expect_eq(note("one", 3), 3);
}

Test(attempt_store, counts_a_process_once)
{
    (void)note("one", 1);
    (void)note("one", 2);

    cr_expect_eq(note("one", 1), 2);
    cr_expect_eq(note("one", 2), 2);
}

Test(attempt_store, forgets_all_attempts_at_what_is_done)
{
    (void)note("one", 1);
    (void)note("one", 2);
    (void)note("other", 1);
    forget("one");

    cr_expect_eq(note("one", 3), 1);
    cr_expect_eq(note("other", 2), 2);
}

Test(attempt_store, forgets_what_nobody_tried)
{
    forget("nothing");

    cr_expect_eq(note("nothing", 1), 1);
}

Test(attempt_store, has_a_ceiling)
{
    for (uint32_t process = 1; process <= ATTEMPTS_MAX; process++)
        cr_expect_eq(note("one", process), (int)process);

    cr_expect_eq(note("one", ATTEMPTS_MAX + 1), ATTEMPTS_MAX);
    cr_expect_eq(note("one", 1), ATTEMPTS_MAX);
}

Test(attempt_store, outlives_the_process_that_noted)
{
    CLEANUP(database_freep) struct database *second = NULL;
    const struct object_id by = id_of(2);
    struct error error = {0};
    int n_noted = 0;

    (void)note("one", 1);
    cr_assert(database_open(&world.options, &second, &error), "%s", error.text);

    cr_assert(attempt_store_note(database_attempts(second), "one", &by, &n_noted, &error), "%s",
              error.text);
    cr_expect_eq(n_noted, 2);
}

Test(attempt_store, takes_names_as_long_as_promised)
{
    char name[ATTEMPT_NAME_BYTES];

    snprintf(name, sizeof(name), "%0*d", ATTEMPT_NAME_BYTES - 1, 1);
    (void)note(name, 1);

    cr_expect_eq(note(name, 2), 2);
}
