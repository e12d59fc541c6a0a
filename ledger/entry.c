#include "ledger/entry.h"

#include "ledger/batch_index.h"

#include <assert.h>

struct decision {
    const struct entry_basis *basis;
    struct entry_line *lines;
    struct ledger_entry *entry; /* its state is that of the event after the commands so far */
    bool exists;                /* the event has a ledger, by now */
    bool is_made;               /* the entry holds something */
    bool is_cut;                /* what follows belongs to the next entry */
    bool is_contradiction;

    struct batch_index booked;            /* lines whose booking is in the entry */
    struct batch_index cancelled;         /* lines whose cancellation is in the entry, by booking */
    struct batch_index users;             /* the first line of each user in the entry */
    int64_t user_seats[LEDGER_BATCH_MAX]; /* by that line: booked minus cancelled in the entry */
};

static struct booking booking_of(const struct ledger_found *found)
{
    return (struct booking){.id = found->booking.id,
                            .event_id = found->event_id,
                            .user_id = found->booking.user_id,
                            .seats = found->booking.seats,
                            .made_at_ms = found->at_ms,
                            .cancelled = found->is_cancelled};
}

static bool is_here(const struct decision *self, const struct ledger_found *found)
{
    return found->exists && object_id_equal(&found->event_id, &self->basis->event_id);
}

static int64_t head_free(const struct decision *self)
{
    const struct ledger_head *head = self->basis->head;

    return head->exists ? ledger_state_free(&head->state) : CAPACITY_UNKNOWN;
}

static void answer(struct entry_line *line, enum entry_verdict verdict, const struct answer *answer)
{
    line->verdict = verdict;
    line->answer = *answer;
}

/* The line becomes a part of the entry. */
static void carry(struct decision *self, struct entry_line *line, const struct booking *booking)
{
    const struct answer carried = {.booking = *booking,
                                   .seats_left = ledger_state_free(&self->entry->state)};

    answer(line, ENTRY_ANSWER_LANDED, &carried);
    line->carried = true;
    self->is_made = true;
}

static int64_t seats_in_batch(const struct decision *self, const struct object_id *user_id)
{
    size_t first;

    return batch_index_find(&self->users, user_id, &first) ? self->user_seats[first] : 0;
}

static void count_for_user(struct decision *self, size_t i, const struct object_id *user_id,
                           int32_t seats)
{
    size_t first = i;

    if (!batch_index_find(&self->users, user_id, &first))
        batch_index_put(&self->users, user_id, i);
    self->user_seats[first] += seats;
}

/* Why a booking is refused in @state, by a user who holds @seats_held; ERROR_NONE: it is not. */
static enum error_code refusal(const struct entry_basis *basis, const struct ledger_state *state,
                               const struct command *command, int64_t seats_held)
{
    int64_t seats_free = ledger_state_free(state);
    bool is_over = state->end_s != 0 && state->end_s <= basis->now_ms / 1000;
    bool is_guest = object_id_is_none(&command->user_id);

    if (state->closed || state->removed || is_over)
        return ERROR_GONE;
    if (seats_free != CAPACITY_UNKNOWN && command->seats > seats_free)
        return ERROR_SOLD_OUT;
    if (basis->seats_per_user > 0 && !is_guest &&
        seats_held + command->seats > basis->seats_per_user)
        return ERROR_USER_LIMIT;
    return ERROR_NONE;
}

static enum error_code refusal_by_batch(const struct decision *self, const struct entry_line *line)
{
    int64_t held = line->seats_held + seats_in_batch(self, &line->command.user_id);

    if (!self->exists)
        return ERROR_NOT_FOUND;
    return refusal(self->basis, &self->entry->state, &line->command, held);
}

static enum error_code refusal_by_head(const struct decision *self, const struct entry_line *line)
{
    const struct ledger_head *head = self->basis->head;

    if (!head->exists)
        return ERROR_NOT_FOUND;
    return refusal(self->basis, &head->state, &line->command, line->seats_held);
}

