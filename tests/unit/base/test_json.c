#include "base/json.h"

#include "base/memory.h"

#include <criterion/criterion.h>
#include <string.h>

static struct json *parse(const char *text)
{
    struct json *document = NULL;
    struct error error = {0};

    cr_assert(json_parse(text, strlen(text), &document, &error), "%s: %s", text, error.text);
    return document;
}

Test(json, gives_nothing_when_it_is_wrong)
{
    struct json *document = NULL;
    struct error error = {0};

    cr_expect_not(json_parse("{", 1, &document, &error));

    cr_expect_null(document);
    cr_expect_eq(error.code, ERROR_INVALID);
    json_free(NULL);
}

Test(json, knows_what_a_value_is)
{
    CLEANUP(json_freep) struct json *array = parse("[{}, [], \"a\", 1, null, true]");
    static bool (*const kinds[])(const struct json *) = {
        json_is_object, json_is_array, json_is_text, json_is_number, json_is_null,
    };

    for (size_t i = 0; i < json_size(array); i++)
        for (size_t j = 0; j < ARRAY_SIZE(kinds); j++)
            cr_expect_eq(kinds[j](json_item(array, i)), i == j, "item %zu, kind %zu", i, j);
    for (size_t j = 0; j < ARRAY_SIZE(kinds); j++)
        cr_expect_not(kinds[j](NULL));
}

Test(json, has_members_in_any_case)
{
    CLEANUP(json_freep) struct json *object = parse("{\"StartDate\": null, \"x\": 1}");

    cr_expect(json_is_null(json_member(object, "startdate")));
    cr_expect(json_is_number(json_member(object, "X")));
    cr_expect_null(json_member(object, "start"));
    cr_expect_null(json_member(json_member(object, "x"), "x"));
    cr_expect_null(json_member(NULL, "x"));
}

Test(json, walks_over_items_and_members)
{
    CLEANUP(json_freep) struct json *object = parse("{\"a\": [10, 20], \"B\": \"b\"}");
    const struct json *array = json_member(object, "a");
    int64_t number = 0;

    cr_expect_eq(json_size(object), 2);
    cr_expect_str_eq(json_name(json_item(object, 0)), "a");
    cr_expect_str_eq(json_name(json_item(object, 1)), "B");
    cr_expect_eq(json_size(array), 2);
    cr_expect(json_integer(json_item(array, 1), &number));
    cr_expect_eq(number, 20);
    cr_expect_null(json_name(json_item(array, 0)));
    cr_expect_null(json_item(array, 2));
    cr_expect_null(json_item(array, SIZE_MAX));
    cr_expect_eq(json_next(json_item(array, 0)), json_item(array, 1));
    cr_expect_str_eq(json_name(json_next(array)), "B");
    cr_expect_null(json_next(json_item(array, 1)));
    cr_expect_eq(json_size(json_member(object, "b")), 0);
    cr_expect_eq(json_size(NULL), 0);
    cr_expect_null(json_item(NULL, 0));
    cr_expect_null(json_name(NULL));
}

Test(json, reads_texts_without_their_escapes)
{
    CLEANUP(json_freep) struct json *array = parse("[\"\\uD83D\\uDE00 \\u00e4\\/\\n\", 1]");

    cr_expect_str_eq(json_text(json_item(array, 0)), "😀 ä/\n");
    cr_expect_null(json_text(json_item(array, 1)));
    cr_expect_null(json_text(NULL));
}

Test(json, reads_integers_exactly)
{
    static const struct {
        const char *text;
        int64_t number;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"1.0", 1},
        {"1e3", 1000},
        {"2500e-2", 25},
        {"9007199254740991", 9007199254740991},
        {"-9007199254740991", -9007199254740991},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(json_freep) struct json *value = parse(rows[i].text);
        int64_t number = 77;

        cr_expect(json_integer(value, &number), "%s", rows[i].text);
        cr_expect_eq(number, rows[i].number, "%s", rows[i].text);
    }
}

Test(json, takes_nothing_else_for_an_integer)
{
    static const char *const texts[] = {
        "1.5",
        "-0.25",
        "9007199254740992",
        "-9007199254740992",
        "9007199254740993",
        "1e300",
        "\"1\"",
        "true",
        "null",
        "[]",
        "{}",
    };
    int64_t number = 77;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(json_freep) struct json *value = parse(texts[i]);

        cr_expect_not(json_integer(value, &number), "%s", texts[i]);
    }
    cr_expect_not(json_integer(NULL, &number));
    cr_expect_eq(number, 77);
}

Test(json, gets_what_is_asked_for)
{
    CLEANUP(json_freep)
    struct json *object = parse("{\"Name\": \"Händel\", \"SEATS\": 3, \"closed\": true}");
    struct error error = {0};
    char name[32] = "";
    int64_t seats = 0;
    bool closed = false;

    cr_expect(json_get_text(object, "", "name", JSON_REQUIRED, 1, 6, name, sizeof(name), &error));
    cr_expect(json_get_integer(object, "", "seats", JSON_REQUIRED, 1, 3, &seats, &error));
    cr_expect(json_get_bool(object, "", "Closed", JSON_REQUIRED, &closed, &error));

    cr_expect_eq(error.code, ERROR_NONE);
    cr_expect_str_eq(name, "Händel");
    cr_expect_eq(seats, 3);
    cr_expect(closed);
}

