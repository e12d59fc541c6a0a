#include "bodies.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define EVENT "6566a1f0c3d2b4a596877801"

static const char *const names[N_MESSAGE_KINDS] = {
    "event.created",    "event.updated",    "event.removed", "location.created",
    "location.updated", "location.removed", "event.booked",  "booking.cancelled",
};

Test(message, has_the_names_of_the_contract)
{
    for (size_t i = 0; i < N_MESSAGE_KINDS; i++) {
        enum message_kind kind;

        cr_expect_str_eq(message_name((enum message_kind)i), names[i]);
        cr_assert(message_kind_of(names[i], &kind));
        cr_expect_eq(kind, i);
    }
}

Test(message, is_known_by_its_other_spelling)
{
    enum message_kind kind = N_MESSAGE_KINDS;

    cr_assert(message_kind_of("eventCreated", &kind));
    cr_expect_eq(kind, MESSAGE_EVENT_CREATED);
    cr_assert(message_kind_of("locationCreated", &kind));
    cr_expect_eq(kind, MESSAGE_LOCATION_CREATED);
    cr_assert(message_kind_of("eventBooked", &kind));
    cr_expect_eq(kind, MESSAGE_EVENT_BOOKED);
}

Test(message, is_not_known_by_any_other_name)
{
    static const char *const others[] = {"", "event", "event.Created", "event.created ",
                                         "bookingCancelled"};

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        enum message_kind kind = N_MESSAGE_KINDS;
        struct message message;
        struct error error = {0};

        cr_expect_not(message_kind_of(others[i], &kind), "%s", others[i]);
        cr_expect_eq(kind, N_MESSAGE_KINDS);
        cr_expect_not(decode(others[i], "{}", &message, &error));
        cr_expect_eq(error.code, ERROR_UNSUPPORTED);
    }
}

/* What was read from the example is written again: the example, byte for byte. */
Test(message, of_each_kind_is_read_and_written_as_in_its_example)
{
    for (size_t i = 0; i < N_MESSAGE_KINDS; i++) {
        CLEANUP(message_clear) struct message message = {0};
        CLEANUP(buffer_clear) struct buffer body = {0};
        struct error error = {0};

        buffer_init(&body, MESSAGE_BODY_BYTES_MAX);
        cr_assert(decode(names[i], example(names[i]), &message, &error), "%s: %s", names[i],
                  error.text);
        cr_assert(message_encode(&message, &body, &error));
        buffer_char(&body, '\n');

        cr_expect_eq(message.kind, i);
        cr_expect_str_eq(body.data, example(names[i]));
    }
}

/* Bodies as MyEvents first sent them; logs and other programs may still hold such. */
Test(message, of_the_first_version_is_understood)
{
    static const char *const rows[][3] = {
        {"eventCreated", "event.created",
         "{\"id\":\"" EVENT "\",\"version\":1,\"name\":\"Aida\",\"location_id\":"
         "\"6566a1f0c3d2b4a596877700\",\"location_name\":\"\",\"hall\":\"\",\"capacity\":null,"
         "\"closed\":false,\"duration\":0,\"start_date\":\"2026-12-24T19:30:00.000Z\","
         "\"end_date\":null}"},
        {"locationCreated", "location.created",
         "{\"id\":\"6566a1f0c3d2b4a596877700\",\"version\":1,\"name\":\"West Street Opera House\","
         "\"address\":\"11 West Street\",\"country\":\"USA\",\"open_time\":7,\"close_time\":20,"
         "\"halls\":[{\"name\":\"Cesar hall\",\"location\":\"second floor\",\"capacity\":10}]}"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(message_clear) struct message message = {0};
        CLEANUP(buffer_clear) struct buffer body = {0};
        struct error error = {0};
        char path[64];

        buffer_init(&body, MESSAGE_BODY_BYTES_MAX);
        snprintf(path, sizeof(path), "understood/%s", rows[i][0]);
        cr_assert(decode(rows[i][0], example(path), &message, &error), "%s", error.text);
        cr_expect_str_eq(message_name(message.kind), rows[i][1]);
        cr_assert(message_encode(&message, &body, &error));
        cr_expect_str_eq(body.data, rows[i][2]);
    }
}

/* Of this one the event is all there is to know: no sums, so below every entry. */
Test(message, of_the_first_version_of_a_booking_is_understood)
{
    struct message message = {0};
    struct error error = {0};

    cr_assert(decode("eventBooked", example("understood/eventBooked"), &message, &error), "%s",
              error.text);

    cr_expect_eq(message.kind, MESSAGE_EVENT_BOOKED);
    cr_expect_eq(message.as.booking.entry, -1);
    cr_expect_str_eq(object_id_hex(&message.as.booking.event_id).text, EVENT);
}

Test(message, is_about_its_event_or_location)
{
    static const char *const subjects[N_MESSAGE_KINDS] = {
        EVENT,
        "6566a1f0c3d2b4a596877802",
        EVENT,
        "6566a1f0c3d2b4a596877700",
        "6566a1f0c3d2b4a596877701",
        "6566a1f0c3d2b4a596877700",
        EVENT,
        "6566a1f0c3d2b4a596877802",
    };

    for (size_t i = 0; i < N_MESSAGE_KINDS; i++) {
        CLEANUP(message_clear) struct message message = {0};
        struct object_id subject;

        cr_assert(decode(names[i], example(names[i]), &message, NULL));
        subject = message_subject(&message);

        cr_expect_str_eq(object_id_hex(&subject).text, subjects[i], "%s", names[i]);
    }
}

Test(message, refuses_a_body_that_is_no_json_object)
{
    static const char *const bodies[] = {"", "{", "[]", "null", "'text'", "{} {}", "{'id':}"};

    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        struct message message;
        struct error error = {0};

        cr_expect_not(decode("event.created", bodies[i], &message, &error), "%s", bodies[i]);
        cr_expect_eq(error.code, ERROR_INVALID, "%s", bodies[i]);
    }
}

