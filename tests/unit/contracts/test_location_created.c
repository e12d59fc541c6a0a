#include "base/memory.h"
#include "bodies.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define LOCATION "6566a1f0c3d2b4a596877700"
#define BODY(members) "{'id':'" LOCATION "','name':'Opera'" members "}"

static void decode_location(const char *body, struct message *message)
{
    struct error error = {0};

    cr_assert(decode("location.created", body, message, &error), "%s: %s", body, error.text);
}

Test(location_created, brings_what_its_example_says)
{
    CLEANUP(message_clear) struct message message = {0};
    const struct location_created *location = &message.as.location;

    decode_location(example("location.created"), &message);

    cr_expect_str_eq(object_id_hex(&location->id).text, LOCATION);
    cr_expect_eq(location->version, 1);
    cr_expect_str_eq(location->name, "West Street Opera House");
    cr_expect_str_eq(location->address, "11 West Street");
    cr_expect_str_eq(location->country, "U.S.A.");
    cr_expect_eq(location->open_time, 7);
    cr_expect_eq(location->close_time, 21);
    cr_assert_eq(location->n_halls, 2);
    cr_expect_str_eq(location->halls[0].name, "Cesar hall");
    cr_expect_str_eq(location->halls[0].location, "second floor, room 2210");
    cr_expect_eq(location->halls[0].capacity, 1200);
    cr_expect_str_eq(location->halls[1].name, "Cellar");
}

Test(location_created, has_no_halls_when_they_are_absent_null_or_none)
{
    static const char *const bodies[] = {BODY(""), BODY(",'halls':null"), BODY(",'halls':[]")};

    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        CLEANUP(message_clear) struct message message = {0};

        decode_location(bodies[i], &message);

        cr_expect_eq(message.as.location.version, 1);
        cr_expect_eq(message.as.location.n_halls, 0);
        cr_expect_null(message.as.location.halls);
    }
}

Test(location_created, has_at_most_a_hundred_halls)
{
    CLEANUP(message_clear) struct message message = {0};
    char body[1024] = "{'id':'" LOCATION "','name':'Opera','halls':[{}";

    for (int i = 1; i < CONTRACT_HALLS_MAX; i++)
        strcat(body, ",{}");
    strcat(body, "]}");
    decode_location(body, &message);
    cr_expect_eq(message.as.location.n_halls, CONTRACT_HALLS_MAX);

    snprintf(strrchr(body, ']'), 10, ",{}]}");
    refuse("location.created", body, "/halls");
}

Test(location_created, is_refused_with_a_member_of_another_type_or_out_of_bounds)
{
    refuse("location.created", "{'name':'Opera'}", "/id");
    refuse("location.created", "{'id':'" LOCATION "'}", "/name");
    refuse("location.created", BODY(",'version':-1"), "/version");
    refuse("location.created", BODY(",'address':5"), "/address");
    refuse("location.created", BODY(",'country':false"), "/country");
    refuse("location.created", BODY(",'open_time':25"), "/open_time");
    refuse("location.created", BODY(",'close_time':-1"), "/close_time");
    refuse("location.created", BODY(",'halls':{}"), "/halls");
    refuse("location.created", BODY(",'halls':[{},'Cellar']"), "/halls/1");
    refuse("location.created", BODY(",'halls':[{'name':5}]"), "/halls/0/name");
    refuse("location.created", BODY(",'halls':[{},{},{'location':5}]"), "/halls/2/location");
    refuse("location.created", BODY(",'halls':[{'capacity':1000001}]"), "/halls/0/capacity");
}

/* An allocation after another is made to fail, until none is left that could. */
Test(location_created, says_so_when_memory_is_short)
{
    long failures = 0;

    for (long n = 1; n < 1000; n++) {
        CLEANUP(message_clear) struct message message = {0};
        struct error error = {0};
        bool decoded;

        memory_fail_at(n, false);
        decoded = decode("location.created", example("location.created"), &message, &error);
        memory_fail_at(0, false);
        if (decoded)
            break;
        cr_expect_eq(error.code, ERROR_MEMORY);
        failures++;
    }

    cr_expect_gt(failures, 1);
    cr_expect_lt(failures, 999);
}