Test(json, leaves_alone_what_is_optional_and_absent_or_null)
{
    CLEANUP(json_freep) struct json *object = parse("{\"a\": null}");
    static const char *const names[] = {"a", "b"};
    struct error error = {0};
    char text[8] = "kept";
    int64_t number = 77;
    bool flag = true;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        cr_expect(
            json_get_text(object, "", names[i], JSON_OPTIONAL, 1, 7, text, sizeof(text), &error));
        cr_expect(json_get_integer(object, "", names[i], JSON_OPTIONAL, 1, 7, &number, &error));
        cr_expect(json_get_bool(object, "", names[i], JSON_OPTIONAL, &flag, &error));
    }

    cr_expect_eq(error.code, ERROR_NONE);
    cr_expect_str_eq(text, "kept");
    cr_expect_eq(number, 77);
    cr_expect(flag);
}

Test(json, misses_what_is_required_and_absent_or_null)
{
    CLEANUP(json_freep) struct json *object = parse("{\"a\": null}");
    struct error error = {0};
    char text[8] = "kept";
    int64_t number = 77;
    bool flag = true;

    cr_expect_not(json_get_text(object, "", "a", JSON_REQUIRED, 0, 7, text, sizeof(text), &error));
    cr_expect_not(json_get_integer(object, "/Halls/2", "b", JSON_REQUIRED, 1, 7, &number, &error));
    cr_expect_not(json_get_bool(object, "", "c", JSON_REQUIRED, &flag, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_str_eq(error.text, "/a: is required");
    cr_assert_eq(error.n_details, 3);
    cr_expect_str_eq(error.details[1].pointer, "/Halls/2/b");
    cr_expect_str_eq(error.details[2].text, "is required");
    cr_expect_str_eq(text, "kept");
}

Test(json, names_what_is_of_another_type)
{
    CLEANUP(json_freep)
    struct json *object = parse("{\"a\": {}, \"b\": \"1\", \"c\": 1.5, \"d\": 0}");
    struct error error = {0};
    char text[8] = "kept";
    int64_t number = 77;
    bool flag = true;

    cr_expect_not(json_get_text(object, "", "a", JSON_OPTIONAL, 0, 7, text, sizeof(text), &error));
    cr_expect_not(json_get_integer(object, "", "b", JSON_OPTIONAL, 1, 7, &number, &error));
    cr_expect_not(json_get_integer(object, "", "c", JSON_OPTIONAL, 1, 7, &number, &error));
    cr_expect_not(json_get_bool(object, "", "d", JSON_OPTIONAL, &flag, &error));

    cr_assert_eq(error.n_details, 4);
    cr_expect_str_eq(error.details[0].text, "must be a text");
    cr_expect_str_eq(error.details[1].text, "must be an integer from 1 to 7");
    cr_expect_str_eq(error.details[2].text, "must be an integer from 1 to 7");
    cr_expect_str_eq(error.details[3].text, "must be true or false");
    cr_expect_str_eq(text, "kept");
    cr_expect_eq(number, 77);
    cr_expect(flag);
}

Test(json, counts_characters_and_fits_bytes)
{
    CLEANUP(json_freep) struct json *object = parse("{\"a\": \"äöü\"}");
    struct error error = {0};
    char text[7] = "kept";

    cr_expect_not(json_get_text(object, "", "a", JSON_REQUIRED, 4, 9, text, 7, &error));
    cr_expect_str_eq(error.text, "/a: must have 4 to 9 characters");
    cr_expect_not(json_get_text(object, "", "a", JSON_REQUIRED, 1, 2, text, 7, &error));
    cr_expect_not(json_get_text(object, "", "a", JSON_REQUIRED, 1, 3, text, 6, &error));
    cr_expect_str_eq(text, "kept");

    cr_expect(json_get_text(object, "", "a", JSON_REQUIRED, 3, 3, text, 7, &error));
    cr_expect_str_eq(text, "äöü");
}

Test(json, keeps_integers_within_their_bounds)
{
    CLEANUP(json_freep) struct json *object = parse("{\"a\": 10, \"b\": -1}");
    int64_t number = 77;

    cr_expect_not(json_get_integer(object, "", "a", JSON_REQUIRED, 0, 9, &number, NULL));
    cr_expect_not(json_get_integer(object, "", "b", JSON_REQUIRED, 0, 9, &number, NULL));
    cr_expect_eq(number, 77);
    cr_expect(json_get_integer(object, "", "a", JSON_REQUIRED, 10, 10, &number, NULL));
    cr_expect_eq(number, 10);
}

Test(json, escapes_names_in_pointers)
{
    CLEANUP(json_freep) struct json *object = parse("{}");
    struct error error = {0};
    char parent[100] = "/";
    bool flag;

    json_get_bool(object, "/x", "a/b~c", JSON_REQUIRED, &flag, &error);
    cr_expect_str_eq(error.details[0].pointer, "/x/a~1b~0c");

    memset(parent, 'p', sizeof(parent) - 1);
    json_get_bool(object, parent, "name", JSON_REQUIRED, &flag, &error);
    cr_expect_eq(strlen(error.details[1].pointer), ERROR_POINTER_BYTES - 1);
    json_get_bool(object, "", parent, JSON_REQUIRED, &flag, &error);
    cr_expect_lt(strlen(error.details[2].pointer), ERROR_POINTER_BYTES);
}

Test(json, survives_every_failing_allocation)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"c\"},[]],\"d\":{\"e\":null},\"f\":\"\\u00e4\"}";
    long n = 0;
    bool good = false;

    while (!good) {
        CLEANUP(json_freep) struct json *document = NULL;
        struct error error = {0};

        memory_fail_at(++n, false);
        good = json_parse(text, sizeof(text) - 1, &document, &error);
        memory_fail_at(0, false);
        cr_expect(good || error.code == ERROR_MEMORY, "at %ld: %s", n, error.text);
        cr_expect_eq(good, document != NULL);
    }
    cr_expect_gt(n, 15, "only %ld allocations", n);
}
