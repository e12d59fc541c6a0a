#include "base/error.h"

#include "base/utf8.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(error, is_nothing_when_it_starts)
{
    struct error error = {0};

    cr_expect_eq(error.code, ERROR_NONE);
    cr_expect_str_eq(error_code_name(error.code), "none");
}

Test(error, has_another_name_for_each_code)
{
    for (int a = ERROR_NONE; a <= ERROR_INTERNAL; a++)
        for (int b = ERROR_NONE; b < a; b++)
            cr_expect_str_neq(error_code_name((enum error_code)a),
                              error_code_name((enum error_code)b));
    cr_expect_str_eq(error_code_name(ERROR_SOLD_OUT), "sold-out");
    cr_expect_str_eq(error_code_name((enum error_code)1000), "unknown");
}

Test(error, carries_code_and_text_and_forgets_what_was_there)
{
    struct error error = {0};

    error_detail(&error, "/seats", "is required");
    error_add_number(&error, "seatsLeft", 3);
    cr_expect_not(error_set(&error, ERROR_GONE, "event %d", 7));

    cr_expect_eq(error.code, ERROR_GONE);
    cr_expect_str_eq(error.text, "event 7");
    cr_expect_eq(error.n_details, 0);
    cr_expect_eq(error.n_members, 0);
}

Test(error, may_be_set_from_its_own_text)
{
    struct error error = {0};

    error_set(&error, ERROR_BUSY, "full");
    error_set(&error, ERROR_UNAVAILABLE, "the queue is %s", error.text);

    cr_expect_str_eq(error.text, "the queue is full");
}

Test(error, tells_the_way_it_came)
{
    struct error error = {0};

    error_set(&error, ERROR_SOLD_OUT, "%d left", 1);
    error_add_number(&error, "seatsLeft", 1);
    cr_expect_not(error_wrap(&error, "reserving %d seats", 2));

    cr_expect_eq(error.code, ERROR_SOLD_OUT);
    cr_expect_str_eq(error.text, "reserving 2 seats: 1 left");
    cr_expect_eq(error.n_members, 1);
}

Test(error, is_nobodys_business_when_null)
{
    cr_expect_not(error_set(NULL, ERROR_GONE, "gone"));
    cr_expect_not(error_wrap(NULL, "more"));
    cr_expect_not(error_detail(NULL, "/a", "bad"));
    cr_expect_not(error_set_errno(NULL, EIO, "reading"));
    error_add_number(NULL, "n", 1);
    error_add_text(NULL, "t", "x");
}

Test(error, names_every_bad_member_and_speaks_of_the_first)
{
    struct error error = {0};

    cr_expect_not(error_detail(&error, "/seats", "must be %d to %d", 1, 10));
    cr_expect_not(error_detail(&error, "/UserID", "is not known"));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_str_eq(error.text, "/seats: must be 1 to 10");
    cr_assert_eq(error.n_details, 2);
    cr_expect_str_eq(error.details[0].pointer, "/seats");
    cr_expect_str_eq(error.details[0].text, "must be 1 to 10");
    cr_expect_str_eq(error.details[1].pointer, "/UserID");
    cr_expect_str_eq(error.details[1].text, "is not known");
}

Test(error, speaks_of_the_whole_body_without_a_pointer)
{
    struct error error = {0};

    error_detail(&error, "", "must be an object");

    cr_expect_str_eq(error.text, "must be an object");
    cr_expect_str_eq(error.details[0].pointer, "");
}

Test(error, leaves_out_what_is_too_many)
{
    struct error error = {0};

    for (int i = 0; i < ERROR_DETAILS_MAX + 3; i++)
        error_detail(&error, "/a", "detail %d", i);
    for (int i = 0; i < ERROR_MEMBERS_MAX + 3; i++)
        error_add_number(&error, "n", i);

    cr_expect_eq(error.n_details, ERROR_DETAILS_MAX);
    cr_expect_str_eq(error.details[ERROR_DETAILS_MAX - 1].text, "detail 7");
    cr_expect_eq(error.n_members, ERROR_MEMBERS_MAX);
    cr_expect_eq(error.members[ERROR_MEMBERS_MAX - 1].number, ERROR_MEMBERS_MAX - 1);
}

Test(error, gives_facts_to_programs)
{
    struct error error = {0};

    error_add_text(&error, "bookingId", "6566a1f0c3d2b4a596877801");
    error_add_number(&error, "seatsLeft", -3);

    cr_expect_str_eq(error.members[0].name, "bookingId");
    cr_expect_not(error.members[0].is_number);
    cr_expect_str_eq(error.members[0].text, "6566a1f0c3d2b4a596877801");
    cr_expect(error.members[1].is_number);
    cr_expect_eq(error.members[1].number, -3);
}

Test(error, is_cut_between_characters)
{
    struct error error = {0};
    char umlauts[2 * ERROR_TEXT_BYTES + 1] = "";

    for (size_t i = 0; i < ERROR_TEXT_BYTES; i++)
        memcpy(umlauts + 2 * i, "ä", 2);
    error_detail(&error, umlauts, "%s", umlauts);
    error_add_text(&error, "t", umlauts);
    cr_expect_eq(strlen(error.details[0].pointer), ERROR_POINTER_BYTES - 2);
    cr_expect_eq(strlen(error.details[0].text), ERROR_DETAIL_BYTES - 2);
    cr_expect_eq(strlen(error.members[0].text), sizeof(error.members[0].text) - 2);
    error_set(&error, ERROR_GONE, "%s", umlauts);
    cr_expect_eq(strlen(error.text), ERROR_TEXT_BYTES - 2);
    error_wrap(&error, "12");

    cr_expect(utf8_valid(error.text, strlen(error.text)));
    cr_expect_eq(strlen(error.text), ERROR_TEXT_BYTES - 2);
}

Test(error, translates_what_the_system_says)
{
    struct error error = {0};

    cr_expect_not(error_set_errno(&error, ENOENT, "opening the key"));
    cr_expect_eq(error.code, ERROR_INTERNAL);
    cr_expect_str_eq(error.text, "opening the key: No such file or directory");

    cr_expect_not(error_set_errno(&error, ENOMEM, "starting"));
    cr_expect_eq(error.code, ERROR_MEMORY);
}
