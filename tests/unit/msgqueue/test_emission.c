#include "base/memory.h"
#include "msgqueue/emission.h"

#include <criterion/criterion.h>
#include <string.h>

static int n_calls;
static enum error_code last_code;

static void note(void *context, const struct error *error)
{
    cr_assert_eq(context, &n_calls);
    n_calls++;
    last_code = error ? error->code : ERROR_NONE;
}

static struct emission *emission_of(const char *body)
{
    const struct envelope envelope = {.id = "1", .body = body, .body_bytes = strlen(body)};
    struct emission *emission = emission_new(&envelope, note, &n_calls, NULL);

    cr_assert_not_null(emission);
    return emission;
}

Test(emission, keeps_its_own_copy_of_the_body)
{
    char body[] = "{}";
    CLEANUP(emission_freep) struct emission *emission = emission_of(body);

    body[0] = 'x';

    cr_expect_eq(emission->envelope.body_bytes, 2);
    cr_expect_eq(memcmp(emission->envelope.body, "{}", 2), 0);
}

Test(emission, bears_an_empty_body)
{
    const struct envelope envelope = {.id = "1"};
    CLEANUP(emission_freep)
    struct emission *emission = emission_new(&envelope, note, &n_calls, NULL);

    cr_assert_not_null(emission);
    cr_expect_eq(emission->envelope.body_bytes, 0);
}

Test(emission, tells_once_how_it_ended)
{
    static const struct {
        enum emission_end end;
        enum error_code code;
    } cases[] = {
        {EMISSION_CONFIRMED, ERROR_NONE},   {EMISSION_RETURNED, ERROR_NOT_FOUND},
        {EMISSION_REFUSED, ERROR_BUSY},     {EMISSION_OVERDUE, ERROR_UNAVAILABLE},
        {EMISSION_LOST, ERROR_UNAVAILABLE},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct emission *emission = emission_of("{}");

        emission->end = cases[i].end;
        emission_finish(emission);

        cr_expect_eq(n_calls, (int)i + 1);
        cr_expect_eq(last_code, cases[i].code);
    }
}

Test(emission, says_when_there_is_no_memory)
{
    const struct envelope envelope = {.id = "1"};
    struct error error = {0};

    memory_fail_at(1, false);

    cr_expect_null(emission_new(&envelope, note, &n_calls, &error));
    cr_expect_eq(error.code, ERROR_MEMORY);
}
