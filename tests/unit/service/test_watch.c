#include "log_pipe.h"
#include "service/watch.h"

#include <criterion/criterion.h>
#include <string.h>

static _Atomic bool is_there;

static bool ask(void *context, struct error *error)
{
    (void)context;
    return atomic_load(&is_there) || error_set(error, ERROR_UNAVAILABLE, "it is away");
}

static const struct watched things[] = {{"database", ask}};
static struct watch watch = {.things = things, .n_things = 1};

static void start(void)
{
    log_pipe_open();
}

TestSuite(watch, .init = start);

static void expect_line(const char *text)
{
    const char *line = log_pipe_line();

    cr_expect(strstr(line, text), "%s", line);
}

Test(watch, knows_nothing_before_it_starts)
{
    cr_expect_not(watch_is_well(&watch, 0));
}

Test(watch, knows_at_once_what_is_there)
{
    atomic_store(&is_there, true);
    cr_assert(watch_start(&watch, NULL));

    cr_expect(watch_is_well(&watch, 0));
    watch_stop(&watch);
    cr_expect(log_pipe_is_empty());
}

Test(watch, says_when_something_goes_and_comes)
{
    atomic_store(&is_there, true);
    cr_assert(watch_start(&watch, NULL));

    atomic_store(&is_there, false);
    expect_line("does not answer what=database error=\"it is away\"");
    cr_expect_not(watch_is_well(&watch, 0));

    atomic_store(&is_there, true);
    expect_line("answers again what=database");
    cr_expect(watch_is_well(&watch, 0));
    watch_stop(&watch);
    cr_expect(log_pipe_is_empty());
}

Test(watch, says_that_something_never_came)
{
    atomic_store(&is_there, false);
    cr_assert(watch_start(&watch, NULL));

    expect_line("does not answer");
    watch_stop(&watch);
}
