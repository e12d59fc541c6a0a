#include "committer_hand.h"

#include <criterion/criterion.h>

#include <string.h>

struct committer hand;
struct slot hand_slots[HAND_SLOTS];
struct ticket hand_tickets[HAND_TICKETS];
enum slot_rest hand_rests[HAND_SLOTS];

static size_t n_tickets;
static uint8_t n_tokens;
static struct ticket_list answered;

static struct object_id next_token(void)
{
    return (struct object_id){.bytes = {7, [11] = ++n_tokens}};
}

static struct object_id token_of_entry(int64_t sequence)
{
    return (struct object_id){.bytes = {8, [11] = (uint8_t)(sequence + 1)}};
}

struct object_id hand_id(int id)
{
    return (struct object_id){.bytes = {5, [10] = (uint8_t)(id >> 8), [11] = (uint8_t)id}};
}

void hand_init(void)
{
    for (size_t i = 0; i < HAND_SLOTS; i++) {
        const struct object_id event = {.bytes = {6, [11] = (uint8_t)(i + 1)}};

        slot_init(&hand_slots[i], &event);
    }
}

void hand_clear(void)
{
    for (size_t i = 0; i < HAND_SLOTS; i++)
        slot_clear(&hand_slots[i]);
    committer_clear(&hand);
}

static struct ticket *put(size_t slot, const struct command *command)
{
    struct ticket *ticket = &hand_tickets[n_tickets++];

    cr_assert_leq(n_tickets, HAND_TICKETS);
    ticket->command = *command;
    slot_put(&hand_slots[slot], ticket);
    return ticket;
}

struct ticket *hand_book(size_t slot, int id, int seats)
{
    return put(slot, &(struct command){.kind = COMMAND_BOOK,
                                       .booking_id = hand_id(id),
                                       .seats = seats,
                                       .fingerprint = (uint64_t)seats});
}

struct ticket *hand_book_keyed(size_t slot, int id, int seats)
{
    return put(slot, &(struct command){.kind = COMMAND_BOOK,
                                       .booking_id = hand_id(id),
                                       .seats = seats,
                                       .fingerprint = (uint64_t)seats,
                                       .keyed = true});
}

struct ticket *hand_book_for(size_t slot, int user, int id, int seats)
{
    return put(slot, &(struct command){.kind = COMMAND_BOOK,
                                       .booking_id = hand_id(id),
                                       .user_id = hand_id(1000 + user),
                                       .seats = seats,
                                       .fingerprint = (uint64_t)seats});
}

struct ticket *hand_cancel(size_t slot, int id)
{
    return put(slot, &(struct command){.kind = COMMAND_CANCEL, .booking_id = hand_id(id)});
}

struct ticket *hand_take_over(size_t slot, int64_t version, int64_t capacity)
{
    return put(slot, &(struct command){.kind = COMMAND_TAKE_OVER,
                                       .state = {.event_version = version, .capacity = capacity}});
}

bool hand_take(size_t slot)
{
    if (!slot_take(&hand_slots[slot], &answered))
        return false;
    committer_add(&hand, &hand_slots[slot]);
    return true;
}

static void release_finished(void)
{
    struct slot *slot;

    while ((slot = committer_take_finished(&hand)))
        hand_rests[slot - hand_slots] = slot_release(slot, &answered);
}

void hand_wants(enum committer_action action, size_t n_slots)
{
    enum committer_action wanted = committer_next(&hand);

    cr_assert_eq(wanted, action, "the committer wants action %d, not %d", wanted, action);
    cr_assert(action == COMMITTER_DONE || hand.n_asked == n_slots, "for %zu slots, not %zu",
              hand.n_asked, n_slots);
}

void hand_performed(void)
{
    committer_performed(&hand, ERROR_NONE);
    release_finished();
}

void hand_failed(enum error_code code)
{
    committer_performed(&hand, code);
    release_finished();
}

void hand_heads(int64_t sequence, int64_t seats_sold)
{
    struct ledger_head head = {0};

    cr_assert_eq(hand.action, COMMITTER_READ_HEADS);
    if (sequence >= 0)
        head = (struct ledger_head){
            .exists = true,
            .sequence = sequence,
            .token = token_of_entry(sequence),
            .state = {.event_version = 1, .capacity = HAND_CAPACITY, .seats_sold = seats_sold}};
    for (size_t i = 0; i < hand.n_asked; i++)
        hand.heads[i] = head;
    hand_performed();
}

void hand_looked_up(void)
{
    cr_assert_eq(hand.action, COMMITTER_LOOK_UP);
    for (size_t i = 0; i < hand.look_up.n_bookings; i++)
        hand.look_up.found[i] = (struct ledger_found){0};
    hand_performed();
}

void hand_decide(void)
{
    cr_assert_eq(committer_next(&hand), COMMITTER_DECIDE);
    committer_decide(&hand, 1000, next_token, &answered);
    release_finished();
}

void hand_inserted(enum ledger_outcome outcome)
{
    cr_assert_eq(hand.action, COMMITTER_INSERT);
    for (size_t i = 0; i < hand.n_asked; i++)
        hand.outcomes[i] = outcome;
    hand_performed();
}

void hand_token_own(void)
{
    cr_assert_eq(hand.action, COMMITTER_READ_TOKENS);
    for (size_t i = 0; i < hand.n_asked; i++)
        hand.tokens[i] = hand.asked[i]->batch->entry.token;
    hand_performed();
}

static void give_token(struct object_id token)
{
    cr_assert_eq(hand.action, COMMITTER_READ_TOKENS);
    for (size_t i = 0; i < hand.n_asked; i++)
        hand.tokens[i] = token;
    hand_performed();
}

void hand_token_other(void)
{
    give_token(token_of_entry(100));
}

void hand_token_none(void)
{
    give_token((struct object_id){0});
}

void hand_to_insert(size_t slot, int64_t sequence, int64_t seats_sold)
{
    cr_assert(hand_take(slot));
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(sequence, seats_sold);
    if (committer_next(&hand) == COMMITTER_LOOK_UP)
        hand_looked_up();
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
}

void hand_expect(const struct ticket *ticket, enum error_code code)
{
    cr_expect_eq(ticket->place, TICKET_ANSWERED, "ticket %td has no answer", ticket - hand_tickets);
    cr_expect_eq(ticket->answer.code, code, "ticket %td: %s", ticket - hand_tickets,
                 error_code_name(ticket->answer.code));
}

void hand_expect_place(const struct ticket *ticket, enum ticket_place place)
{
    cr_expect_eq(ticket->place, place, "ticket %td is at place %d", ticket - hand_tickets,
                 ticket->place);
}
