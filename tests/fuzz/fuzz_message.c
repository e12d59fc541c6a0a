/* A line with the name of a message, then its body. */
#include "base/memory.h"
#include "contracts/message.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    BODY_BYTES_MAX = 1024 * 1024 /* of what is written again, with every character escaped */
};

static void encode(const struct message *message, struct buffer *body)
{
    buffer_init(body, BODY_BYTES_MAX);
    MUST(message_encode(message, body, NULL));
}

/* Encoded, it is a message of its kind that is encoded the same. */
static void come_back(const struct envelope *envelope, const struct message *message)
{
    CLEANUP(buffer_clear) struct buffer body = {0};
    CLEANUP(buffer_clear) struct buffer body_again = {0};
    CLEANUP(message_clear) struct message again = {0};
    struct envelope sent = *envelope;
    const struct object_id subject = message_subject(message);

    encode(message, &body);
    sent.body = body.data;
    sent.body_bytes = body.size_bytes;
    MUST(message_decode(&sent, &again, NULL) && again.kind == message->kind);
    MUST(memcmp(&subject, &(struct object_id){0}, sizeof(subject)) != 0);
    encode(&again, &body_again);
    MUST(strcmp(body.data, body_again.data) == 0);
}

/* Ids that are derived fit where they are kept, and begin with what they are derived from. */
static void derive_ids(const struct message *message)
{
    const struct object_id subject = message_subject(message);
    const struct object_id_hex hex = object_id_hex(&subject);
    char id[MESSAGE_ID_BYTES];

    message_id_of_version(&subject, CONTRACT_NUMBER_MAX, id);
    MUST(strncmp(id, hex.text, strlen(hex.text)) == 0 && strchr(id, ':'));
    message_id_of_entry(&subject, CONTRACT_NUMBER_MAX, 'b', SIZE_MAX, id);
    MUST(strcmp(strrchr(id, ':'), ":b18446744073709551615") == 0);
}

/* Without the entry of a ledger it is one that only old programs send, and none of ours. */
static bool is_ours(const struct message *message)
{
    bool is_booking =
        message->kind == MESSAGE_EVENT_BOOKED || message->kind == MESSAGE_BOOKING_CANCELLED;

    return !is_booking || message->as.booking.entry >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < MESSAGE_BODY_BYTES_MAX ? size : 0);
    CLEANUP(memory_freep) char *name = fuzz_line(&input);
    CLEANUP(message_clear) struct message message = {0};
    const size_t n = input.left_bytes;
    CLEANUP(memory_freep) char *body = fuzz_rest(&input);
    struct envelope envelope = {.body = body, .body_bytes = n};
    struct error error = {0};
    enum message_kind kind;

    snprintf(envelope.name, sizeof(envelope.name), "%s", name);
    if (message_decode(&envelope, &message, &error)) {
        MUST(message_kind_of(envelope.name, &kind) && kind == message.kind);
        MUST(message_kind_of(message_name(kind), &kind) && kind == message.kind);
        derive_ids(&message);
        if (is_ours(&message))
            come_back(&envelope, &message);
        return 0;
    }
    fuzz_must_be_refusal(&error);
    MUST(error.code == (message_kind_of(envelope.name, &kind) ? ERROR_INVALID : ERROR_UNSUPPORTED));
    MUST(memcmp(&message, &(struct message){0}, sizeof(message)) == 0);
    return 0;
}
