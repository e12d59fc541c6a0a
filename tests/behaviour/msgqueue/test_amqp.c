/* What only AMQP can do to us: foreign properties and frames. */
#include "tests/behaviour/msgqueue/raw_amqp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hearing hearing = HEARING_INITIALIZER;
static struct hearing other = HEARING_INITIALIZER;

TestSuite(amqp, .timeout = 300);

static amqp_table_entry_t text_header(const char *key, const char *text)
{
    return (amqp_table_entry_t){
        .key = amqp_cstring_bytes(key),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(text)}},
    };
}

static void publish_with(struct world *world, amqp_table_entry_t header, const char *body)
{
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_HEADERS_FLAG,
        .headers = {1, &header},
    };

    raw_amqp_publish(world, world->created, &properties, amqp_cstring_bytes(body));
}

static void pull_parked(struct world *world, struct pulled *parked)
{
    EVENTUALLY(world_count(world, world->dead_name) == 1);
    cr_assert(world_pull(world, world->dead_name, parked));
}

Test(amqp, names_the_queue_that_exists_with_other_arguments)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "classic");
    const struct event_listener_options options = world_listener_options(&world, &hearing);
    LISTENER_VAR listener = world_listener(&options);
    struct error error = {0};

    EVENTUALLY(!event_listener_check(listener, &error) && error.code == ERROR_EXISTS);
    cr_expect(strstr(error.text, world.queue_name), "%s", error.text);

    /* Others are not concerned, and an operator can mend it without a restart. */
    EMITTER_VAR emitter = world_connected_emitter(&world);
    world_delete(&world, world.queue_name);
    EVENTUALLY(event_listener_is_connected(listener));
    cr_expect(event_emitter_is_connected(emitter));
}

Test(amqp, takes_the_name_from_either_spelling_of_cloudevents)
{
    static const char *const spellings[] = {"cloudEvents_type", "cloudEvents:type", "x-event-name"};
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    for (int i = 0; i < 3; i++) {
        publish_with(&world, text_header(spellings[i], spellings[i]), "{}");
        EVENTUALLY(hearing_times(&hearing, 0) == i + 1);
        cr_expect_str_eq(hearing.last.name, spellings[i]);
    }
    cr_expect(event_listener_is_connected(listener));
}

Test(amqp, takes_type_application_and_timestamp_of_a_foreign_message)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG,
        .type = amqp_cstring_bytes("foreign.type"),
        .app_id = amqp_cstring_bytes("foreigner"),
        .timestamp = 1795254850,
    };

    raw_amqp_publish(&world, world.created, &properties, amqp_cstring_bytes("{}"));

    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    cr_expect_str_eq(hearing.last.name, "foreign.type");
    cr_expect_str_eq(hearing.last.source, "foreigner");
    cr_expect_eq(hearing.last.time_ms, 1795254850000);
    cr_expect(event_listener_is_connected(listener));
}

Test(amqp, bears_headers_that_are_no_texts)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    amqp_table_entry_t header = text_header("x-event-name", "");

    header.value = (amqp_field_value_t){.kind = AMQP_FIELD_KIND_I64, .value.i64 = 7};
    publish_with(&world, header, "{}");

    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    cr_expect_str_eq(hearing.last.name, world.created);
    cr_expect(event_listener_is_connected(listener));
}

Test(amqp, parks_a_name_that_is_too_long)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    char name[MESSAGE_NAME_BYTES + 1];
    struct pulled parked;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    publish_with(&world, text_header("x-event-name", name), "{}");
    world_publish_bare(&world, world.created, "{}");

    pull_parked(&world, &parked);
    cr_expect(strstr(parked.reason, "name"), "%s", parked.reason);
    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    cr_expect_eq(hearing_offered(&hearing), 1);
    cr_expect_eq(event_listener_counts(listener).parked, 1);
}

Test(amqp, parks_a_name_that_is_no_text)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct pulled parked;

    publish_with(&world, text_header("x-event-name", "\xff\xfe"), "{}");

    pull_parked(&world, &parked);
    cr_expect(strstr(parked.reason, "name"), "%s", parked.reason);
    cr_expect(event_listener_is_connected(listener));
}

static void publish_large(struct world *world, size_t n_bytes)
{
    amqp_bytes_t body = {n_bytes, calloc(1, n_bytes)};

    cr_assert(body.bytes);
    memset(body.bytes, 'x', n_bytes);
    raw_amqp_publish(world, world->created, NULL, body);
    free(body.bytes);
}

static size_t pull_large(struct world *world, char *reason, size_t reason_bytes)
{
    amqp_message_t message;
    size_t n_bytes;

    EVENTUALLY(world_count(world, world->dead_name) == 1);
    cr_assert(raw_amqp_get(world, world->dead_name, &message));
    n_bytes = message.body.len;
    raw_amqp_header(&message, "x-parked-reason", reason, reason_bytes);
    amqp_destroy_message(&message);
    return n_bytes;
}

Test(amqp, parks_a_large_body_whole)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    char reason[DELIVERY_REASON_BYTES];

    publish_large(&world, MESSAGE_BODY_BYTES_MAX + 1);
    world_publish_bare(&world, world.created, "{}");

    cr_expect_eq(pull_large(&world, reason, sizeof(reason)), MESSAGE_BODY_BYTES_MAX + 1);
    cr_expect(strstr(reason, "262145"), "%s", reason);
    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    cr_expect(event_listener_is_connected(listener));
}

/* Nobody keeps so much in memory; the broker moves it by itself. */
Test(amqp, leaves_a_huge_body_to_the_broker)
{
    const size_t huge = 5242880;
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    char reason[DELIVERY_REASON_BYTES];

    publish_large(&world, huge);
    world_publish_bare(&world, world.created, "{}");

    cr_expect_eq(pull_large(&world, reason, sizeof(reason)), huge);
    cr_expect_str_eq(reason, "");
    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    cr_expect(event_listener_is_connected(listener));
}

