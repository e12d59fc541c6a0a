#include "ledger/ledger.h"

#include "base/memory.h"
#include "ledger/desk.h"

#include <inttypes.h>

struct ledger {
    struct desk *desk;
    int64_t seats_per_user;
};

bool ledger_open(const struct ledger_options *options, struct ledger **ledger, struct error *error)
{
    struct ledger *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->seats_per_user = options->seats_per_user;
    if (!desk_open(options, &self->desk, error)) {
        memory_free(self);
        return false;
    }
    *ledger = self;
    return true;
}

void ledger_stop(struct ledger *ledger, int64_t wait_ms)
{
    if (!ledger)
        return;
    desk_stop(ledger->desk, wait_ms);
    memory_free(ledger);
}

struct ledger_counts ledger_counts(const struct ledger *ledger)
{
    return desk_counts(ledger->desk);
}

/* The codes that say the same for every command. */
static bool set_common_error(enum error_code code, struct error *error)
{
    static const struct {
        enum error_code code;
        const char *text;
    } texts[] = {
        {ERROR_BUSY, "too many are waiting for this event"},
        {ERROR_UNAVAILABLE, "not sent in time, and it will not be"},
        {ERROR_OUTCOME_UNKNOWN, "sent, and not known to have landed: repeat it with the same key"},
        {ERROR_CORRUPT, "the ledger of this event contradicts itself; it is closed"},
        {ERROR_MEMORY, "no memory for this command"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        if (texts[i].code == code)
            return error_set(error, code, "%s", texts[i].text);
    }
    return error_set(error, ERROR_INTERNAL, "a command was answered with %s",
                     error_code_name(code));
}

static bool set_booking_error(const struct call *call, int64_t seats_per_user, struct error *error)
{
    const struct answer *answer = &call->ticket.answer;

    switch (answer->code) {
    case ERROR_NOT_FOUND:
        return error_set(error, ERROR_NOT_FOUND, "there is no event %s",
                         object_id_hex(&call->event_id).text);
    case ERROR_GONE:
        return error_set(error, ERROR_GONE, "the event takes no bookings any more");
    case ERROR_SOLD_OUT:
        error_set(error, ERROR_SOLD_OUT, "%" PRId64 " left", answer->seats_left);
        error_add_number(error, "seatsLeft", answer->seats_left);
        return false;
    case ERROR_USER_LIMIT:
        return error_set(error, ERROR_USER_LIMIT, "a user may hold %" PRId64 " seats at an event",
                         seats_per_user);
    case ERROR_KEY_REUSED:
        return error_set(error, ERROR_KEY_REUSED, "the key stands for another booking");
    default:
        return set_common_error(answer->code, error);
    }
}

/* The client may ask for it by its id, or repeat the order. */
static bool name_booking(const struct call *call, struct error *error)
{
    if (call->ticket.answer.code == ERROR_OUTCOME_UNKNOWN)
        error_add_text(error, "bookingId", object_id_hex(&call->ticket.command.booking_id).text);
    return false;
}

static struct ledger_receipt receipt_of(const struct answer *answer)
{
    return (struct ledger_receipt){
        .booking = answer->booking, .replayed = answer->repeated, .seats_left = answer->seats_left};
}

static struct call call_to_book(const struct ledger_order *order)
{
    return (struct call){.event_id = order->event_id,
                         .deadline_ms = order->deadline_ms,
                         .ticket.command = {.kind = COMMAND_BOOK,
                                            .booking_id = order->booking_id,
                                            .user_id = order->user_id,
                                            .seats = order->seats,
                                            .fingerprint = order->fingerprint,
                                            .keyed = order->keyed}};
}

static bool take_booking(const struct call *call, int64_t seats_per_user,
                         struct ledger_receipt *receipt, struct error *error)
{
    if (call->ticket.answer.code != ERROR_NONE) {
        set_booking_error(call, seats_per_user, error);
        return name_booking(call, error);
    }
    *receipt = receipt_of(&call->ticket.answer);
    return true;
}

bool ledger_book(struct ledger *ledger, const struct ledger_order *order,
                 struct ledger_receipt *receipt, struct error *error)
{
    struct call call = call_to_book(order);
    int64_t seats_per_user = ledger->seats_per_user; /* a ledger that stops is gone afterwards */

    desk_carry_out(ledger->desk, &call, 1, order->deadline_ms);
    return take_booking(&call, seats_per_user, receipt, error);
}

/* An order that nobody waits for. */
struct pending {
    struct call call;
    int64_t seats_per_user;
    ledger_done *done;
    void *context;
};

static void tell_pending(struct call *call)
{
    struct pending pending = *CONTAINER_OF(call, struct pending, call);
    struct ledger_receipt receipt = {0};
    struct error error = {0};
    bool is_booked = take_booking(call, pending.seats_per_user, &receipt, &error);

    memory_free(CONTAINER_OF(call, struct pending, call));
    pending.done(pending.context, is_booked ? &receipt : NULL, &error);
}

void ledger_book_later(struct ledger *ledger, const struct ledger_order *order, ledger_done *done,
                       void *context)
{
    struct error error = {0};
    struct pending *pending = memory_new(sizeof(*pending), &error);

    if (!pending) {
        done(context, NULL, &error);
        return;
    }
    *pending = (struct pending){.call = call_to_book(order),
                                .seats_per_user = ledger->seats_per_user,
                                .done = done,
                                .context = context};
    pending->call.answered = tell_pending;
    desk_hand_in(ledger->desk, &pending->call, 1);
}

bool ledger_cancel(struct ledger *ledger, const struct object_id *event_id,
                   const struct object_id *booking_id, int64_t deadline_ms,
                   struct ledger_receipt *receipt, struct error *error)
{
    struct call call = {.event_id = *event_id,
                        .ticket.command = {.kind = COMMAND_CANCEL, .booking_id = *booking_id}};

    desk_carry_out(ledger->desk, &call, 1, deadline_ms);
    if (call.ticket.answer.code == ERROR_NOT_FOUND)
        return error_set(error, ERROR_NOT_FOUND, "there is no booking %s at this event",
                         object_id_hex(booking_id).text);
    if (call.ticket.answer.code != ERROR_NONE) {
        set_common_error(call.ticket.answer.code, error);
        return name_booking(&call, error);
    }
    *receipt = receipt_of(&call.ticket.answer);
    return true;
}

static struct call call_of(const struct ledger_change *change)
{
    return (struct call){.event_id = change->event_id,
                         .ticket.command = {.kind = COMMAND_TAKE_OVER,
                                            .state = {.event_version = change->event_version,
                                                      .capacity = change->capacity,
                                                      .closed = change->closed,
                                                      .removed = change->removed,
                                                      .end_s = change->end_s}}};
}

bool ledger_take_over(struct ledger *ledger, struct ledger_change *changes, size_t n_changes,
                      int64_t deadline_ms, struct error *error)
{
    CLEANUP(memory_freep) void *memory = memory_array(n_changes, sizeof(struct call), error);
    struct call *calls = memory;
    bool ok = true;

    for (size_t i = 0; i < n_changes; i++) {
        changes[i].taken_over = false;
        changes[i].changed = false;
        changes[i].code = ERROR_MEMORY;
    }
    if (!calls)
        return false;
    for (size_t i = 0; i < n_changes; i++)
        calls[i] = call_of(&changes[i]);
    desk_carry_out(ledger->desk, calls, n_changes, deadline_ms);
    for (size_t i = 0; i < n_changes; i++) {
        const struct answer *answer = &calls[i].ticket.answer;

        changes[i].code = answer->code;
        changes[i].taken_over = answer->code == ERROR_NONE;
        changes[i].changed = changes[i].taken_over && !answer->repeated;
        if (ok && !changes[i].taken_over) {
            set_common_error(answer->code, error);
            ok = error_wrap(error, "event %s", object_id_hex(&changes[i].event_id).text);
        }
    }
    return ok;
}