static void refuse(const struct decision *self, struct entry_line *line, enum error_code code)
{
    bool is_proven = line->fresh && refusal_by_head(self, line) == code;
    const struct answer refused = {
        .code = code,
        .seats_left = is_proven ? head_free(self) : ledger_state_free(&self->entry->state)};

    answer(line, is_proven ? ENTRY_ANSWER_NOW : ENTRY_ANSWER_LANDED, &refused);
}

/* The id is stored: the same order again, or another use of its key. That is true whatever the head. */
static void book_stored(const struct decision *self, struct entry_line *line)
{
    const struct ledger_found *found = &line->found;
    struct answer stored = {.code = ERROR_KEY_REUSED};

    if (is_here(self, found) && found->booking.fingerprint == line->command.fingerprint)
        stored = (struct answer){
            .repeated = true, .booking = booking_of(found), .seats_left = head_free(self)};
    answer(line, ENTRY_ANSWER_NOW, &stored);
}

/* The same within the batch, where no unique index would see it. */
static void book_twin(const struct decision *self, struct entry_line *line,
                      const struct entry_line *twin)
{
    struct answer repeated = {.code = ERROR_KEY_REUSED};
    size_t cancelled;

    if (twin->command.fingerprint == line->command.fingerprint) {
        repeated = twin->answer;
        repeated.repeated = true;
        repeated.seats_left = ledger_state_free(&self->entry->state);
        repeated.booking.cancelled =
            batch_index_find(&self->cancelled, &line->command.booking_id, &cancelled);
    }
    answer(line, ENTRY_ANSWER_LANDED, &repeated);
}

static void book_new(struct decision *self, size_t i)
{
    struct ledger_entry *entry = self->entry;
    struct entry_line *line = &self->lines[i];
    const struct command *command = &line->command;
    const struct booking booking = {.id = command->booking_id,
                                    .event_id = self->basis->event_id,
                                    .user_id = command->user_id,
                                    .seats = command->seats,
                                    .made_at_ms = self->basis->now_ms};

    entry->bookings[entry->n_bookings++] = (struct ledger_booking){
        command->booking_id, command->user_id, command->seats, command->fingerprint};
    entry->state.seats_sold += command->seats;
    batch_index_put(&self->booked, &command->booking_id, i);
    count_for_user(self, i, &command->user_id, command->seats);
    carry(self, line, &booking);
}

static void book(struct decision *self, size_t i)
{
    struct entry_line *line = &self->lines[i];
    enum error_code code;
    size_t twin;

    if (line->found.exists) {
        book_stored(self, line);
        return;
    }
    if (batch_index_find(&self->booked, &line->command.booking_id, &twin)) {
        book_twin(self, line, &self->lines[twin]);
        return;
    }
    code = refusal_by_batch(self, line);
    if (code == ERROR_NONE)
        book_new(self, i);
    else
        refuse(self, line, code);
}

static void give_back(struct decision *self, size_t i, struct booking booking)
{
    struct ledger_entry *entry = self->entry;
    struct entry_line *line = &self->lines[i];

    if (booking.seats > entry->state.seats_sold) {
        self->is_contradiction = true; /* more comes back than was ever sold */
        return;
    }
    booking.cancelled = true;
    entry->cancellations[entry->n_cancellations++] =
        (struct ledger_cancellation){booking.id, booking.user_id, booking.seats};
    entry->state.seats_sold -= booking.seats;
    batch_index_put(&self->cancelled, &line->command.booking_id, i);
    carry(self, line, &booking);
    count_for_user(self, i, &line->answer.booking.user_id, -booking.seats);
}

static void cancel_stored(struct decision *self, size_t i)
{
    struct entry_line *line = &self->lines[i];
    const struct ledger_head *head = self->basis->head;
    const struct answer stored = {
        .repeated = true, .booking = booking_of(&line->found), .seats_left = head_free(self)};

    if (line->found.is_cancelled)
        answer(line, ENTRY_ANSWER_NOW, &stored);
    else if (!head->exists || line->found.sequence > head->sequence)
        line->verdict = ENTRY_DECIDE_AGAIN; /* the head is older than the booking */
    else
        give_back(self, i, stored.booking);
}

