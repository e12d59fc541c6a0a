#include "tools/checker/judge.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    MESSAGE_ID_BYTES = 160
};

/* By the name of an id: the first message seen with it, and one more. */
struct seen {
    size_t *first_of;
    bool *expected;
    size_t n; /* names beyond this came later, so no message has them */
};

static void check_repeats(const struct judge *judge, const struct seen *seen)
{
    const struct seen_message *messages = judge->history->messages.items;

    for (size_t i = 0; i < judge->history->messages.n; i++) {
        const struct seen_message *message = &messages[i];
        size_t *place = &seen->first_of[message->id];
        const struct seen_message *first = *place ? &messages[*place - 1] : message;
        struct evidence evidence = evidence_of(first->line, message->line);

        if (*place == 0)
            *place = i + 1;
        if (first->name != message->name || first->body_hash != message->body_hash)
            findings_add(judge->findings, INVARIANT_MESSAGES, &evidence,
                         "message %s came with two names or bodies",
                         judge_name(judge, message->id));
    }
}

/* @line shows that a message of this id must have been said. */
static bool expect(struct judge *judge, const struct seen *seen, const char *id, uint32_t line,
                   struct error *error)
{
    struct evidence evidence = evidence_of(line, 0);
    uint32_t number;

    if (!names_number(&judge->history->names, id, &judge->history->budget, &number, error))
        return false;
    if (number < seen->n && seen->first_of[number] != 0) {
        seen->expected[number] = true;
        return true;
    }
    findings_add(judge->findings, INVARIANT_MESSAGES, &evidence, "message %s was never seen", id);
    return true;
}

static bool expect_of_entry(struct judge *judge, const struct seen *seen, const struct entry *entry,
                            struct error *error)
{
    char id[MESSAGE_ID_BYTES];

    for (size_t i = 0; i < entry->n_booked + entry->n_cancelled; i++) {
        bool is_booking = i < entry->n_booked;

        (void)snprintf(id, sizeof(id), "%s:%" PRId64 ":%c%zu", judge_name(judge, entry->event),
                       entry->sequence, is_booking ? 'b' : 'x',
                       is_booking ? i : i - entry->n_booked);
        if (!expect(judge, seen, id, entry->line, error))
            return false;
    }
    return true;
}

static bool expect_of_document(struct judge *judge, const struct seen *seen,
                               const struct document *document, struct error *error)
{
    char id[MESSAGE_ID_BYTES];

    for (int64_t version = 1; !document->is_copy && version <= document->version; version++) {
        (void)snprintf(id, sizeof(id), "%s:%" PRId64, judge_name(judge, document->id), version);
        if (!expect(judge, seen, id, document->line, error))
            return false;
    }
    return true;
}

static bool expect_all(struct judge *judge, const struct seen *seen, struct error *error)
{
    const struct document *documents = judge->history->documents.items;
    const struct entry *entries = judge->history->entries.items;

    for (size_t i = 0; i < judge->history->entries.n; i++) {
        if (!expect_of_entry(judge, seen, &entries[i], error))
            return false;
    }
    for (size_t i = 0; i < judge->history->documents.n; i++) {
        if (!expect_of_document(judge, seen, &documents[i], error))
            return false;
    }
    return true;
}

static void check_invented(const struct judge *judge, const struct seen *seen)
{
    const struct seen_message *messages = judge->history->messages.items;

    for (size_t i = 0; i < judge->history->messages.n; i++) {
        const struct seen_message *message = &messages[i];
        struct evidence evidence = evidence_of(message->line, 0);

        if (!seen->expected[message->id] && seen->first_of[message->id] == i + 1)
            findings_add(judge->findings, INVARIANT_MESSAGES, &evidence,
                         "message %s tells of nothing that is stored",
                         judge_name(judge, message->id));
    }
}

bool judge_messages(struct judge *judge, struct error *error)
{
    size_t n = names_end(&judge->history->names);
    CLEANUP(memory_freep) size_t *first_of = judge_array(judge, n, sizeof(*first_of), error);
    CLEANUP(memory_freep)
    bool *expected = first_of ? judge_array(judge, n, sizeof(*expected), error) : NULL;
    struct seen seen = {first_of, expected, n};

    if (!expected)
        return false;
    check_repeats(judge, &seen);
    if (!judge->findings->decided[INVARIANT_MESSAGES])
        return true;
    if (!expect_all(judge, &seen, error))
        return false;
    check_invented(judge, &seen);
    return true;
}
