#include "bench/load/choice.h"

#include "base/memory.h"

#include <math.h>

static void add_up(struct choice *choice, size_t n_events, double exponent)
{
    double sum = 0;

    for (size_t i = 0; i < n_events; i++) {
        sum += pow((double)(i + 1), -exponent);
        choice->below[i] = sum;
    }
    for (size_t i = 0; i < n_events; i++)
        choice->below[i] /= sum;
}

bool choice_init(struct choice *choice, const struct plan *plan, struct error *error)
{
    *choice = (struct choice){.state = plan->seed, .plan = plan};
    for (int i = 0; i < N_OPERATIONS; i++)
        choice->total += plan->shares[i];
    if (choice->total == 0)
        return error_set(error, ERROR_INVALID, "the shares of the mix are all 0");
    choice->below = memory_array(plan->n_events + 1, sizeof(*choice->below), error);
    if (!choice->below)
        return false;
    add_up(choice, plan->n_events, plan->zipf);
    return true;
}

void choice_clear(struct choice *choice)
{
    memory_free(choice->below);
    *choice = (struct choice){0};
}

/* SplitMix64. */
uint64_t choice_number(struct choice *choice)
{
    uint64_t mixed = choice->state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

enum operation choice_operation(struct choice *choice)
{
    int drawn = (int)(choice_number(choice) % (uint64_t)choice->total);
    int operation = 0;

    while (drawn >= choice->plan->shares[operation])
        drawn -= choice->plan->shares[operation++];
    return (enum operation)operation;
}

size_t choice_event(struct choice *choice)
{
    const double drawn = (double)(choice_number(choice) >> 11) * 0x1p-53;
    size_t first = 0;
    size_t last = choice->plan->n_events - 1;

    while (first < last) {
        const size_t middle = first + (last - first) / 2;

        if (choice->below[middle] > drawn)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}
