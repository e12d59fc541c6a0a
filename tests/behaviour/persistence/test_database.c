#include "samples.h"

#include <criterion/criterion.h>

TestSuite(database, .init = world_begin, .fini = world_end, .timeout = 120);

Test(database, answers)
{
    struct error error = {0};

    cr_expect(database_ping(world.database, &error), "%s", error.text);
}

Test(database, keeps_numbers_by_name)
{
    int64_t value = 42;
    struct error error = {0};

    cr_assert(database_load_number(world.database, "offset", &value, &error), "%s", error.text);
    cr_expect_eq(value, 42, "what is not there leaves the value alone");

    cr_assert(database_store_number(world.database, "offset", INT64_MAX, &error), "%s", error.text);
    cr_assert(database_store_number(world.database, "other", -1, &error), "%s", error.text);
    cr_assert(database_load_number(world.database, "offset", &value, &error), "%s", error.text);
    cr_expect_eq(value, INT64_MAX);

    cr_assert(database_store_number(world.database, "offset", 7, &error), "%s", error.text);
    cr_assert(database_load_number(world.database, "offset", &value, &error), "%s", error.text);
    cr_expect_eq(value, 7);
}

Test(database, is_the_same_for_everybody_who_opens_it)
{
    CLEANUP(database_freep) struct database *second = NULL;
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);
    struct ledger_head head;
    struct error error = {0};

    cr_assert(database_open(&world.options, &second, &error), "%s", error.text);
    cr_assert_eq(insert_one(&entry), LEDGER_LANDED);

    cr_assert(ledger_store_head(database_ledger(second), &entry.key.event_id, &head, &error), "%s",
              error.text);
    cr_expect_eq(head.sequence, 0);
}

Test(database, refuses_an_unknown_type)
{
    struct database_options options = world.options;
    struct database *database = NULL;
    struct error error = {0};

    options.backend = "dbase";
    cr_assert_not(database_open(&options, &database, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_null(database);
}

Test(database, keeps_an_offset_for_one_generation_alone)
{
    int64_t offset = 0;

    cr_assert(database_store_offset(world.database, "a.log", 1, 42, NULL));
    cr_assert(database_store_offset(world.database, "a.log", 1, 43, NULL));

    cr_assert(database_load_offset(world.database, "a.log", 2, &offset, NULL));
    cr_expect_eq(offset, 0);
    cr_assert(database_load_offset(world.database, "a.log", 1, &offset, NULL));
    cr_expect_eq(offset, 43);
}
