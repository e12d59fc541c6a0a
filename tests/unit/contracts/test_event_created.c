#include "bodies.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define EVENT "6566a1f0c3d2b4a596877801"
#define BODY(members) "{'id':'" EVENT "','name':'Aida'" members "}"

static struct event_created decode_event(const char *body)
{
    struct message message = {0};
    struct error error = {0};

    cr_assert(decode("event.created", body, &message, &error), "%s: %s", body, error.text);
    return message.as.event;
}

Test(event_created, brings_what_its_example_says)
{
    struct event_created event = decode_event(example("event.created"));

    cr_expect_str_eq(object_id_hex(&event.id).text, EVENT);
    cr_expect_eq(event.version, 1);
    cr_expect_str_eq(event.name, "Aida");
    cr_expect_str_eq(object_id_hex(&event.location_id).text, "6566a1f0c3d2b4a596877700");
    cr_expect_str_eq(event.location_name, "West Street Opera House");
    cr_expect_str_eq(event.hall, "Cesar hall");
    cr_expect_eq(event.capacity, 1200);
    cr_expect_not(event.closed);
    cr_expect_eq(event.duration_minutes, 150);
    cr_expect_eq(event.start_s, 1798140600);
    cr_expect_eq(event.end_s, 1798149600);
}

Test(event_created, brings_nulls_for_what_is_not_known)
{
    struct event_created event = decode_event(example("event.updated"));

    cr_expect_eq(event.version, 7);
    cr_expect_str_eq(event.name, "Café \"Zum Löwen\": open stage");
    cr_expect(object_id_is_none(&event.location_id));
    cr_expect_str_empty(event.hall);
    cr_expect_eq(event.capacity, -1);
    cr_expect(event.closed);
    cr_expect_eq(event.start_s, 0);
    cr_expect_eq(event.end_s, 0);
}

Test(event_created, is_understood_as_myevents_first_wrote_it)
{
    struct event_created event =
        decode_event(BODY(",'location_id':'','start_date':'2026-12-24T20:30:00+01:00','end_date':'"
                          "0001-01-01T00:00:00Z'"));

    cr_expect_eq(event.version, 1);
    cr_expect(object_id_is_none(&event.location_id));
    cr_expect_eq(event.capacity, -1);
    cr_expect_not(event.closed);
    cr_expect_eq(event.start_s, 1798140600);
    cr_expect_eq(event.end_s, 0);
}

Test(event_created, may_have_members_that_nobody_knows)
{
    struct event_created event =
        decode_event(BODY(",'version':3,'colour':{'name':['red',null]},'Version2':'x'"));

    cr_expect_eq(event.version, 3);
}

Test(event_created, has_a_name_of_200_characters_at_most)
{
    char body[4096];
    char name[CONTRACT_TEXT_BYTES + 2] = "";

    for (size_t i = 0; i < CONTRACT_TEXT_CHARACTERS_MAX; i++)
        strcat(name, "\U0001f3ad");
    snprintf(body, sizeof(body), "{'id':'" EVENT "','name':'%s'}", name);
    cr_expect_str_eq(decode_event(body).name, name);

    strcat(name, "!");
    snprintf(body, sizeof(body), "{'id':'" EVENT "','name':'%s'}", name);
    refuse("event.created", body, "/name");
}

Test(event_created, is_refused_without_id_or_name)
{
    refuse("event.created", "{'name':'Aida'}", "/id");
    refuse("event.created", "{'id':null,'name':'Aida'}", "/id");
    refuse("event.created", "{'id':'','name':'Aida'}", "/id");
    refuse("event.created", "{'id':'000000000000000000000000','name':'Aida'}", "/id");
    refuse("event.created", "{'id':'6566a1f0c3d2b4a59687780g','name':'Aida'}", "/id");
    refuse("event.created", "{'id':'" EVENT "0','name':'Aida'}", "/id");
    refuse("event.created", "{'id':5,'name':'Aida'}", "/id");
    refuse("event.created", "{'id':'" EVENT "'}", "/name");
    refuse("event.created", "{'id':'" EVENT "','name':''}", "/name");
    refuse("event.created", "{'id':'" EVENT "','name':7}", "/name");
}

Test(event_created, is_refused_with_a_member_of_another_type)
{
    refuse("event.created", BODY(",'version':'1'"), "/version");
    refuse("event.created", BODY(",'location_id':'hall 5'"), "/location_id");
    refuse("event.created", BODY(",'location_id':5"), "/location_id");
    refuse("event.created", BODY(",'location_name':[]"), "/location_name");
    refuse("event.created", BODY(",'hall':{}"), "/hall");
    refuse("event.created", BODY(",'capacity':'many'"), "/capacity");
    refuse("event.created", BODY(",'closed':'no'"), "/closed");
    refuse("event.created", BODY(",'duration':1.5"), "/duration");
    refuse("event.created", BODY(",'start_date':1798140600"), "/start_date");
    refuse("event.created", BODY(",'end_date':'tomorrow'"), "/end_date");
}

Test(event_created, is_refused_with_a_number_out_of_bounds)
{
    refuse("event.created", BODY(",'version':0"), "/version");
    refuse("event.created", BODY(",'version':9007199254740992"), "/version");
    refuse("event.created", BODY(",'capacity':-1"), "/capacity");
    refuse("event.created", BODY(",'capacity':1000001"), "/capacity");
    refuse("event.created", BODY(",'duration':-1"), "/duration");
}
