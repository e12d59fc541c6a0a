#include "base/random.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(void)
{
    cr_assert(random_init(NULL));
}

TestSuite(random, .init = start);

Test(random, starts_as_often_as_it_is_asked_to)
{
    struct error error = {0};

    cr_expect(random_init(&error));
    cr_expect(random_init(&error));
}

Test(random, differs_each_time)
{
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};

    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));

    cr_expect_neq(memcmp(a, b, sizeof(a)), 0);
    cr_expect_neq(random_u64(), random_u64());
}

/* Many are drawn at a time: no size may read past the end of them, or write past its own. */
Test(random, leaves_nothing_as_it_was_whatever_the_size)
{
    uint8_t bytes[64];

    for (size_t size = 16; size <= sizeof(bytes); size++) {
        memset(bytes, 0, sizeof(bytes));
        for (int i = 0; i < 40; i++) {
            random_bytes(bytes, size);
            cr_assert_neq(memcmp(bytes, (uint8_t[16]){0}, 16), 0, "%zu bytes", size);
            cr_assert(size == sizeof(bytes) || bytes[size] == 0, "%zu bytes", size);
        }
    }
}

Test(random, gives_a_forked_process_other_numbers)
{
    uint64_t mine;
    uint64_t theirs = 0;
    int pipe_ends[2];
    pid_t child;

    (void)random_u64();
    cr_assert_eq(pipe(pipe_ends), 0);
    child = fork();
    if (child == 0) {
        mine = random_u64();
        _exit(write(pipe_ends[1], &mine, sizeof(mine)) == (ssize_t)sizeof(mine) ? 0 : 1);
    }
    mine = random_u64();

    cr_assert_eq(read(pipe_ends[0], &theirs, sizeof(theirs)), (ssize_t)sizeof(theirs));
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_expect_neq(mine, theirs);
}

static void hash_text(const struct hash_part *parts, size_t n_parts, char text[2 * HASH_BYTES + 1])
{
    uint8_t hash[HASH_BYTES];

    hash_parts(parts, n_parts, hash);
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

/* The hashes are stored, so they must be the same for ever and on every machine. */
Test(random, hashes_as_sha_256_over_lengths_and_parts)
{
    static const struct hash_part parts[] = {{"user", 4}, {"", 0}, {"key", 3}};
    char text[2 * HASH_BYTES + 1];

    hash_text(parts, ARRAY_SIZE(parts), text);
    cr_expect_str_eq(text, "5a02ed7258aa9d868dff815e0bb0da900d3f7b124785935066d20b774132cf96", "%s",
                     text);

    hash_text(NULL, 0, text);
    cr_expect_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

Test(random, hashes_other_lists_of_parts_otherwise)
{
    static const struct hash_part lists[][2] = {
        {{"ab", 2}, {"c", 1}},
        {{"a", 1}, {"bc", 2}},
        {{"abc", 3}, {NULL, 0}},
        {{"", 0}, {"abc", 3}},
    };
    char texts[ARRAY_SIZE(lists)][2 * HASH_BYTES + 1];

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        hash_text(lists[i], 2, texts[i]);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(texts[i], texts[j]);
    }
}

Test(random, hashes_parts_that_come_one_by_one_like_a_list_of_them)
{
    static const struct hash_part parts[] = {{"user", 4}, {NULL, 0}, {"key", 3}};
    struct hash_state state;
    uint8_t at_once[HASH_BYTES];
    uint8_t one_by_one[HASH_BYTES];

    hash_parts(parts, ARRAY_SIZE(parts), at_once);
    hash_begin(&state);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        hash_add(&state, parts[i].data, parts[i].size_bytes);
    hash_end(&state, one_by_one);

    cr_expect_arr_eq(one_by_one, at_once, HASH_BYTES);
}
