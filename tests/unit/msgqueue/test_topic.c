#include "msgqueue/memory/topic.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>

static const struct {
    const char *pattern;
    const char *key;
    bool matches;
} cases[] = {
    {"event.created", "event.created", true},
    {"event.created", "event.createdx", false},
    {"event.created", "event.create", false},
    {"event.created", "event", false},
    {"event", "event.created", false},
    {"eventCreated", "eventCreated", true},
    {"location.*", "location.removed", true},
    {"location.*", "location", false},
    {"location.*", "location.", true},
    {"location.*", "location.a.b", false},
    {"*", "", false},
    {"*.*", "a.b", true},
    {"*a", "aa", false},
    {"#", "", true},
    {"#", "a.b.c", true},
    {"a.#", "a", true},
    {"a.#", "a.b.c", true},
    {"a.#", "b.a", false},
    {"#.c", "a.b.c", true},
    {"#.c", "c", true},
    {"#.c", "c.d", false},
    {"a.#.c", "a.c", true},
    {"a.#.c", "a.b.b.c", true},
    {"a.#.c", "a.b", false},
    {"#.b.#", "a.b.c", true},
    {"#.*", "", false},
    {"#.*", "a", true},
    {"", "", false},
};

Test(topic, matches_words_as_a_topic_exchange_does)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        cr_expect_eq(topic_matches(cases[i].pattern, cases[i].key), cases[i].matches, "'%s' '%s'",
                     cases[i].pattern, cases[i].key);
}
