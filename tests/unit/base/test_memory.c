#include "base/memory.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(memory, is_zeroed)
{
    CLEANUP(memory_freep) unsigned char *bytes = memory_array(100, 10, NULL);

    cr_assert(bytes);
    for (size_t i = 0; i < 1000; i++)
        cr_expect_eq(bytes[i], 0);
}

Test(memory, is_given_for_nothing_as_well)
{
    CLEANUP(memory_freep) void *none = memory_new(0, NULL);
    CLEANUP(memory_freep) void *empty = memory_array(0, 8, NULL);
    CLEANUP(memory_freep) void *copy = memory_copy(NULL, 0, NULL);
    CLEANUP(memory_freep) void *resized = memory_resize(NULL, 0, 8, NULL);

    cr_expect(none && empty && copy && resized);
}

Test(memory, refuses_products_that_overflow)
{
    struct error error = {0};
    CLEANUP(memory_freep) char *block = memory_text("kept", NULL);

    cr_expect_null(memory_array(SIZE_MAX / 2, 4, &error));
    cr_expect_eq(error.code, ERROR_MEMORY);
    cr_expect_null(memory_resize(block, SIZE_MAX / 2, 4, &error));
    cr_expect_eq(error.code, ERROR_MEMORY);

    cr_expect_str_eq(block, "kept");
}

Test(memory, keeps_its_contents_when_it_grows)
{
    CLEANUP(memory_freep) char *text = memory_text("seats", NULL);

    text = memory_resize(text, 1000, 1, NULL);

    cr_assert(text);
    cr_expect_str_eq(text, "seats");
}

Test(memory, copies_bytes_and_texts)
{
    CLEANUP(memory_freep) char *text = memory_text("hall", NULL);
    CLEANUP(memory_freep) char *bytes = memory_copy("a\0b", 3, NULL);

    cr_assert(text && bytes);
    cr_expect_str_eq(text, "hall");
    cr_expect_eq(memcmp(bytes, "a\0b", 3), 0);
}

Test(memory, is_forgotten_once_freed)
{
    char *text = memory_text("gone", NULL);

    memory_freep(&text);
    cr_expect_null(text);
    memory_freep(&text);
    memory_free(NULL);
}

/* Which of five allocations fail, as digits. */
static void pattern(char text[6])
{
    for (int i = 0; i < 5; i++) {
        CLEANUP(memory_freep) void *block = memory_new(1, NULL);

        text[i] = block ? '1' : '0';
    }
    text[5] = '\0';
}

Test(memory, fails_where_it_is_told_to)
{
    char text[6];

    memory_fail_at(3, false);
    pattern(text);
    cr_expect_str_eq(text, "11011");

    memory_fail_at(3, true);
    pattern(text);
    cr_expect_str_eq(text, "11000");

    memory_fail_at(0, true);
    pattern(text);
    cr_expect_str_eq(text, "11111");
}

Test(memory, says_so_in_every_function_that_fails)
{
    struct error errors[5] = {0};

    memory_fail_at(1, true);
    cr_expect_null(memory_new(1, &errors[0]));
    cr_expect_null(memory_array(1, 1, &errors[1]));
    cr_expect_null(memory_resize(NULL, 1, 1, &errors[2]));
    cr_expect_null(memory_copy("a", 1, &errors[3]));
    cr_expect_null(memory_text("a", &errors[4]));
    memory_fail_at(0, false);

    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(errors[i].code, ERROR_MEMORY, "row %zu", i);
}

Test(memory, counts_its_allocations)
{
    long before = memory_allocations();
    char text[6];

    pattern(text);

    cr_expect_eq(memory_allocations() - before, 5);
}