static void cancel(struct decision *self, size_t i)
{
    struct entry_line *line = &self->lines[i];
    const struct object_id *id = &line->command.booking_id;
    struct answer repeated;
    size_t other;

    if (batch_index_find(&self->cancelled, id, &other)) {
        repeated = self->lines[other].answer;
        repeated.repeated = true;
        answer(line, ENTRY_ANSWER_LANDED, &repeated);
    } else if (is_here(self, &line->found)) {
        cancel_stored(self, i);
    } else if (batch_index_find(&self->booked, id, &other)) {
        give_back(self, i, self->lines[other].answer.booking);
    } else if (self->basis->is_head_read) {
        /* The look-up was made after the command arrived: nothing more is needed to know. */
        answer(line, ENTRY_ANSWER_NOW, &(struct answer){.code = ERROR_NOT_FOUND});
    } else {
        line->verdict = ENTRY_DECIDE_AGAIN; /* it may stand where the look-up did not see yet */
    }
}

static void take_over_newer(struct decision *self, struct entry_line *line)
{
    struct ledger_state *state = &self->entry->state;
    const struct ledger_state *newer = &line->command.state;

    if (newer->removed) { /* such a message says nothing else, and bookings stay */
        state->event_version = newer->event_version;
        state->removed = true;
        state->closed = true;
    } else {
        int64_t seats_sold = state->seats_sold;

        *state = *newer;
        state->seats_sold = seats_sold;
    }
    self->exists = true;
    carry(self, line, &(struct booking){0});
}

static void take_over(struct decision *self, struct entry_line *line)
{
    const struct ledger_head *head = self->basis->head;
    int64_t version = line->command.state.event_version;
    bool is_stored = head->exists && version <= head->state.event_version;
    const struct answer known = {.repeated = true, .seats_left = head_free(self)};

    if (self->exists && version <= self->entry->state.event_version)
        answer(line, is_stored ? ENTRY_ANSWER_NOW : ENTRY_ANSWER_LANDED, &known);
    else if (self->is_made)
        self->is_cut = true; /* a version begins an entry, so that its state counts for all in it */
    else
        take_over_newer(self, line);
}

static void decide(struct decision *self, size_t i)
{
    struct entry_line *line = &self->lines[i];

    line->carried = false;
    if (line->left)
        return;
    if (!self->is_cut) {
        switch (line->command.kind) {
        case COMMAND_BOOK:
            book(self, i);
            break;
        case COMMAND_CANCEL:
            cancel(self, i);
            break;
        case COMMAND_TAKE_OVER:
            take_over(self, line);
            break;
        }
    }
    if (self->is_cut)
        line->verdict = ENTRY_DECIDE_NEXT;
}

/* The entry that would follow @head, still without a command. */
static void begin(const struct entry_basis *basis, struct ledger_entry *entry)
{
    static const struct ledger_state unknown = {.capacity = CAPACITY_UNKNOWN};
    const struct ledger_head *head = basis->head;

    entry->key.event_id = basis->event_id;
    entry->key.sequence = head->exists ? head->sequence + 1 : 0;
    entry->at_ms = basis->now_ms;
    entry->state = head->exists ? head->state : unknown;
    entry->n_bookings = 0;
    entry->n_cancellations = 0;
}

/* Nothing will land: what waits for that needs another proof. */
static void end_without_entry(struct entry_line *lines, size_t n_lines)
{
    for (size_t i = 0; i < n_lines; i++) {
        if (lines[i].verdict == ENTRY_ANSWER_LANDED)
            lines[i].verdict = ENTRY_DECIDE_AGAIN;
    }
}

enum entry_result entry_decide(const struct entry_basis *basis, struct entry_line *lines,
                               size_t n_lines, struct ledger_entry *entry)
{
    struct decision self = {
        .basis = basis, .lines = lines, .entry = entry, .exists = basis->head->exists};

    assert(n_lines <= LEDGER_BATCH_MAX);
    begin(basis, entry);
    for (size_t i = 0; i < n_lines && !self.is_contradiction; i++)
        decide(&self, i);

    if (self.is_contradiction)
        return ENTRY_CONTRADICTION;
    if (!self.is_made)
        end_without_entry(lines, n_lines);
    return self.is_made ? ENTRY_MADE : ENTRY_NONE;
}
