#include "tests/simulator/agenda.h"

#include "tests/simulator/times.h"

void agenda_init(struct agenda *agenda, uint64_t seed)
{
    agenda->now_ms = 0;
    agenda->n_done = 0;
    agenda->n = 0;
    agenda->chance = (struct chance){.state = seed ^ UINT64_C(0xa5a5a5a55a5a5a5a)};
}

static bool is_before(const struct happening *a, const struct happening *b)
{
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms;
    return a->order < b->order;
}

bool agenda_add(struct agenda *agenda, struct happening happening)
{
    size_t i = agenda->n;

    if (i == AGENDA_MAX)
        return false;
    if (happening.at_ms < agenda->now_ms)
        happening.at_ms = agenda->now_ms;
    happening.order = chance_next(&agenda->chance);
    agenda->n++;
    while (i > 0 && is_before(&happening, &agenda->heap[(i - 1) / 2])) {
        agenda->heap[i] = agenda->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    agenda->heap[i] = happening;
    return true;
}

static void sink(struct agenda *agenda, struct happening last)
{
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= agenda->n)
            break;
        if (child + 1 < agenda->n && is_before(&agenda->heap[child + 1], &agenda->heap[child]))
            child++;
        if (!is_before(&agenda->heap[child], &last))
            break;
        agenda->heap[i] = agenda->heap[child];
        i = child;
    }
    agenda->heap[i] = last;
}

bool agenda_next(struct agenda *agenda, struct happening *happening)
{
    if (agenda->n == 0)
        return false;
    *happening = agenda->heap[0];
    agenda->n--;
    sink(agenda, agenda->heap[agenda->n]);
    agenda->now_ms = happening->at_ms;
    agenda->n_done++;
    return true;
}

int64_t agenda_way_ms(struct agenda *agenda)
{
    return 1 + chance_below(&agenda->chance, WAY_MS);
}
