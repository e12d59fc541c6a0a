#include "tools/checker/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *invariant_name(enum invariant invariant)
{
    static const char *const names[INVARIANT_END] = {
        [INVARIANT_NO_OVERSELL] = "no oversell",
        [INVARIANT_WHOLE_LEDGER] = "the ledger is whole",
        [INVARIANT_NOTHING_LOST] = "nothing lost",
        [INVARIANT_NOTHING_INVENTED] = "nothing invented",
        [INVARIANT_AT_MOST_ONCE] = "at most once",
        [INVARIANT_REAL_TIME] = "real time",
        [INVARIANT_REFUSALS] = "refusals are justified",
        [INVARIANT_MESSAGES] = "messages",
        [INVARIANT_COPIES] = "copies",
        [INVARIANT_EMPTY_ENDS] = "empty ends",
    };

    return names[invariant];
}

/* Insertion keeps them in order: a person reads them from top to bottom. */
void evidence_add(struct evidence *evidence, uint32_t line)
{
    size_t at = 0;

    while (at < evidence->n_lines && evidence->lines[at] < line)
        at++;
    if (line == 0 || evidence->n_lines == EVIDENCE_LINES_MAX ||
        (at < evidence->n_lines && evidence->lines[at] == line))
        return;
    memmove(&evidence->lines[at + 1], &evidence->lines[at],
            (evidence->n_lines - at) * sizeof(evidence->lines[0]));
    evidence->lines[at] = line;
    evidence->n_lines++;
}

/* NULL: there are enough of this invariant. */
static struct finding *keep(struct findings *findings, enum invariant invariant)
{
    findings->n_all++;
    if (++findings->n[invariant] > FINDINGS_KEPT_MAX)
        return NULL;
    return &findings->kept[findings->n_kept++];
}

void findings_add(struct findings *findings, enum invariant invariant,
                  const struct evidence *evidence, const char *format, ...)
{
    struct finding *finding = keep(findings, invariant);
    va_list arguments;

    va_start(arguments, format);
    if (finding)
        (void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
    if (!finding)
        return;
    finding->invariant = invariant;
    finding->n_lines = evidence->n_lines;
    memcpy(finding->lines, evidence->lines, sizeof(finding->lines));
}
