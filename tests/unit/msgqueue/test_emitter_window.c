#include "base/memory.h"
#include "msgqueue/emitter_window.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum {
    WINDOW = 3,
    QUEUE = 4,
    TIMEOUT_MS = 1000
};

static void nobody_listens(void *context, const struct error *error)
{
    (void)context;
    (void)error;
}

static struct emission *emission(const char *id)
{
    struct envelope envelope = {.name = "event.created"};
    struct emission *made;

    snprintf(envelope.id, sizeof(envelope.id), "%s", id);
    made = emission_new(&envelope, nobody_listens, NULL, NULL);
    cr_assert_not_null(made);
    return made;
}

static void window_freep(struct emitter_window **window)
{
    emitter_window_clear(*window);
    memory_free(*window);
}

static struct emitter_window *closed_window(void)
{
    struct emitter_window *window = memory_new(sizeof(*window), NULL);

    cr_assert_not_null(window);
    cr_assert(emitter_window_init(window, WINDOW, QUEUE, TIMEOUT_MS, NULL));
    return window;
}

static struct emitter_window *open_window(void)
{
    struct emitter_window *window = closed_window();

    emitter_window_opened(window);
    return window;
}

/* A window with messages "1", "2" ... on the wire since time 0. */
static struct emitter_window *window_with(int n_on_wire)
{
    struct emitter_window *window = open_window();
    char id[2] = "1";

    for (int i = 0; i < n_on_wire; i++, id[0]++) {
        cr_assert(emitter_window_add(window, emission(id), NULL));
        cr_assert(emitter_window_send(window, 0));
    }
    return window;
}

/* "1c 2r": id and end of all that has settled: confirmed, returned, refused (n), overdue, lost. */
static const char *settled(struct emitter_window *window)
{
    static char text[128];
    struct emission *each;
    size_t n = 0;

    text[0] = '\0';
    while ((each = emitter_window_settled(window))) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s%c", n ? " " : "", each->envelope.id,
                              "crnol"[each->end]);
        emission_free(each);
    }
    return text;
}

static const char *next(struct emitter_window *window, int64_t now_ms)
{
    struct emission *each = emitter_window_send(window, now_ms);

    return each ? each->envelope.id : "-";
}

#define WINDOW_VAR CLEANUP(window_freep) struct emitter_window *

Test(emitter_window, numbers_what_it_sends_from_one)
{
    WINDOW_VAR window = open_window();
    struct emission *first;
    struct emission *second;

    cr_assert(emitter_window_add(window, emission("1"), NULL));
    cr_assert(emitter_window_add(window, emission("2"), NULL));
    first = emitter_window_send(window, 7);
    second = emitter_window_send(window, 8);

    cr_expect_eq(first->tag, 1);
    cr_expect_eq(second->tag, 2);
    cr_expect_str_eq(first->envelope.id, "1");
    cr_expect_str_eq(next(window, 9), "-");
}

Test(emitter_window, sends_nothing_without_a_connection)
{
    WINDOW_VAR window = closed_window();

    cr_assert(emitter_window_add(window, emission("1"), NULL));
    cr_expect_str_eq(next(window, 0), "-");
    emitter_window_opened(window);

    cr_expect_str_eq(next(window, 0), "1");
}

Test(emitter_window, sends_nothing_while_the_broker_is_blocked)
{
    WINDOW_VAR window = open_window();

    cr_assert(emitter_window_add(window, emission("1"), NULL));
    emitter_window_blocked(window, true);
    cr_expect_str_eq(next(window, 0), "-");
    emitter_window_blocked(window, false);

    cr_expect_str_eq(next(window, 0), "1");
}

Test(emitter_window, holds_back_what_does_not_fit)
{
    WINDOW_VAR window = window_with(WINDOW);

    cr_assert(emitter_window_add(window, emission("4"), NULL));
    cr_expect_str_eq(next(window, 0), "-");
    emitter_window_confirmed(window, 1, false);

    cr_expect_str_eq(next(window, 0), "4");
}

