#include "samples.h"

#include <criterion/criterion.h>

TestSuite(user_store, .init = world_begin, .fini = world_end, .timeout = 120);

static bool insert(const struct user *user)
{
    struct error error = {0};
    bool existed = true;

    cr_assert(user_store_insert(world.users, user, &existed, &error), "%s", error.text);
    return !existed;
}

Test(user_store, keeps_every_member)
{
    const struct user users[] = {
        {.id = id_of(1), .first = "Zoë", .last = "Ünal", .age = AGE_MAX},
        {.id = id_of(2), .first = "Bo"},
    };
    struct user user;
    struct error error = {0};

    for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
        cr_expect(insert(&users[i]));
        cr_assert(user_store_user(world.users, &users[i].id, &user, &error), "%s", error.text);
        cr_expect(user_equal(&user, &users[i]));
    }
}

Test(user_store, tells_a_repeat_from_another_user)
{
    const struct user user = {.id = id_of(1), .first = "Ada", .age = 36};
    const struct user others[] = {
        {.id = id_of(1), .first = "Ad", .age = 36},
        {.id = id_of(1), .first = "Ada", .last = "L", .age = 36},
        {.id = id_of(1), .first = "Ada", .age = 37},
    };
    bool existed = false;
    struct error error = {0};

    cr_expect(insert(&user));
    cr_expect_not(insert(&user));
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        cr_expect_not(user_store_insert(world.users, &others[i], &existed, &error));
        cr_expect_eq(error.code, ERROR_EXISTS);
    }
}

Test(user_store, knows_only_users)
{
    const struct object_id id = id_of(9);
    struct user user;
    struct error error = {0};

    cr_assert_not(user_store_user(world.users, &id, &user, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

struct seen {
    struct object_id ids[8];
    size_t n;
    size_t fail_at; /* 0: never */
};

static bool see(void *context, const struct user *user, struct error *error)
{
    struct seen *seen = context;

    if (seen->fail_at && seen->n + 1 == seen->fail_at)
        return error_set(error, ERROR_TOO_LARGE, "enough");
    seen->ids[seen->n++] = user->id;
    return true;
}

static void insert_five(void)
{
    static const uint32_t numbers[] = {4, 1, 5, 2, 3};

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        const struct user user = {.id = id_of(numbers[i]), .first = "Ada"};

        cr_expect(insert(&user));
    }
}

Test(user_store, lists_in_the_order_of_ids_from_behind_one)
{
    const struct user_page pages[] = {
        {.limit = 1000},
        {.limit = 2},
        {.limit = 2, .has_after = true, .after_id = id_of(3)},
        {.limit = 2, .has_after = true, .after_id = id_of(5)},
    };
    static const uint32_t firsts[] = {1, 1, 4, 0};
    static const size_t counts[] = {5, 2, 2, 0};
    struct error error = {0};

    insert_five();
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct seen seen = {0};

        cr_assert(user_store_users(world.users, &pages[i], see, &seen, &error), "%s", error.text);
        cr_assert_eq(seen.n, counts[i]);
        for (uint32_t n = 0; n < seen.n; n++) {
            const struct object_id id = id_of(firsts[i] + n);

            cr_expect(object_id_equal(&seen.ids[n], &id));
        }
    }
}

Test(user_store, ends_a_list_with_the_error_of_a_visit)
{
    const struct user_page page = {.limit = 1000};
    struct seen seen = {.fail_at = 3};
    struct error error = {0};

    insert_five();
    cr_assert_not(user_store_users(world.users, &page, see, &seen, &error));

    cr_expect_eq(error.code, ERROR_TOO_LARGE);
    cr_expect_eq(seen.n, 2);
}