static size_t take_parked(struct world *world)
{
    amqp_message_t message;
    size_t n_bytes;

    EVENTUALLY(world_count(world, world->dead_name) > 0);
    cr_assert(raw_amqp_get(world, world->dead_name, &message));
    n_bytes = message.body.len;
    amqp_destroy_message(&message);
    return n_bytes;
}

/* While the dead queue is missing they are all in hand. */
Test(amqp, keeps_so_many_large_bodies_and_leaves_the_others_to_the_broker)
{
    enum {
        LARGE_BYTES = 4194304,
        N_LARGE = 19,
        N_KEPT = 17 /* the last of them begins at 64 MiB */
    };
    WORLD_VAR world = {0};
    world_open(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 600000; /* before that the listener does not declare it */
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    world_delete(&world, world.dead_name);
    for (int i = 0; i < N_LARGE; i++)
        publish_large(&world, LARGE_BYTES);
    world_publish_bare(&world, world.created, "bad");
    EVENTUALLY(hearing_offered(&hearing) == 1);
    raw_amqp_declare(&world, world.dead_name, "quorum");

    for (int i = 0; i < N_KEPT; i++)
        cr_expect_eq(take_parked(&world), LARGE_BYTES);
    cr_expect_eq(take_parked(&world), 3);
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

/* Its queue parks it. */
Test(amqp, leaves_out_of_the_log_a_large_body)
{
    WORLD_VAR world = {0};
    world_open(&world);
    event_listener_free(world_connected_listener(&world, &other));

    publish_large(&world, MESSAGE_BODY_BYTES_MAX + 1);
    world_publish_bare(&world, world.created, "{}");
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    cr_expect_eq(hearing_from_log(&hearing, 0), 1);
    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

/*
 * A user id that is not ours would be refused, an expiry would make the copy vanish, CC would send it to
 * further queues, and a stale count would look like deliveries of the redriven message.
 */
Test(amqp, parks_no_property_that_acts_on_the_copy)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    amqp_field_value_t copies[] = {
        {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(world.queue_name)}}};
    amqp_table_entry_t headers[] = {
        {.key = amqp_cstring_bytes("CC"),
         .value = {.kind = AMQP_FIELD_KIND_ARRAY, .value = {.array = {1, copies}}}},
        {.key = amqp_cstring_bytes("x-delivery-count"),
         .value = {.kind = AMQP_FIELD_KIND_I64, .value = {.i64 = 500}}},
        text_header("x-parked-reason", "an older one"),
        text_header("kept", "as it was"),
    };
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG,
        .headers = {ARRAY_SIZE(headers), headers},
        .expiration = amqp_cstring_bytes("600000"),
        .user_id = amqp_cstring_bytes(raw_amqp_of(&world)->info.user),
    };
    amqp_message_t message;
    char text[DELIVERY_REASON_BYTES];

    raw_amqp_publish(&world, world.created, &properties, amqp_cstring_bytes("bad"));

    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    cr_assert(raw_amqp_get(&world, world.dead_name, &message));
    raw_amqp_header(&message, "x-parked-reason", text, sizeof(text));
    cr_expect_str_eq(text, "it is bad");
    raw_amqp_header(&message, "kept", text, sizeof(text));
    cr_expect_str_eq(text, "as it was");
    raw_amqp_header(&message, "x-event-name", text, sizeof(text));
    cr_expect_str_eq(text, world.created);
    cr_expect_null(raw_amqp_find(&message, "CC"));
    cr_expect_neq(raw_amqp_find(&message, "x-delivery-count")->value.i64, 500);
    cr_expect_not(message.properties._flags & AMQP_BASIC_EXPIRATION_FLAG);
    cr_expect_eq(message.properties.delivery_mode, AMQP_DELIVERY_PERSISTENT);
    amqp_destroy_message(&message);
    cr_expect(event_listener_is_connected(listener));
}

/* Tables in tables, as deep as a frame holds them. */
Test(amqp, bears_deeply_nested_headers)
{
    enum {
        DEPTH = 18000
    };
    static amqp_table_entry_t levels[DEPTH];
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct pulled parked;

    levels[0] = text_header("k", "deep");
    for (int i = 1; i < DEPTH; i++)
        levels[i] = (amqp_table_entry_t){
            .key = amqp_cstring_bytes("k"),
            .value = {.kind = AMQP_FIELD_KIND_TABLE, .value = {.table = {1, &levels[i - 1]}}}};
    publish_with(&world, levels[DEPTH - 1], "bad");
    world_publish_bare(&world, world.created, "{}");

    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    pull_parked(&world, &parked);
    cr_expect_str_eq(parked.reason, "it is bad");
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

/* Together with ours they would not fit into a frame. */
Test(amqp, leaves_headers_of_a_whole_frame_to_the_broker)
{
    static char text[130000];
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct pulled parked;

    memset(text, 'x', sizeof(text) - 1);
    publish_with(&world, text_header("long", text), "bad");
    world_publish_bare(&world, world.created, "{}");

    EVENTUALLY(hearing_times(&hearing, 0) == 1);
    pull_parked(&world, &parked);
    cr_expect_str_eq(parked.body, "bad");
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

Test(amqp, goes_on_when_the_dead_queue_is_missing)
{
    WORLD_VAR world = {0};
    world_open(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 300;
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    world_delete(&world, world.dead_name);
    world_publish_bare(&world, world.created, "bad");
    world_publish_bare(&world, world.created, "{}");

    EVENTUALLY(hearing_times(&hearing, 0) >= 1);
    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}
