#include "tests/simulator/shorten.h"

#include <string.h>

enum {
    COURSES = 300 /* of each candidate */
};

/* Violations begin with the invariant's name. */
static bool is_same_invariant(const struct error *a, const struct error *b)
{
    return strcspn(a->text, ":") == strcspn(b->text, ":") &&
           strncmp(a->text, b->text, strcspn(a->text, ":")) == 0;
}

/* Some course of @plan fails in the same way: then it is that one. */
static bool fails(struct world *world, struct plan *plan, struct error *error)
{
    struct sights sights = {0};
    uint64_t luck = plan->luck;

    for (uint64_t i = 0; i < COURSES; i++) {
        struct error now = {0};

        plan->luck = luck + i;
        if (!world_run(world, plan, &sights, NULL, &now) && is_same_invariant(&now, error)) {
            *error = now;
            return true;
        }
    }
    plan->luck = luck;
    return false;
}

size_t shorten_rows_left(const struct plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_rows; i++)
        n += !plan->left_out[i];
    return n;
}

/* Leave out @n rows from @first on, of those that are left. False when nothing was. */
static bool leave_out(struct plan *plan, size_t first, size_t n)
{
    bool any = false;

    for (size_t i = first; i < plan->n_rows && i < first + n; i++) {
        any |= !plan->left_out[i];
        plan->left_out[i] = true;
    }
    return any;
}

/* True when something could be left out, @n rows at a time. */
static bool shorten_by(struct world *world, struct plan *plan, size_t n, struct error *error)
{
    bool any = false;

    for (size_t first = 0; first < plan->n_rows; first += n) {
        struct plan candidate = *plan;

        if (leave_out(&candidate, first, n) && fails(world, &candidate, error)) {
            *plan = candidate;
            any = true;
        }
    }
    return any;
}

void shorten(struct world *world, struct plan *plan, struct error *error)
{
    bool goes_on = true;

    for (size_t n = plan->n_rows / 2; n > 1; n /= 2)
        (void)shorten_by(world, plan, n, error);
    while (goes_on)
        goes_on = shorten_by(world, plan, 1, error);
}
