#include "base/random.h"
#include "tools/comparison/copy_comparison.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct database *source;
static struct database *copied;
static FILE *output;
static char *printed;
static size_t printed_bytes;
static struct word_call call = {.json = false};

/* Nobody interrupts a test. */
bool word_is_interrupted(void)
{
    return false;
}

static struct database *open_memory(const char *name)
{
    const struct database_options options = {.backend = "memory", .url = name};
    struct database *database = NULL;

    cr_assert(database_open(&options, &database, NULL));
    return database;
}

static void start(void)
{
    cr_assert(random_init(NULL));
    source = open_memory("source");
    copied = open_memory("copied");
    output = open_memstream(&printed, &printed_bytes);
    call.out = output;
}

static void end(void)
{
    fclose(output);
    free(printed);
    database_free(source);
    database_free(copied);
}

TestSuite(copy_comparison, .init = start, .fini = end);

static struct event event_of(uint16_t number)
{
    return (struct event){.id = {{(uint8_t)(number >> 8), (uint8_t)number}},
                          .version = 1,
                          .name = "Aida",
                          .capacity = 100};
}

static void store(const struct event *event)
{
    char body[] = "{}";
    const struct outbox_message message = {.kind = OUTBOX_EVENT,
                                           .subject = event->id,
                                           .version = 1,
                                           .name = "event.created",
                                           .body = body,
                                           .body_bytes = 2};

    cr_assert(
        catalogue_store_insert_event(database_catalogue(source), event, NULL, &message, NULL));
}

static void copy(const struct event *event, bool removed)
{
    struct copy_event change = {.event = event, .removed = removed};

    cr_assert(copy_store_put_events(database_copy(copied), &change, 1, NULL));
}

/* How many differ; what was told is in `printed`. */
static int64_t compare(int64_t limit, bool *is_equal)
{
    struct differences differences = {.call = &call, .limit = limit};
    struct copy_comparison comparison = {.catalogue = database_catalogue(source),
                                         .copy = database_copy(copied),
                                         .differences = &differences};
    struct error error = {0};

    cr_assert(copy_comparison_run(&comparison, CATALOGUE_EVENT, &error), "%s", error.text);
    fflush(output);
    *is_equal = catalogue_digest_equal(&comparison.catalogue_digest, &comparison.copy_digest);
    return differences.n;
}

Test(copy_comparison, finds_nothing_where_nothing_differs)
{
    bool is_equal;

    for (uint16_t i = 1; i <= 1200; i++) { /* some pages */
        const struct event event = event_of(i);

        store(&event);
        copy(&event, false);
    }

    cr_expect_eq(compare(10, &is_equal), 0);
    cr_expect(is_equal);
    cr_expect_str_eq(printed, "");
}

Test(copy_comparison, names_each_member_that_differs)
{
    struct event event = event_of(1);
    bool is_equal;

    store(&event);
    event.capacity = CAPACITY_UNKNOWN;
    event.closed = true;
    copy(&event, false);

    cr_expect_eq(compare(10, &is_equal), 2);
    cr_expect_not(is_equal);
    cr_expect_str_eq(printed,
                     "event 000100000000000000000000: capacity is \"100\" in the catalogue and "
                     "\"none\" in the copy\n"
                     "event 000100000000000000000000: closed is \"false\" in the catalogue and "
                     "\"true\" in the copy\n");
}

Test(copy_comparison, names_what_is_on_one_side_alone)
{
    const struct event first = event_of(1);
    const struct event second = event_of(2);
    const struct event third = event_of(3);
    bool is_equal;

    store(&first);
    store(&second);
    copy(&second, false);
    copy(&third, false);

    cr_expect_eq(compare(10, &is_equal), 2);
    cr_expect_not(is_equal);
    cr_expect_str_eq(printed, "event 000100000000000000000000: document is \"there\" in the "
                              "catalogue and \"missing\" in the copy\n"
                              "event 000300000000000000000000: document is \"missing\" in the "
                              "catalogue and \"there\" in the copy\n");
}

Test(copy_comparison, names_members_that_one_side_does_not_have)
{
    struct event event = event_of(1);
    bool is_equal;

    store(&event);
    event.version = 2;
    copy(&event, true);

    cr_expect_eq(compare(100, &is_equal), 10);
    cr_expect(
        strstr(printed, ": removed is \"false\" in the catalogue and \"true\" in the copy\n"));
    cr_expect(strstr(printed, ": name is \"Aida\" in the catalogue and \"absent\" in the copy\n"));
}

Test(copy_comparison, tells_no_more_than_it_may_and_counts_all)
{
    bool is_equal;

    for (uint16_t i = 1; i <= 5; i++) {
        const struct event event = event_of(i);

        store(&event);
    }
    call.json = true;

    cr_expect_eq(compare(1, &is_equal), 5);
    cr_expect_str_eq(printed, "{\"where\":\"copy\",\"kind\":\"event\",\"id\":"
                              "\"000100000000000000000000\",\"member\":\"document\","
                              "\"catalogue\":\"there\",\"there\":\"missing\"}\n");
}
