#include "eventservice/event_input.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static bool read_text(const char *text, struct event_input *input, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    cr_assert(json_parse(text, strlen(text), &body, error), "%s: %s", text, error->text);
    return event_input_read(body, NULL, input, error);
}

Test(event_input, reads_every_member_in_any_case_of_letters)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert(read_text("{\"name\":\"Opera\",\"DURATION\":90,\"startDate\":1000,"
                        "\"EndDate\":\"1970-01-01T01:00:00+00:30\",\"hall\":\"A\",\"capacity\":7,"
                        "\"Closed\":true,\"LocationID\":\"0123456789abcdef01234567\",\"x\":{}}",
                        &input, &error),
              "%s", error.text);

    cr_expect_str_eq(input.event.name, "Opera");
    cr_expect_eq(input.event.duration_minutes, 90);
    cr_expect_eq(input.event.start_s, 1000);
    cr_expect_eq(input.event.end_s, 1800);
    cr_expect_str_eq(input.event.hall, "A");
    cr_expect_eq(input.event.capacity, 7);
    cr_expect(input.event.closed);
    cr_expect_str_eq(object_id_hex(&input.event.location_id).text, "0123456789abcdef01234567");
    cr_expect_not(input.brings_location);
}

Test(event_input, leaves_what_is_not_known_empty)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert(
        read_text("{\"Name\":\"Opera\",\"StartDate\":null,\"Capacity\":null}", &input, &error));

    cr_expect_eq(input.event.start_s, 0);
    cr_expect_eq(input.event.capacity, CAPACITY_UNKNOWN);
    cr_expect(object_id_is_none(&input.event.id));
    cr_expect(object_id_is_none(&input.event.location_id));
}

Test(event_input, takes_a_location_with_halls_along)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert(
        read_text(
            "{\"Name\":\"Opera\",\"Location\":{\"ID\":3,\"Name\":\"House\",\"Address\":\"A 1\","
            "\"OpenTime\":8,\"Halls\":[{\"name\":\"Main\",\"capacity\":500}]}}",
            &input, &error),
        "%s", error.text);

    cr_expect(input.brings_location);
    cr_expect(object_id_is_none(&input.location.id));
    cr_expect_str_eq(input.location.name, "House");
    cr_expect_eq(input.location.open_hour, 8);
    cr_assert_eq(input.location.n_halls, 1);
    cr_expect_eq(input.location.halls[0].capacity, 500);
}

Test(event_input, takes_the_empty_location_that_get_shows_as_none)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert(
        read_text("{\"Name\":\"Opera\",\"Location\":{\"ID\":\"\",\"Name\":\"\",\"Halls\":[]}}",
                  &input, &error));

    cr_expect_not(input.brings_location);
}

Test(event_input, names_a_stored_location_by_its_id_alone)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert(read_text("{\"Name\":\"Opera\",\"Location\":{\"ID\":\"0123456789abcdef01234567\"}}",
                        &input, &error),
              "%s", error.text);

    cr_expect_not(input.brings_location);
    cr_expect_not(object_id_is_none(&input.event.location_id));
}

static const struct {
    const char *body;
    const char *pointer;
} bad[] = {
    {"{}", "/Name"},
    {"{\"Name\":\"\"}", "/Name"},
    {"{\"Name\":1}", "/Name"},
    {"{\"Name\":{\"$gt\":\"\"}}", "/Name"},
    {"{\"Name\":\"a\",\"ID\":\"xyz\"}", "/ID"},
    {"{\"Name\":\"a\",\"ID\":12}", "/ID"},
    {"{\"Name\":\"a\",\"Capacity\":-1}", "/Capacity"},
    {"{\"Name\":\"a\",\"Capacity\":1000001}", "/Capacity"},
    {"{\"Name\":\"a\",\"Capacity\":1.5}", "/Capacity"},
    {"{\"Name\":\"a\",\"Capacity\":\"7\"}", "/Capacity"},
    {"{\"Name\":\"a\",\"StartDate\":\"yesterday\"}", "/StartDate"},
    {"{\"Name\":\"a\",\"StartDate\":-5}", "/StartDate"},
    {"{\"Name\":\"a\",\"StartDate\":253402300800}", "/StartDate"},
    {"{\"Name\":\"a\",\"StartDate\":10,\"EndDate\":9}", "/EndDate"},
    {"{\"Name\":\"a\",\"Closed\":1}", "/Closed"},
    {"{\"Name\":\"a\",\"Duration\":-1}", "/Duration"},
    {"{\"Name\":\"a\",\"LocationID\":\"1\"}", "/LocationID"},
    {"{\"Name\":\"a\",\"Location\":\"here\"}", "/Location"},
    {"{\"Name\":\"a\",\"Location\":{\"Address\":\"x\"}}", "/Location/Name"},
    {"{\"Name\":\"a\",\"Location\":{\"Name\":\"x\",\"OpenTime\":25}}", "/Location/OpenTime"},
    {"{\"Name\":\"a\",\"Location\":{\"Name\":\"x\",\"Halls\":{}}}", "/Location/Halls"},
    {"{\"Name\":\"a\",\"Location\":{\"Name\":\"x\",\"Halls\":[1]}}", "/Location/Halls/0"},
    {"{\"Name\":\"a\",\"Location\":{\"Name\":\"x\",\"Halls\":[{\"name\":\"h\"}]}}",
     "/Location/Halls/0/capacity"},
};

Test(event_input, names_the_bad_member)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        CLEANUP(event_input_clear) struct event_input input = {0};
        struct error error = {0};

        cr_assert_not(read_text(bad[i].body, &input, &error), "%s", bad[i].body);

        cr_expect_eq(error.code, ERROR_INVALID, "%s", bad[i].body);
        cr_assert_gt(error.n_details, 0, "%s", bad[i].body);
        cr_expect_str_eq(error.details[0].pointer, bad[i].pointer, "%s: %s", bad[i].body,
                         error.details[0].pointer);
    }
}

Test(event_input, names_every_bad_member)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};

    cr_assert_not(read_text("{\"Name\":1,\"Capacity\":-1,\"Closed\":0}", &input, &error));

    cr_expect_eq(error.n_details, 3);
}

Test(event_input, refuses_names_of_more_than_two_hundred_characters)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    struct error error = {0};
    char body[1024];
    char name[202];

    memset(name, 'a', sizeof(name) - 1);
    name[201] = '\0';
    snprintf(body, sizeof(body), "{\"Name\":\"%s\"}", name);
    cr_expect_not(read_text(body, &input, &error));

    name[200] = '\0';
    snprintf(body, sizeof(body), "{\"Name\":\"%s\"}", name);
    error = (struct error){0};
    cr_expect(read_text(body, &input, &error), "%s", error.text);
}
