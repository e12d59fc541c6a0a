#include "tools/checker/ranges.h"

#include "base/memory.h"

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool ranges_open(struct ranges *ranges, size_t n, struct budget *budget, struct error *error)
{
    ranges->n = n;
    ranges->least = budget_array(budget, 2 * n, sizeof(*ranges->least), error);
    if (!ranges->least)
        return false;
    ranges->most = budget_array(budget, 2 * n, sizeof(*ranges->most), error);
    return ranges->most != NULL;
}

void ranges_close(struct ranges *ranges)
{
    for (size_t i = ranges->n; i-- > 1;) {
        ranges->least[i] = lesser(ranges->least[2 * i], ranges->least[2 * i + 1]);
        ranges->most[i] = greater(ranges->most[2 * i], ranges->most[2 * i + 1]);
    }
}

void ranges_clear(struct ranges *ranges)
{
    memory_free(ranges->least);
    memory_free(ranges->most);
    *ranges = (struct ranges){0};
}

int64_t ranges_least(const struct ranges *ranges, size_t from, size_t to)
{
    int64_t least = INT64_MAX;

    for (from += ranges->n, to += ranges->n; from < to; from /= 2, to /= 2) {
        if (from % 2 == 1)
            least = lesser(least, ranges->least[from++]);
        if (to % 2 == 1)
            least = lesser(least, ranges->least[--to]);
    }
    return least;
}

int64_t ranges_most(const struct ranges *ranges, size_t from, size_t to)
{
    int64_t most = INT64_MIN;

    for (from += ranges->n, to += ranges->n; from < to; from /= 2, to /= 2) {
        if (from % 2 == 1)
            most = greater(most, ranges->most[from++]);
        if (to % 2 == 1)
            most = greater(most, ranges->most[--to]);
    }
    return most;
}
