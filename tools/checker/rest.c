#include "tools/checker/judge.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static int compare_documents(const void *a_pointer, const void *b_pointer)
{
    const struct document *a = a_pointer;
    const struct document *b = b_pointer;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (int)a->is_copy - (int)b->is_copy;
}

static bool is_copy_of(const struct document *a, const struct document *b)
{
    return a->kind == b->kind && a->id == b->id && !a->is_copy && b->is_copy;
}

/* @documents are sorted, so that a copy follows its original. */
static void check_copies(const struct judge *judge, const struct document *documents, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct document *document = &documents[i];
        bool has_copy = i + 1 < n && is_copy_of(document, &documents[i + 1]);
        bool is_copied = i > 0 && is_copy_of(&documents[i - 1], document);
        struct evidence evidence = evidence_of(document->line, has_copy ? document[1].line : 0);

        if (!has_copy && !is_copied)
            findings_add(judge->findings, INVARIANT_COPIES, &evidence, "%s %s is in one place only",
                         judge_name(judge, document->kind), judge_name(judge, document->id));
        else if (has_copy && document->version != document[1].version)
            findings_add(judge->findings, INVARIANT_COPIES, &evidence,
                         "%s %s has version %" PRId64 ", its copy has %" PRId64,
                         judge_name(judge, document->kind), judge_name(judge, document->id),
                         document->version, document[1].version);
    }
}

static void check_unpublished(const struct judge *judge)
{
    const struct document *documents = judge->history->documents.items;
    const struct entry *entries = judge->history->entries.items;

    for (size_t i = 0; documents && i < judge->history->documents.n; i++) {
        struct evidence evidence = evidence_of(documents[i].line, 0);

        if (documents[i].waiting > 0)
            findings_add(judge->findings, INVARIANT_EMPTY_ENDS, &evidence,
                         "%" PRId64 " messages of %s are not published", documents[i].waiting,
                         judge_name(judge, documents[i].id));
    }
    for (size_t i = 0; i < judge->history->entries.n; i++) {
        struct evidence evidence = evidence_of(entries[i].line, 0);

        if (!entries[i].published)
            findings_add(judge->findings, INVARIANT_EMPTY_ENDS, &evidence,
                         "entry %" PRId64 " of event %s is not published", entries[i].sequence,
                         judge_name(judge, entries[i].event));
    }
}

static void check_levels(const struct judge *judge)
{
    const struct level *levels = judge->history->levels.items;

    for (size_t i = 0; i < judge->history->levels.n; i++) {
        struct evidence evidence = evidence_of(levels[i].line, 0);

        if (levels[i].is != levels[i].ought)
            findings_add(judge->findings, INVARIANT_EMPTY_ENDS, &evidence,
                         "%s: %" PRId64 " where %" PRId64 " ought to be",
                         judge_name(judge, levels[i].name), levels[i].is, levels[i].ought);
    }
}

bool judge_rest(struct judge *judge, struct error *error)
{
    struct history *history = judge->history;
    struct document *documents = history->documents.items;

    (void)error;
    if (judge->findings->decided[INVARIANT_COPIES] && documents) {
        qsort(documents, history->documents.n, sizeof(*documents), compare_documents);
        check_copies(judge, documents, history->documents.n);
    }
    if (judge->findings->decided[INVARIANT_EMPTY_ENDS])
        check_unpublished(judge);
    check_levels(judge);
    return true;
}
