/* Moves in words. */
#include "tests/simulator/explore/field.h"

#include <inttypes.h>
#include <stdio.h>

static void describe_replica(const struct field *field, struct move move,
                             char text[MOVE_TEXT_BYTES])
{
    static const char *const ways[] = {
        [MOVE_GO_ON] = "goes on",
        [MOVE_LOSE_REPLY] = "inserts; it lands, the reply is lost",
        [MOVE_LOSE_REQUEST] = "inserts; it stays on its way, the outcome is unknown",
        [MOVE_LACK] = "inserts; it lands at the primary alone, the outcome is unknown",
        [MOVE_CRASH] = "crashes; an insert that it had in hand is on its way",
    };
    static const char *const wants[] = {
        [COMMITTER_READ_HEADS] = "reads the head next",
        [COMMITTER_LOOK_UP] = "looks up ids next",
        [COMMITTER_DECIDE] = "decides next",
        [COMMITTER_INSERT] = "inserts next",
        [COMMITTER_READ_TOKENS] = "reads the token next",
        [COMMITTER_DONE] = "has nothing in hand",
    };
    const struct field_replica *replica = &field->replicas[move.where];

    snprintf(text, MOVE_TEXT_BYTES, "replica %d %s (%s; %" PRId64 " entries)", move.where,
             ways[move.kind], wants[replica->action], field->store.n_majority[0]);
}

static const char *wish_of(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_BOOK:
        return command->keyed ? "a seat, with a key" : "a seat, without a key";
    case COMMAND_CANCEL:
        return "cancel what the key made";
    case COMMAND_TAKE_OVER:
        break;
    }
    return "a new version";
}

void field_describe(const struct field *field, struct move move, char text[MOVE_TEXT_BYTES])
{
    switch ((enum move_kind)move.kind) {
    case MOVE_COME:
        snprintf(text, MOVE_TEXT_BYTES, "call %d (%s) comes to replica %d", move.what,
                 wish_of(&field->calls[move.what].command), move.where);
        return;
    case MOVE_LAND:
        snprintf(text, MOVE_TEXT_BYTES, "what was on its way (entry %" PRId64 ") arrives",
                 field->writes[move.what].entry.key.sequence);
        return;
    case MOVE_MAJORITY:
        snprintf(text, MOVE_TEXT_BYTES, "entry %d has its majority", move.what);
        return;
    case MOVE_ROLL_BACK:
        snprintf(text, MOVE_TEXT_BYTES, "entry %d is rolled back", move.what);
        return;
    case MOVE_LEAVE:
        snprintf(text, MOVE_TEXT_BYTES, "the caller of call %d leaves", move.what);
        return;
    default:
        describe_replica(field, move, text);
        return;
    }
}
