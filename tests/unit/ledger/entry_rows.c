#include "entry_rows.h"

#include <criterion/criterion.h>

const struct object_id row_event = {{1, 2, 3}};

static struct object_id id_of(int number)
{
    return (struct object_id){.bytes = {1, 2, 3, 4, [11] = (uint8_t)number}};
}

static struct object_id user_of(int number)
{
    return (struct object_id){.bytes = {9, [11] = (uint8_t)number}};
}

/* ---- states and heads ---- */

struct ledger_state version(int64_t event_version, int64_t capacity, int64_t seats_sold)
{
    return (struct ledger_state){.event_version = event_version,
                                 .capacity = capacity,
                                 .end_s = END_S,
                                 .seats_sold = seats_sold};
}

struct ledger_state sold(int64_t seats_sold)
{
    return version(3, 100, seats_sold);
}

struct ledger_state closed(struct ledger_state state)
{
    state.closed = true;
    return state;
}

struct ledger_state removed(struct ledger_state state)
{
    state.closed = true;
    state.removed = true;
    return state;
}

struct ledger_head head_with(int64_t capacity, int64_t seats_sold)
{
    return (struct ledger_head){.exists = true,
                                .sequence = 6,
                                .token = id_of(99),
                                .state = version(3, capacity, seats_sold)};
}

struct ledger_head open_head(void)
{
    return head_with(100, 100 - FREE);
}

struct ledger_head closed_head(void)
{
    struct ledger_head head = open_head();

    head.state.closed = true;
    return head;
}

struct ledger_head no_head(void)
{
    return (struct ledger_head){0};
}

/* ---- lines ---- */

struct entry_line book(int id, int seats)
{
    return (struct entry_line){.command = {.kind = COMMAND_BOOK,
                                           .booking_id = id_of(id),
                                           .seats = seats,
                                           .fingerprint = (uint64_t)seats},
                               .fresh = true};
}

struct entry_line book_for(int user, int64_t seats_held, int id, int seats)
{
    struct entry_line line = book(id, seats);

    line.command.user_id = user_of(user);
    line.seats_held = seats_held;
    return line;
}

struct entry_line cancel(int id)
{
    return (struct entry_line){.command = {.kind = COMMAND_CANCEL, .booking_id = id_of(id)},
                               .fresh = true};
}

struct entry_line take_over(int64_t event_version, int64_t capacity, bool is_closed)
{
    struct entry_line line = {.command = {.kind = COMMAND_TAKE_OVER}, .fresh = true};

    line.command.state = version(event_version, capacity, 77777);
    line.command.state.closed = is_closed;
    return line;
}

struct entry_line remove_event(int64_t event_version)
{
    struct entry_line line = take_over(event_version, 0, false);

    line.command.state.end_s = 0;
    line.command.state.removed = true;
    return line;
}

struct entry_line stale(struct entry_line line)
{
    line.fresh = false;
    return line;
}

struct entry_line left(struct entry_line line)
{
    line.left = true;
    return line;
}

struct entry_line found(struct entry_line line, int64_t sequence, int seats)
{
    line.found = (struct ledger_found){.exists = true,
                                       .event_id = row_event,
                                       .sequence = sequence,
                                       .at_ms = 77,
                                       .booking = {.id = line.command.booking_id,
                                                   .user_id = user_of(1),
                                                   .seats = seats,
                                                   .fingerprint = (uint64_t)seats}};
    return line;
}

struct entry_line found_cancelled(struct entry_line line, int64_t sequence, int seats)
{
    line = found(line, sequence, seats);
    line.found.is_cancelled = true;
    return line;
}

struct entry_line found_elsewhere(struct entry_line line)
{
    line = found(line, 0, line.command.seats);
    line.found.event_id = id_of(50);
    return line;
}

/* ---- expectations ---- */

struct expected now(enum error_code code, int64_t seats_left)
{
    return (struct expected){ENTRY_ANSWER_NOW, code, seats_left, false};
}

struct expected landed(enum error_code code, int64_t seats_left)
{
    return (struct expected){ENTRY_ANSWER_LANDED, code, seats_left, false};
}

struct expected again(void)
{
    return (struct expected){.verdict = ENTRY_DECIDE_AGAIN};
}

struct expected next(void)
{
    return (struct expected){.verdict = ENTRY_DECIDE_NEXT};
}

