#include "base/object_id.h"

#include "base/random.h"

#include <criterion/criterion.h>
#include <string.h>

#define HEX "6566a1f0c3d2b4a596877801"

Test(object_id, is_24_lower_case_hex_digits)
{
    struct object_id id;

    cr_assert(object_id_parse("6566A1F0c3d2B4a596877801", &id));

    cr_expect_eq(id.bytes[0], 0x65);
    cr_expect_eq(id.bytes[11], 0x01);
    cr_expect_str_eq(object_id_hex(&id).text, HEX);
}

Test(object_id, is_not_read_from_anything_else)
{
    static const char *const texts[] = {
        "",
        "6566a1f0c3d2b4a59687780",
        HEX "0",
        "6566a1f0c3d2b4a59687780g",
        "6566a1f0c3d2b4a59687780G",
        " 566a1f0c3d2b4a596877801",
        "+566a1f0c3d2b4a596877801",
        "0x66a1f0c3d2b4a596877801",
        "6566a1f0c3d2b4a59687780/",
        "6566a1f0c3d2b4a59687780:",
        "6566a1f0c3d2b4a59687780@",
        "6566a1f0c3d2b4a59687780`",
    };
    struct object_id id = {.bytes = {7}};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        cr_expect_not(object_id_parse(texts[i], &id), "%s", texts[i]);

    cr_expect_eq(id.bytes[0], 7);
}

Test(object_id, is_read_from_a_part_of_a_text)
{
    struct object_id id;

    cr_expect(object_id_parse_n(HEX "/bookings", 24, &id));
    cr_expect_not(object_id_parse_n(HEX "/bookings", 25, &id));
    cr_expect_not(object_id_parse_n(HEX, 23, &id));
}

Test(object_id, is_ordered_by_its_bytes)
{
    struct object_id low = {.bytes = {1, 2}};
    struct object_id high = {.bytes = {1, 0x82}};

    cr_expect_lt(object_id_compare(&low, &high), 0);
    cr_expect_gt(object_id_compare(&high, &low), 0);
    cr_expect_eq(object_id_compare(&low, &low), 0);
    cr_expect(object_id_equal(&low, &low));
    cr_expect_not(object_id_equal(&low, &high));
}

Test(object_id, is_none_when_empty)
{
    struct object_id none = {0};
    struct object_id some = {.bytes = {[11] = 1}};

    cr_expect(object_id_is_none(&none));
    cr_expect_not(object_id_is_none(&some));
}

Test(object_id, differs_each_time_when_random)
{
    struct object_id a;
    struct object_id b;

    cr_assert(random_init(NULL));
    a = object_id_random();
    b = object_id_random();

    cr_expect_not(object_id_equal(&a, &b));
    cr_expect_not(object_id_is_none(&a));
}
