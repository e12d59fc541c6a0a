#include "base/buffer.h"

#include "base/memory.h"

#include <criterion/criterion.h>
#include <string.h>

Test(buffer, is_empty_when_it_starts)
{
    CLEANUP(buffer_clear) struct buffer buffer = {0};

    cr_expect(buffer_ok(&buffer, NULL));
    cr_expect_null(buffer.data);
    buffer_append(&buffer, NULL, 0);
    cr_expect(buffer_ok(&buffer, NULL));
}

Test(buffer, collects_all_kinds_of_pieces)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    buffer_init(&buffer, 1000);
    buffer_text(&buffer, "seats");
    buffer_char(&buffer, '=');
    buffer_number(&buffer, INT64_MIN);
    buffer_format(&buffer, " of %d%s", 10, "!");
    buffer_format(&buffer, "%s", "");
    buffer_append(&buffer, "\0end", 4);

    cr_assert(buffer_ok(&buffer, NULL));
    cr_expect_str_eq(buffer.data, "seats=-9223372036854775808 of 10!");
    cr_expect_eq(buffer.size_bytes, strlen(buffer.data) + 4);
    cr_expect_eq(buffer.data[buffer.size_bytes], '\0');
}

Test(buffer, grows_without_losing_a_byte)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    buffer_init(&buffer, SIZE_MAX);
    for (int i = 0; i < 100000; i++)
        buffer_char(&buffer, (char)('a' + i % 26));

    cr_assert(buffer_ok(&buffer, NULL));
    cr_assert_eq(buffer.size_bytes, 100000);
    for (int i = 0; i < 100000; i++)
        cr_assert_eq(buffer.data[i], 'a' + i % 26);
    cr_expect_eq(buffer.data[100000], '\0');
}

Test(buffer, holds_exactly_its_ceiling)
{
    CLEANUP(buffer_clear) struct buffer buffer;

    buffer_init(&buffer, 5);
    buffer_text(&buffer, "12345");

    cr_expect(buffer_ok(&buffer, NULL));
    cr_expect_str_eq(buffer.data, "12345");
    cr_expect_leq(buffer.capacity_bytes, 6);
}

Test(buffer, stays_failed_once_its_ceiling_was_reached)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    struct error error = {0};

    buffer_init(&buffer, 5);
    buffer_text(&buffer, "1234");
    buffer_text(&buffer, "56");
    buffer_text(&buffer, "7");
    buffer_format(&buffer, "%d", 8);

    cr_assert_not(buffer_ok(&buffer, &error));
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
    cr_expect_str_eq(error.text, "more than 5 bytes");
    cr_expect_str_eq(buffer.data, "1234");
}

Test(buffer, takes_nothing_without_a_ceiling)
{
    CLEANUP(buffer_clear) struct buffer buffer = {0};

    buffer_char(&buffer, 'a');

    cr_expect_not(buffer_ok(&buffer, NULL));
}

Test(buffer, bears_sizes_near_the_end_of_the_range)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    static const struct {
        const char *first;
        size_t more_bytes;
        enum error_code code;
    } rows[] = {
        {"", SIZE_MAX, ERROR_TOO_LARGE},         {"a", SIZE_MAX, ERROR_TOO_LARGE},
        {"a", SIZE_MAX - 1, ERROR_TOO_LARGE},    {"a", SIZE_MAX - 2, ERROR_TOO_LARGE},
        {"", (size_t)PTRDIFF_MAX, ERROR_MEMORY}, {"a", (size_t)PTRDIFF_MAX, ERROR_TOO_LARGE},
    };

    buffer_init(&buffer, SIZE_MAX);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct error error = {0};

        buffer_reset(&buffer);
        buffer_text(&buffer, rows[i].first);
        buffer_append(&buffer, "b", rows[i].more_bytes);
        cr_expect_not(buffer_ok(&buffer, &error));
        cr_expect_eq(error.code, rows[i].code, "row %zu", i);
    }
}

Test(buffer, keeps_its_memory_when_reset)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    const char *data;

    buffer_init(&buffer, 5);
    buffer_text(&buffer, "123");
    buffer_text(&buffer, "456");
    data = buffer.data;
    buffer_reset(&buffer);
    cr_expect_str_eq(buffer.data, "");
    buffer_text(&buffer, "ab");

    cr_expect(buffer_ok(&buffer, NULL));
    cr_expect_eq(buffer.data, data);
    cr_expect_str_eq(buffer.data, "ab");
}

Test(buffer, hands_its_memory_over_and_starts_again)
{
    CLEANUP(buffer_clear) struct buffer buffer;
    CLEANUP(memory_freep) char *first = NULL;
    CLEANUP(memory_freep) char *second = NULL;

    buffer_init(&buffer, 5);
    buffer_text(&buffer, "one");
    first = buffer_take(&buffer);
    buffer_text(&buffer, "two");
    second = buffer_take(&buffer);

    cr_expect_str_eq(first, "one");
    cr_expect_str_eq(second, "two");
    cr_expect_null(buffer_take(&buffer));
}

static void fill(struct buffer *buffer)
{
    for (int i = 0; i < 100; i++)
        buffer_format(buffer, "seat %d, ", i);
}

Test(buffer, says_which_allocation_failed_and_keeps_what_it_had)
{
    long n = 0;
    bool good = false;

    while (!good) {
        CLEANUP(buffer_clear) struct buffer buffer;
        struct error error = {0};

        buffer_init(&buffer, 10000);
        memory_fail_at(++n, false);
        fill(&buffer);
        memory_fail_at(0, false);
        good = buffer_ok(&buffer, &error);
        cr_expect(good || error.code == ERROR_MEMORY);
        cr_expect(!buffer.data || strlen(buffer.data) == buffer.size_bytes);
    }
    cr_expect_geq(n, 5, "only %ld allocations", n);
}
