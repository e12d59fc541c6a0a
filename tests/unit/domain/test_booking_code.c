#include "base/random.h"
#include "domain/booking.h"
#include "domain/booking_code.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
    N_RANDOM = 2000
};

static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
static const struct object_id event = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};

static void start(void)
{
    cr_assert(random_init(NULL));
}

TestSuite(booking_code, .init = start);

static struct booking_code random_code(void)
{
    struct object_id id = booking_id_of(&event, random_u64());

    return booking_code_of(&id);
}

static bool is_code(const char *text)
{
    struct object_id first;
    struct object_id last;

    return booking_code_range(text, &event, &first, &last);
}

Test(booking_code, is_found_in_the_range_it_names)
{
    for (int i = 0; i < N_RANDOM; i++) {
        struct object_id id = booking_id_of(&event, random_u64());
        struct object_id first;
        struct object_id last;

        struct booking_code code = booking_code_of(&id);

        cr_assert(booking_code_range(code.text, &event, &first, &last), "%s", code.text);
        cr_expect_leq(object_id_compare(&first, &id), 0, "%s", code.text);
        cr_expect_geq(object_id_compare(&last, &id), 0, "%s", code.text);
    }
}

Test(booking_code, stands_for_every_id_of_its_range_and_no_other)
{
    for (int i = 0; i < N_RANDOM; i++) {
        struct booking_code code = random_code();
        struct object_id first;
        struct object_id last;
        struct object_id before;
        struct object_id after;

        cr_assert(booking_code_range(code.text, &event, &first, &last));
        before = booking_id_of(&event, booking_id_derived(&first) - 1);
        after = booking_id_of(&event, booking_id_derived(&last) + 1);

        cr_expect_str_eq(booking_code_of(&first).text, code.text);
        cr_expect_str_eq(booking_code_of(&last).text, code.text);
        cr_expect_str_neq(booking_code_of(&before).text, code.text);
        cr_expect_str_neq(booking_code_of(&after).text, code.text);
    }
}

Test(booking_code, is_in_the_order_of_the_ids)
{
    for (int i = 0; i < N_RANDOM; i++) {
        struct object_id one = booking_id_of(&event, random_u64());
        struct object_id other = booking_id_of(&event, random_u64());
        struct booking_code code_of_one = booking_code_of(&one);
        struct booking_code code_of_other = booking_code_of(&other);

        int of_codes = memcmp(code_of_one.text, code_of_other.text, BOOKING_CODE_CHARACTERS - 1);

        if (of_codes != 0)
            cr_expect_eq(of_codes < 0, object_id_compare(&one, &other) < 0);
    }
}

Test(booking_code, covers_the_ends_of_the_ids)
{
    struct object_id lowest = booking_id_of(&event, 0);
    struct object_id highest = booking_id_of(&event, UINT64_MAX);
    struct object_id first;
    struct object_id last;

    cr_assert(booking_code_range(booking_code_of(&lowest).text, &event, &first, &last));
    cr_expect_eq(booking_id_derived(&first), 0);
    cr_assert(booking_code_range(booking_code_of(&highest).text, &event, &first, &last));
    cr_expect_eq(booking_id_derived(&last), UINT64_MAX);
}

Test(booking_code, stays_what_it_was_in_earlier_releases)
{
    struct object_id id = booking_id_of(&event, 0x0123456789abcdef);

    cr_expect_str_eq(booking_code_of(&id).text, "24XY6FF8VE7");
}

Test(booking_code, has_only_characters_that_are_told_apart)
{
    for (int i = 0; i < N_RANDOM; i++) {
        struct booking_code code = random_code();

        cr_expect_eq(strlen(code.text), BOOKING_CODE_CHARACTERS);
        cr_expect_eq(strspn(code.text, alphabet), BOOKING_CODE_CHARACTERS, "%s", code.text);
    }
}

Test(booking_code, is_read_in_any_case_of_letters)
{
    struct object_id id = booking_id_of(&event, 0xfedcba9876543210);
    struct booking_code code = booking_code_of(&id);
    struct object_id first;
    struct object_id last;

    for (char *letter = code.text; *letter; letter++) {
        if (*letter >= 'A')
            *letter = (char)(*letter - 'A' + 'a');
    }

    cr_assert(booking_code_range(code.text, &event, &first, &last), "%s", code.text);
    cr_expect_leq(object_id_compare(&first, &id), 0);
    cr_expect_geq(object_id_compare(&last, &id), 0);
}

Test(booking_code, refuses_every_single_wrong_character)
{
    for (int i = 0; i < N_RANDOM / 10; i++) {
        struct booking_code code = random_code();

        for (size_t at = 0; at < BOOKING_CODE_CHARACTERS; at++) {
            struct booking_code wrong = code;

            for (const char *other = alphabet; *other; other++) {
                wrong.text[at] = *other;
                cr_expect_eq(is_code(wrong.text), *other == code.text[at], "%s for %s", wrong.text,
                             code.text);
            }
        }
    }
}

Test(booking_code, refuses_any_two_characters_that_changed_places)
{
    for (int i = 0; i < N_RANDOM / 10; i++) {
        struct booking_code code = random_code();

        for (size_t at = 0; at < BOOKING_CODE_CHARACTERS; at++) {
            for (size_t with = at + 1; with < BOOKING_CODE_CHARACTERS; with++) {
                struct booking_code wrong = code;

                wrong.text[at] = code.text[with];
                wrong.text[with] = code.text[at];
                cr_expect_eq(is_code(wrong.text), code.text[at] == code.text[with], "%s for %s",
                             wrong.text, code.text);
            }
        }
    }
}

Test(booking_code, refuses_what_is_no_code)
{
    static const char *const texts[] = {
        "",
        "2",
        "2222222222",
        "222222222222",
        "22222 22222",
        "2222222222O",
        "0000000000I",
        "2222222222\xc3",
        "ZZZZZZZZZZ5", /* its check character is right, its number beyond 49 bits */
    };

    cr_expect(is_code("22222222222"));
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        cr_expect_not(is_code(texts[i]), "\"%s\"", texts[i]);
}

Test(booking_code, leaves_the_range_alone_when_it_is_refused)
{
    struct object_id first = event;
    struct object_id last = event;

    cr_expect_not(booking_code_range("no code", &event, &first, &last));

    cr_expect(object_id_equal(&first, &event));
    cr_expect(object_id_equal(&last, &event));
}