/* Tags 2 and 3 are settled, but tag 1 still holds the place that tag 4 would need. */
Test(emitter_window, waits_for_the_oldest_tag)
{
    WINDOW_VAR window = window_with(WINDOW);

    cr_assert(emitter_window_add(window, emission("4"), NULL));
    emitter_window_confirmed(window, 2, false);
    emitter_window_confirmed(window, 3, false);
    cr_expect_str_eq(next(window, 0), "-");
    emitter_window_confirmed(window, 1, false);

    cr_expect_str_eq(next(window, 0), "4");
}

Test(emitter_window, refuses_more_than_its_queue)
{
    WINDOW_VAR window = closed_window();
    struct emission *surplus = emission("x");
    struct error error = {0};

    for (int i = 0; i < QUEUE; i++)
        cr_assert(emitter_window_add(window, emission("1"), NULL));

    cr_expect_not(emitter_window_add(window, surplus, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    emission_free(surplus);
}

Test(emitter_window, settles_one_tag)
{
    WINDOW_VAR window = window_with(3);

    emitter_window_confirmed(window, 2, false);

    cr_expect_str_eq(settled(window), "2c");
}

Test(emitter_window, settles_everything_up_to_a_tag)
{
    WINDOW_VAR window = window_with(3);

    emitter_window_confirmed(window, 2, true);

    cr_expect_str_eq(settled(window), "1c 2c");
}

Test(emitter_window, settles_each_tag_once)
{
    WINDOW_VAR window = window_with(3);

    emitter_window_confirmed(window, 2, false);
    emitter_window_refused(window, 2, false);
    emitter_window_refused(window, 3, true);

    cr_expect_str_eq(settled(window), "2c 1n 3n");
}

Test(emitter_window, takes_tag_zero_for_all)
{
    WINDOW_VAR window = window_with(3);

    emitter_window_confirmed(window, 0, true);

    cr_expect_str_eq(settled(window), "1c 2c 3c");
}

Test(emitter_window, ignores_tags_it_never_gave)
{
    WINDOW_VAR window = window_with(2);

    emitter_window_confirmed(window, 0, false);
    emitter_window_confirmed(window, 3, false);
    emitter_window_confirmed(window, UINT64_MAX, false);

    cr_expect_str_eq(settled(window), "");
}

Test(emitter_window, takes_a_tag_from_the_future_for_all_there_is)
{
    WINDOW_VAR window = window_with(2);

    emitter_window_confirmed(window, UINT64_MAX, true);

    cr_expect_str_eq(settled(window), "1c 2c");
}

Test(emitter_window, does_not_count_a_returned_message_as_published)
{
    WINDOW_VAR window = window_with(3);

    cr_expect(emitter_window_returned(window, "2"));
    cr_expect_str_eq(settled(window), "");
    emitter_window_confirmed(window, 3, true);

    cr_expect_str_eq(settled(window), "1c 2r 3c");
}

Test(emitter_window, notes_a_return_for_each_copy_of_a_message)
{
    WINDOW_VAR window = open_window();

    for (int i = 0; i < 3; i++) {
        cr_assert(emitter_window_add(window, emission("1"), NULL));
        cr_assert(emitter_window_send(window, 0));
    }
    emitter_window_returned(window, "1");
    emitter_window_returned(window, "1");
    emitter_window_confirmed(window, 3, true);

    cr_expect_str_eq(settled(window), "1r 1r 1c");
}

Test(emitter_window, ignores_the_return_of_a_stranger)
{
    WINDOW_VAR window = window_with(2);

    emitter_window_confirmed(window, 1, false);
    cr_expect_not(emitter_window_returned(window, "1"));
    cr_expect_not(emitter_window_returned(window, "x"));
    emitter_window_confirmed(window, 2, false);

    cr_expect_str_eq(settled(window), "1c 2c");
}

Test(emitter_window, says_refused_of_what_was_returned_and_refused)
{
    WINDOW_VAR window = window_with(1);

    emitter_window_returned(window, "1");
    emitter_window_refused(window, 1, false);

    cr_expect_str_eq(settled(window), "1n");
}

Test(emitter_window, gives_up_what_is_overdue)
{
    WINDOW_VAR window = open_window();

    for (int i = 0; i < 3; i++)
        cr_assert(emitter_window_add(window, emission((const char *[]){"1", "2", "3"}[i]), NULL));
    (void)next(window, 0);
    (void)next(window, 0);
    (void)next(window, 1);
    emitter_window_confirmed(window, 1, false);
    emitter_window_tick(window, TIMEOUT_MS - 1);
    cr_expect_str_eq(settled(window), "1c");
    emitter_window_tick(window, TIMEOUT_MS);

    cr_expect_str_eq(settled(window), "2o");
}

Test(emitter_window, ignores_a_confirm_that_comes_too_late)
{
    WINDOW_VAR window = window_with(1);

    emitter_window_tick(window, TIMEOUT_MS);
    cr_expect_str_eq(settled(window), "1o");
    cr_assert(emitter_window_add(window, emission("2"), NULL));
    cr_expect_str_eq(next(window, TIMEOUT_MS), "2");
    emitter_window_confirmed(window, 1, false);

    cr_expect_str_eq(settled(window), "");
}

Test(emitter_window, loses_what_was_on_the_wire_and_keeps_what_waits)
{
    WINDOW_VAR window = window_with(3);

    cr_assert(emitter_window_add(window, emission("4"), NULL));
    emitter_window_confirmed(window, 2, false);
    emitter_window_lost(window);
    cr_expect_str_eq(settled(window), "2c 1l 3l");
    emitter_window_opened(window);

    cr_expect_str_eq(next(window, 0), "4");
}

/* A confirm of tag 1 would otherwise be taken for the next connection's first message. */
Test(emitter_window, begins_again_with_tag_one_on_a_new_connection)
{
    WINDOW_VAR window = window_with(2);
    struct emission *again;

    emitter_window_opened(window);
    cr_expect_str_eq(settled(window), "1l 2l");
    cr_assert(emitter_window_add(window, emission("3"), NULL));
    again = emitter_window_send(window, 0);

    cr_expect_eq(again->tag, 1);
}

Test(emitter_window, forgets_that_the_broker_was_blocked_with_the_connection)
{
    WINDOW_VAR window = open_window();

    emitter_window_blocked(window, true);
    emitter_window_opened(window);
    cr_assert(emitter_window_add(window, emission("1"), NULL));

    cr_expect_str_eq(next(window, 0), "1");
}

Test(emitter_window, ends_everything_when_it_stops)
{
    WINDOW_VAR window = window_with(WINDOW);
    struct emission *late = emission("5");
    struct error error = {0};

    cr_assert(emitter_window_add(window, emission("4"), NULL));
    emitter_window_stop(window);
    emitter_window_opened(window);

    cr_expect_str_eq(settled(window), "1l 2l 3l 4l");
    cr_expect_not(emitter_window_add(window, late, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_str_eq(next(window, 0), "-");
    emission_free(late);
}

Test(emitter_window, keeps_up_over_many_turns_of_its_ring)
{
    WINDOW_VAR window = open_window();

    for (uint64_t tag = 1; tag <= 1000; tag++) {
        cr_assert(emitter_window_add(window, emission("1"), NULL));
        cr_assert_eq(emitter_window_send(window, 0)->tag, tag);
        emitter_window_confirmed(window, tag, tag % 2);
        cr_assert_str_eq(settled(window), "1c");
    }
}

Test(emitter_window, says_when_there_is_no_memory)
{
    struct emitter_window window = {0};
    struct error error = {0};

    memory_fail_at(1, false);

    cr_expect_not(emitter_window_init(&window, WINDOW, QUEUE, TIMEOUT_MS, &error));
    cr_expect_eq(error.code, ERROR_MEMORY);
    emitter_window_clear(&window);
}
