#include "base/random.h"
#include "persistence/catalogue_store.h"
#include "persistence/copy_store.h"
#include "persistence/ledger_store.h"
#include "persistence/memory_faults.h"

#include <criterion/criterion.h>

static struct database *database;
static const struct object_id event_id = {{1}};

static struct database *open_database(void)
{
    const struct database_options options = {.backend = "memory", .url = "memory_faults"};
    struct database *opened = NULL;
    struct error error = {0};

    cr_assert(database_open(&options, &opened, &error));
    return opened;
}

static void init(void)
{
    struct error error = {0};

    cr_assert(random_init(&error));
    database = open_database();
}

static void fini(void)
{
    database_free(database);
}

TestSuite(memory_faults, .init = init, .fini = fini);

static enum ledger_outcome insert(int64_t sequence, struct object_id token)
{
    const struct ledger_entry entry = {.key = {event_id, sequence}, .token = token};
    const struct ledger_entry *const entries[] = {&entry};
    enum ledger_outcome outcome = LEDGER_LANDED;

    ledger_store_insert(database_ledger(database), entries, 1, &outcome);
    return outcome;
}

static bool is_stored(int64_t sequence)
{
    const struct ledger_key key = {event_id, sequence};
    struct object_id token;
    struct error error = {0};

    cr_assert(ledger_store_tokens(database_ledger(database), &key, 1, &token, &error));
    return !object_id_is_none(&token);
}

Test(memory_faults, meet_one_insert_each_in_the_order_they_were_planned)
{
    static const struct {
        enum memory_fault fault;
        enum ledger_outcome outcome;
        bool is_stored;
    } rows[] = {
        {MEMORY_FAULT_LOSE, LEDGER_UNKNOWN, false},
        {MEMORY_FAULT_LOSE_REPLY, LEDGER_UNKNOWN, true},
        {MEMORY_FAULT_LATE, LEDGER_UNKNOWN, false},
        {MEMORY_FAULT_REPEAT, LEDGER_TAKEN, true},
        {MEMORY_FAULT_AWAY, LEDGER_NOT_SENT, false},
        {MEMORY_FAULT_FALSE_TAKEN, LEDGER_TAKEN, false},
        {MEMORY_FAULT_NONE, LEDGER_LANDED, true},
    };
    const struct object_id token = {{7}};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        memory_faults_plan(database, "ledger.insert", rows[i].fault);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cr_expect_eq(insert((int64_t)i, token), rows[i].outcome, "row %zu", i);
        cr_expect_eq(is_stored((int64_t)i), rows[i].is_stored, "row %zu", i);
    }
    cr_expect_eq(insert(100, token), LEDGER_LANDED, "all are used up");
}

Test(memory_faults, let_a_late_insert_land_when_it_is_settled_unless_its_key_is_taken)
{
    const struct object_id late = {{7}};
    const struct object_id quick = {{8}};
    const struct ledger_key keys[] = {{event_id, 0}, {event_id, 1}};
    struct object_id tokens[2];
    struct error error = {0};

    memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LATE);
    memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LATE);
    cr_assert_eq(insert(0, late), LEDGER_UNKNOWN);
    cr_assert_eq(insert(1, late), LEDGER_UNKNOWN);
    cr_assert_eq(insert(1, quick), LEDGER_LANDED);
    memory_faults_settle(database);
    memory_faults_settle(database);

    cr_assert(ledger_store_tokens(database_ledger(database), keys, 2, tokens, &error));
    cr_expect(object_id_equal(&tokens[0], &late));
    cr_expect(object_id_equal(&tokens[1], &quick));
}

Test(memory_faults, meet_only_the_operation_they_were_planned_for)
{
    const struct object_id token = {{7}};
    struct ledger_head head;
    struct error error = {0};

    memory_faults_plan(database, "ledger.heads", MEMORY_FAULT_LOSE);
    cr_expect_eq(insert(0, token), LEDGER_LANDED);

    cr_expect_not(ledger_store_heads(database_ledger(database), &event_id, NULL, 1, &head, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect(ledger_store_heads(database_ledger(database), &event_id, NULL, 1, &head, &error));
}

Test(memory_faults, meet_only_the_handle_they_were_planned_for)
{
    CLEANUP(database_freep) struct database *other = open_database();
    struct ledger_head head;
    struct error error = {0};

    memory_faults_set_away(other, true);
    cr_expect_eq(insert(0, (struct object_id){{7}}), LEDGER_LANDED);

    cr_expect_not(ledger_store_head(database_ledger(other), &event_id, &head, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    memory_faults_set_away(other, false);
    cr_expect(ledger_store_head(database_ledger(other), &event_id, &head, &error));
}

Test(memory_faults, take_the_whole_database_away)
{
    const struct event event = {.id = {{1}}, .version = 1, .name = "Aida"};
    struct copy_event change = {.event = &event};
    char body[] = "{}";
    const struct outbox_message message = {.version = 1, .body = body, .body_bytes = 2};
    struct error error = {0};
    int64_t number = 0;

    memory_faults_set_away(database, true);
    cr_expect_eq(insert(0, (struct object_id){{7}}), LEDGER_NOT_SENT);
    cr_expect_not(database_ping(database, &error));
    cr_expect_not(database_load_number(database, "n", &number, &error));
    cr_expect_not(ledger_store_prepare(database_ledger(database), &error));
    cr_expect_not(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_not(
        catalogue_store_insert_event(database_catalogue(database), &event, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);

    memory_faults_set_away(database, false);
    cr_expect(database_ping(database, &error));
    cr_expect(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect(change.changed, "what was refused had changed nothing");
}

Test(memory_faults, leave_other_writes_unknown_that_may_then_be_repeated)
{
    const struct event event = {.id = {{1}}, .version = 1, .name = "Aida"};
    struct copy_event change = {.event = &event};
    struct error error = {0};

    memory_faults_plan(database, "copy.put_events", MEMORY_FAULT_LOSE);
    memory_faults_plan(database, "copy.put_events", MEMORY_FAULT_LOSE_REPLY);
    cr_expect_not(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);
    cr_expect_not(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);

    cr_expect(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_not(change.changed, "the second had been applied");
}

Test(memory_faults, end_with_the_last_who_has_the_data_open)
{
    struct ledger_head head;
    struct database *other = open_database();
    struct error error = {0};

    cr_assert_eq(insert(0, (struct object_id){{7}}), LEDGER_LANDED);
    database_free(database);
    database = open_database();
    cr_expect(ledger_store_head(database_ledger(database), &event_id, &head, &error));

    database_free(other);
    database_free(database);
    database = open_database();
    cr_expect_not(ledger_store_head(database_ledger(database), &event_id, &head, &error));
}
