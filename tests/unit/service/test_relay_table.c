#include "base/memory.h"
#include "service/relay_table.h"

#include <criterion/criterion.h>

enum {
    PLACES = 100
};

static struct relay_key key_of(int64_t number)
{
    return (struct relay_key){.subject = {.bytes = {1, 2, 3}}, .number = number};
}

static struct relay_table table;

static void make(void)
{
    cr_assert(relay_table_init(&table, PLACES, 42, NULL));
}

static void clear(void)
{
    relay_table_clear(&table);
}

TestSuite(relay_table, .init = make, .fini = clear);

Test(relay_table, finds_what_was_added_and_nothing_else)
{
    const struct relay_key key = key_of(1);
    struct relay_key other_subject = key;
    struct relay_key other_kind = key;
    const struct relay_key other_number = key_of(2);
    uint32_t place;

    other_subject.subject.bytes[11] = 1;
    other_kind.kind = 1;
    place = relay_table_add(&table, &key);

    cr_expect_lt(place, PLACES);
    cr_expect_eq(relay_table_find(&table, &key), place);
    cr_expect_eq(relay_table_find(&table, &other_subject), RELAY_NOWHERE);
    cr_expect_eq(relay_table_find(&table, &other_kind), RELAY_NOWHERE);
    cr_expect_eq(relay_table_find(&table, &other_number), RELAY_NOWHERE);
}

/* In so full a table some keys share a chain, where every member counts. */
static void expect_all_found(struct relay_key (*key_number)(int64_t))
{
    uint32_t places[PLACES];

    for (int64_t i = 0; i < PLACES; i++) {
        const struct relay_key key = key_number(i);

        places[i] = relay_table_add(&table, &key);
    }
    for (int64_t i = 0; i < PLACES; i++) {
        const struct relay_key key = key_number(i);

        cr_expect_eq(relay_table_find(&table, &key), places[i]);
    }
}

static struct relay_key subject_of(int64_t number)
{
    return (struct relay_key){.subject = {.bytes = {(uint8_t)number}}};
}

static struct relay_key kind_of(int64_t number)
{
    return (struct relay_key){.kind = (int32_t)number};
}

Test(relay_table, tells_numbers_apart)
{
    expect_all_found(key_of);
}

Test(relay_table, tells_subjects_apart)
{
    expect_all_found(subject_of);
}

Test(relay_table, tells_kinds_apart)
{
    expect_all_found(kind_of);
}

Test(relay_table, gives_each_key_its_own_place_until_all_are_taken)
{
    bool taken[PLACES] = {false};
    const struct relay_key one_too_many = key_of(PLACES);

    for (int64_t i = 0; i < PLACES; i++) {
        struct relay_key key = key_of(i);
        uint32_t place = relay_table_add(&table, &key);

        cr_assert_lt(place, PLACES);
        cr_expect_not(taken[place]);
        taken[place] = true;
    }

    cr_expect_eq(table.n_used, PLACES);
    cr_expect_eq(relay_table_add(&table, &one_too_many), RELAY_NOWHERE);
}

Test(relay_table, forgets_what_is_removed_and_uses_its_place_again)
{
    for (int64_t i = 0; i < PLACES; i++) {
        struct relay_key key = key_of(i);

        cr_assert_neq(relay_table_add(&table, &key), RELAY_NOWHERE);
    }

    for (int64_t i = 0; i < PLACES; i += 3) {
        struct relay_key key = key_of(i);

        relay_table_remove(&table, relay_table_find(&table, &key));
    }

    for (int64_t i = 0; i < PLACES; i++) {
        struct relay_key key = key_of(i);
        struct relay_key newer = key_of(i + PLACES);

        if (i % 3 != 0)
            cr_expect_neq(relay_table_find(&table, &key), RELAY_NOWHERE);
        else
            cr_expect_neq(relay_table_add(&table, &newer), RELAY_NOWHERE);
    }
    cr_expect_eq(table.n_used, PLACES);
}

Test(relay_table, spreads_keys_by_its_salt)
{
    CLEANUP(relay_table_clear) struct relay_table other = {0};
    size_t differ = 0;

    cr_assert(relay_table_init(&other, PLACES, 43, NULL));
    for (int64_t i = 0; i < PLACES; i++) {
        struct relay_key key = key_of(i);

        (void)relay_table_add(&table, &key);
        (void)relay_table_add(&other, &key);
    }
    for (size_t i = 0; i <= table.mask; i++)
        differ += table.chains[i] != other.chains[i];

    cr_expect_gt(differ, table.mask / 2);
}

Test(relay_table, says_so_when_memory_fails)
{
    for (long n = 1; n <= 3; n++) {
        struct relay_table none = {0};
        struct error error = {0};

        memory_fail_at(n, false);
        cr_expect_not(relay_table_init(&none, PLACES, 0, &error));
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_null(none.keys);
    }
}
