#include "support.h"

#include <criterion/criterion.h>

static struct fixture fixture;

static void begin(void)
{
    fixture_init(&fixture);
}

static void end(void)
{
    fixture_clear(&fixture);
}

TestSuite(event_answer, .init = begin, .fini = end);

static const struct {
    http_handler *create;
    http_handler *remove;
    http_handler *get_named;
    http_handler *patch;
} kinds[] = {{event_create, event_remove, event_get_named, event_patch},
             {location_create, location_remove, location_get_named, location_patch}};

static struct answer ask_again(http_handler *get_named, const char *tag)
{
    return fixture_call_with(&fixture, get_named, "Aida", NULL,
                             (struct http_header){"If-None-Match", tag});
}

Test(event_answer, tells_what_bears_a_name_from_what_bore_it_before)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct object_id_hex first =
            fixture_create(&fixture, kinds[i].create, "{\"Name\":\"Aida\"}");
        struct answer shown = fixture_call(&fixture, kinds[i].get_named, "Aida", NULL);
        struct answer same = ask_again(kinds[i].get_named, shown.tag);

        cr_assert(fixture_call(&fixture, kinds[i].remove, first.text, NULL).ok);
        struct object_id_hex second =
            fixture_create(&fixture, kinds[i].create, "{\"Name\":\"Aida\"}");
        struct answer other = ask_again(kinds[i].get_named, shown.tag);

        cr_expect_eq(same.status, 304);
        cr_expect_str_empty(same.body);
        cr_expect_eq(other.status, 200);
        expect_says(other, second.text);
        cr_expect_str_neq(other.tag, shown.tag);
    }
}

Test(event_answer, gives_by_name_a_tag_that_if_match_takes)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct object_id_hex id = fixture_create(&fixture, kinds[i].create, "{\"Name\":\"Aida\"}");
        struct answer shown = fixture_call(&fixture, kinds[i].get_named, "Aida", NULL);
        const struct http_header seen = {"If-Match", shown.tag};

        cr_expect(
            fixture_call_with(&fixture, kinds[i].patch, id.text, "{\"Name\":\"b\"}", seen).ok);
        cr_expect_eq(fixture_call_with(&fixture, kinds[i].patch, id.text, "{\"Name\":\"c\"}", seen)
                         .error.code,
                     ERROR_PRECONDITION);
    }
}

Test(event_answer, shows_what_bears_a_name_although_another_of_it_is_damaged)
{
    fixture_damage_lists(&fixture);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct answer alone = fixture_call(&fixture, kinds[i].get_named, "Aida", NULL);
        struct object_id_hex id = fixture_create(&fixture, kinds[i].create, "{\"Name\":\"Aida\"}");
        struct answer shown = fixture_call(&fixture, kinds[i].get_named, "Aida", NULL);

        cr_expect_eq(alone.error.code, ERROR_CORRUPT);
        cr_assert(shown.ok, "%s", shown.error.text);
        expect_says(shown, id.text);
    }
}
