/* A history as the checker reads it; what is understood is judged. */
#include "base/memory.h"
#include "tests/fuzz/fuzz.h"
#include "tools/checker/checker.h"
#include "tools/checker/lines.h"

#include <string.h>

enum {
    INPUT_BYTES_MAX = 64 * 1024,
    MEMORY_BYTES = 4 * 1024 * 1024,
    NAMES_MAX = 256 /* that are looked at */
};

/* However they are kept, they are the names that they were. */
static void must_be_names(struct history *history)
{
    for (uint32_t i = 1; i < names_end(&history->names) && i < NAMES_MAX; i++) {
        CLEANUP(memory_freep) char *text = memory_text(names_text(&history->names, i), NULL);
        uint32_t number = 0;

        MUST(text && names_number(&history->names, text, &history->budget, &number, NULL));
        MUST(number == i);
    }
}

static void must_be_history(const struct history *history, uint32_t n_lines)
{
    const struct call *calls = history->calls.items;
    const size_t n_names = names_end(&history->names);

    for (size_t i = 0; i < history->calls.n; i++) {
        const struct call *call = &calls[i];

        MUST(call->end >= call->start && call->seats >= 0 && call->line <= n_lines);
        MUST(call->event < n_names && call->booking < n_names);
        if (call->kind == CALL_BOOK || call->kind == CALL_CANCEL)
            MUST(call->key < n_names && call->user < n_names);
    }
    MUST(history->budget.used_bytes + history->budget.left_bytes <= MEMORY_BYTES);
}

static void judge(struct history *history, uint32_t n_lines)
{
    static struct findings findings;
    struct error error = {0};
    uint64_t n = 0;

    memset(&findings, 0, sizeof(findings));
    if (!checker_judge(history, &findings, &error)) {
        fuzz_must_be_refusal(&error);
        return;
    }
    for (int i = 0; i < INVARIANT_END; i++)
        n += findings.n[i];
    MUST(n == findings.n_all && findings.n_kept <= n);
    for (size_t i = 0; i < findings.n_kept; i++) {
        const struct finding *kept = &findings.kept[i];

        MUST(kept->text[0] && kept->n_lines <= EVIDENCE_LINES_MAX);
        for (size_t j = 0; j < kept->n_lines; j++)
            MUST(kept->lines[j] >= 1 && kept->lines[j] <= n_lines);
    }
}

/* False when the history cannot take any more. */
static bool add_line(struct history *history, const char *text, size_t n, uint32_t number)
{
    struct error error = {0};

    if (history_add(history, text, n, number, &error))
        return true;
    fuzz_must_be_refusal(&error);
    return error.code == ERROR_INVALID;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    CLEANUP(history_clear) struct history history;
    CLEANUP(lines_close) struct lines lines = {0};
    const char *text = NULL;
    size_t n = 0;

    history_init(&history, MEMORY_BYTES);
    MUST(lines_open(&lines, path, NULL));
    do {
        MUST(lines_next(&lines, &text, &n, NULL));
    } while (text && add_line(&history, text, n, lines.number));
    must_be_history(&history, lines.number);
    must_be_names(&history);
    judge(&history, lines.number);
    return 0;
}