struct expected repeated(struct expected expected)
{
    expected.repeated = true;
    return expected;
}

struct expected passed_over(void)
{
    return (struct expected){.seats_left = INT64_MIN};
}

struct made nothing(void)
{
    return (struct made){.result = ENTRY_NONE};
}

struct made contradiction(void)
{
    return (struct made){.result = ENTRY_CONTRADICTION};
}

struct made entry(struct ledger_state state, size_t n_bookings, size_t n_cancellations)
{
    return (struct made){ENTRY_MADE, state, n_bookings, n_cancellations};
}

/* ---- checking ---- */

struct ledger_entry empty_entry(void)
{
    static struct ledger_booking bookings[LEDGER_BATCH_MAX];
    static struct ledger_cancellation cancellations[LEDGER_BATCH_MAX];

    return (struct ledger_entry){.bookings = bookings, .cancellations = cancellations};
}

static void check_line(const struct row *row, size_t i)
{
    const struct expected *expected = &row->expected[i];
    const struct answer *answer = &row->lines[i].answer;
    bool is_answered =
        expected->verdict == ENTRY_ANSWER_NOW || expected->verdict == ENTRY_ANSWER_LANDED;

    if (expected->seats_left == INT64_MIN)
        return;
    cr_expect_eq(row->lines[i].verdict, expected->verdict, "%s: verdict %d of line %zu", row->name,
                 row->lines[i].verdict, i);
    if (!is_answered)
        return;
    cr_expect_eq(answer->code, expected->code, "%s: %s for line %zu", row->name,
                 error_code_name(answer->code), i);
    cr_expect_eq(answer->repeated, expected->repeated, "%s: line %zu", row->name, i);
    if (answer->code == ERROR_NONE || answer->code == ERROR_SOLD_OUT)
        cr_expect_eq(answer->seats_left, expected->seats_left, "%s: %ld left after line %zu",
                     row->name, (long)answer->seats_left, i);
}

static void check_made(const struct row *row, const struct ledger_entry *made)
{
    const struct ledger_state *state = &made->state;
    const struct ledger_state *expected = &row->made.state;

    cr_expect_eq(made->key.sequence, row->head.exists ? row->head.sequence + 1 : 0);
    cr_expect(object_id_equal(&made->key.event_id, &row_event));
    cr_expect_eq(made->at_ms, NOW_MS);
    cr_expect_eq(made->n_bookings, row->made.n_bookings, "%s: %zu bookings", row->name,
                 made->n_bookings);
    cr_expect_eq(made->n_cancellations, row->made.n_cancellations, "%s: %zu cancellations",
                 row->name, made->n_cancellations);
    cr_expect_eq(state->event_version, expected->event_version, "%s: version", row->name);
    cr_expect_eq(state->capacity, expected->capacity, "%s: capacity", row->name);
    cr_expect_eq(state->closed, expected->closed, "%s: closed", row->name);
    cr_expect_eq(state->removed, expected->removed, "%s: removed", row->name);
    cr_expect_eq(state->end_s, expected->end_s, "%s: end", row->name);
    cr_expect_eq(state->seats_sold, expected->seats_sold, "%s: %ld sold", row->name,
                 (long)state->seats_sold);
}

static bool is_used(const struct entry_line *line)
{
    return line->command.kind == COMMAND_TAKE_OVER || !object_id_is_none(&line->command.booking_id);
}

static void check_row(struct row *row)
{
    const struct entry_basis basis = {.event_id = row_event,
                                      .head = &row->head,
                                      .is_head_read = row->lines[0].fresh, /* and so are all */
                                      .now_ms = NOW_MS,
                                      .seats_per_user = row->seats_per_user};
    struct ledger_entry made = empty_entry();
    size_t n_lines = 0;
    enum entry_result result;

    while (n_lines < LINES_MAX && is_used(&row->lines[n_lines]))
        n_lines++;
    result = entry_decide(&basis, row->lines, n_lines, &made);

    cr_expect_eq(result, row->made.result, "%s: result %d", row->name, result);
    if (result == ENTRY_CONTRADICTION)
        return;
    for (size_t i = 0; i < n_lines; i++)
        check_line(row, i);
    if (result == ENTRY_MADE)
        check_made(row, &made);
}

void rows_check(struct row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        check_row(&rows[i]);
}
