#include "service/event_body.h"

#include <criterion/criterion.h>

enum {
    BODY_BYTES_MAX = 4096
};

static struct hall halls[] = {{.name = "Main", .location = "Floor 1", .capacity = 300}};
/* Twice in an initializer, so a macro: the value of a constant is no constant expression. */
#define OPERA                                                                                      \
    {                                                                                              \
        .id = {.bytes = {0xb}}, .version = 3, .name = "Opera", .address = "1 Ring",                \
        .country = "AT", .open_hour = 9, .close_hour = 23, .halls = halls, .n_halls = 1            \
    }

static const struct location opera = OPERA;
static const struct event_view concert = {.event = {.id = {.bytes = {0xa}},
                                                    .version = 7,
                                                    .name = "Concert",
                                                    .location_id = {.bytes = {0xb}},
                                                    .hall = "Main",
                                                    .capacity = 300,
                                                    .duration_minutes = 90,
                                                    .start_s = 1000,
                                                    .end_s = 6400},
                                          .has_location = true,
                                          .location = OPERA};

static struct buffer body;

static void start(void)
{
    buffer_init(&body, BODY_BYTES_MAX);
}

static void end(void)
{
    buffer_clear(&body);
}

TestSuite(event_body, .init = start, .fini = end);

#define OPERA_MEMBERS                                                                              \
    "\"ID\":\"0b0000000000000000000000\",\"Name\":\"Opera\",\"Address\":\"1 Ring\","               \
    "\"Country\":\"AT\",\"OpenTime\":9,\"CloseTime\":23,\"Halls\":"                                \
    "[{\"name\":\"Main\",\"location\":\"Floor 1\",\"capacity\":300}]"

Test(event_body, has_the_members_of_myevents_and_ours_behind_them)
{
    struct json_writer writer = JSON_WRITER(&body);

    event_body_write(&writer, NULL, &concert, 12);

    cr_expect_str_eq(body.data,
                     "{\"ID\":\"0a0000000000000000000000\",\"Name\":\"Concert\",\"Duration\":90,"
                     "\"StartDate\":1000,\"EndDate\":6400,\"Location\":{" OPERA_MEMBERS "},"
                     "\"LocationID\":\"0b0000000000000000000000\",\"Hall\":\"Main\","
                     "\"Capacity\":300,\"Closed\":false,\"SeatsLeft\":12,\"Version\":7}");
}

Test(event_body, shows_an_unknown_capacity_as_null_and_no_location_as_empty)
{
    struct json_writer writer = JSON_WRITER(&body);
    const struct event_view bare = {.event = {.id = {.bytes = {0xa}},
                                              .version = 1,
                                              .name = "Talk",
                                              .capacity = CAPACITY_UNKNOWN,
                                              .closed = true}};

    event_body_write(&writer, NULL, &bare, CAPACITY_UNKNOWN);

    cr_expect_str_eq(body.data,
                     "{\"ID\":\"0a0000000000000000000000\",\"Name\":\"Talk\",\"Duration\":0,"
                     "\"StartDate\":0,\"EndDate\":0,\"Location\":{\"ID\":\"\",\"Name\":\"\","
                     "\"Address\":\"\",\"Country\":\"\",\"OpenTime\":0,\"CloseTime\":0,"
                     "\"Halls\":[]},\"LocationID\":\"\",\"Hall\":\"\",\"Capacity\":null,"
                     "\"Closed\":true,\"SeatsLeft\":null,\"Version\":1}");
}

Test(event_body, writes_a_location_with_its_version)
{
    struct json_writer writer = JSON_WRITER(&body);

    location_body_write(&writer, NULL, &opera);

    cr_expect_str_eq(body.data, "{" OPERA_MEMBERS ",\"Version\":3}");
}

Test(event_body, never_shows_fewer_than_no_seats)
{
    cr_expect_eq(seats_left_of(10, 4), 6);
    cr_expect_eq(seats_left_of(10, 10), 0);
    cr_expect_eq(seats_left_of(10, 12), 0);
    cr_expect_eq(seats_left_of(CAPACITY_UNKNOWN, 12), CAPACITY_UNKNOWN);
}
