#include "base/memory.h"
#include "base/random.h"
#include "persistence/array.h"
#include "persistence/id_index.h"

#include <criterion/criterion.h>

static void init(void)
{
    struct error error = {0};

    cr_assert(random_init(&error));
}

TestSuite(id_index, .init = init);

static struct object_id id_of(uint32_t number)
{
    struct object_id id = {.bytes = {1}};

    for (size_t i = 0; i < sizeof(number); i++)
        id.bytes[i + 1] = (uint8_t)(number >> (8 * i));
    return id;
}

Test(id_index, finds_what_was_put_and_nothing_else)
{
    enum {
        N = 5000
    };
    CLEANUP(id_index_clear) struct id_index index = {0};
    const struct object_id none = {{0}};
    struct error error = {0};
    size_t number = 7;

    cr_expect_not(id_index_find(&index, &none, &number));
    for (uint32_t i = 0; i < N; i++) {
        const struct object_id id = id_of(i);

        cr_assert(id_index_put(&index, &id, i, &error));
    }

    for (uint32_t i = 0; i < N; i++) {
        const struct object_id id = id_of(i);
        const struct object_id other = id_of(i + N);

        cr_assert(id_index_find(&index, &id, &number));
        cr_assert_eq(number, i);
        cr_assert_not(id_index_find(&index, &other, NULL));
    }
    cr_expect_eq(index.n, N);
    cr_expect_not(id_index_find(&index, &none, &number), "none is an id like any other");
}

Test(id_index, replaces_the_number_of_an_id)
{
    CLEANUP(id_index_clear) struct id_index index = {0};
    const struct object_id id = id_of(1);
    struct error error = {0};
    size_t number = 0;

    cr_assert(id_index_put(&index, &id, 1, &error));
    cr_assert(id_index_put(&index, &id, 2, &error));

    cr_assert(id_index_find(&index, &id, &number));
    cr_expect_eq(number, 2);
    cr_expect_eq(index.n, 1);
}

Test(id_index, does_not_fail_for_what_was_reserved_and_keeps_what_it_has_otherwise)
{
    CLEANUP(id_index_clear) struct id_index index = {0};
    struct error error = {0};

    cr_assert(id_index_reserve(&index, 1000, &error));
    memory_fail_at(1, true);
    for (uint32_t i = 0; i < 1000; i++) {
        const struct object_id id = id_of(i);

        cr_assert(id_index_put(&index, &id, i, &error));
    }
    cr_assert_not(id_index_reserve(&index, 100000, &error));
    memory_fail_at(0, false);

    cr_expect_eq(error.code, ERROR_MEMORY);
    for (uint32_t i = 0; i < 1000; i++) {
        const struct object_id id = id_of(i);

        cr_assert(id_index_find(&index, &id, NULL));
    }
}

Test(array, grows_by_doubling_and_stays_as_it_was_without_memory)
{
    struct error error = {0};
    size_t capacity = 0;
    int *items = array_room(NULL, 0, 1, &capacity, sizeof(*items), &error);
    size_t first = capacity;

    cr_assert_not_null(items);
    items[0] = 42;
    memory_fail_at(1, true);
    cr_expect_eq(array_room(items, first - 1, 1, &capacity, sizeof(*items), &error), items);
    cr_expect_null(array_room(items, first, 1, &capacity, sizeof(*items), &error));
    memory_fail_at(0, false);
    cr_expect_eq(capacity, first);
    cr_expect_eq(items[0], 42);

    items = array_room(items, first, 3 * first, &capacity, sizeof(*items), &error);
    cr_assert_not_null(items);
    cr_expect_eq(items[0], 42);
    cr_expect_eq(capacity, 4 * first);
    memory_free(items);
}