Test(message, refuses_a_body_above_the_ceiling)
{
    static char body[MESSAGE_BODY_BYTES_MAX + 1];
    struct envelope envelope = {.name = "event.removed", .body = body, .body_bytes = sizeof(body)};
    struct message message;
    struct error error = {0};

    memset(body, ' ', sizeof(body));
    memcpy(body, "{\"id\":\"" EVENT "\"}", sizeof("{\"id\":\"" EVENT "\"}") - 1);

    cr_expect_not(message_decode(&envelope, &message, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    envelope.body_bytes = MESSAGE_BODY_BYTES_MAX;
    cr_expect(message_decode(&envelope, &message, &error));
}

Test(message, names_every_bad_member)
{
    struct message message;
    struct error error = {0};

    cr_assert_not(
        decode("event.created", "{'id':'" EVENT "','version':0,'closed':1}", &message, &error));

    cr_assert_eq(error.n_details, 3);
    cr_expect_str_eq(error.details[0].pointer, "/version");
    cr_expect_str_eq(error.details[1].pointer, "/name");
    cr_expect_str_eq(error.details[2].pointer, "/closed");
}

Test(message, does_not_fit_below_a_low_ceiling)
{
    CLEANUP(buffer_clear) struct buffer body = {0};
    struct message message = {.kind = MESSAGE_EVENT_REMOVED};
    struct error error = {0};

    message.as.removed = (struct removed){.id = id_of(EVENT), .version = 1};
    buffer_init(&body, 20);

    cr_expect_not(message_encode(&message, &body, &error));
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}

Test(message, is_empty_after_clearing_once_or_twice)
{
    struct message message = {0};

    cr_assert(decode("location.created", example("location.created"), &message, NULL));
    message_clear(&message);
    message_clear(&message);

    cr_expect_null(message.as.location.halls);
}

Test(message, has_an_id_that_is_derived_from_its_document)
{
    const struct object_id id = id_of(EVENT);
    char text[MESSAGE_ID_BYTES];

    message_id_of_version(&id, 7, text);
    cr_expect_str_eq(text, EVENT ":7");
    message_id_of_entry(&id, 41, 'b', 3, text);
    cr_expect_str_eq(text, EVENT ":41:b3");
    message_id_of_entry(&id, 0, 'x', 0, text);
    cr_expect_str_eq(text, EVENT ":0:x0");
}

Test(message, has_room_for_the_longest_id)
{
    const struct object_id id = id_of(EVENT);
    char text[MESSAGE_ID_BYTES];

    message_id_of_entry(&id, CONTRACT_NUMBER_MAX, 'b', 255, text);

    cr_expect_str_eq(text, EVENT ":9007199254740991:b255");
}
