/* Looks at every schedule within small bounds; see --help and docs/simulator.md. */
#include "base/memory.h"
#include "tests/simulator/explore/bounds.h"
#include "tests/simulator/explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "explorer: every schedule of two replicas within small bounds: every order of what they ask of "
    "the\n"
    "database, with a few losses, late writes, rolled back entries, crashes and callers who "
    "leave.\n"
    "\n"
    "  --full         larger bounds, for hours\n"
    "  --minutes M    of processor time, shared among the bounds: what remains open is counted\n"
    "  --help\n"
    "\n"
    "The shortest schedule to the first violation is printed, and the status is 1.\n";

struct options {
    bool full;
    double minutes; /* 0: however long it takes */
};

static bool explore(struct field *field, const struct bounds *bounds, double minutes)
{
    struct search search = {.field = field, .bounds = bounds};
    struct error error = {0};
    clock_t began = clock();

    if (minutes > 0)
        search.deadline = began + (clock_t)(minutes * 60 * CLOCKS_PER_SEC) + 1;

    bool ok = search_run(&search, &error);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;

    printf("%8zu states, %9zu moves, at most %3u deep, %5.1f s: %s\n", search.n_nodes,
           search.n_moves, ok ? search_depth(&search) : 0, took, bounds->name);
    if (!ok) {
        printf("explorer: %s\n", error.text);
        if (error.code == ERROR_CORRUPT)
            search_print(&search);
    }
    if (ok && search.n_open)
        printf(
            "         the time is over: %zu of these states were not gone on from, and no schedule "
            "that is longer\n         was looked at for certain\n",
            search.n_open);
    (void)fflush(stdout);
    search_clear(&search);
    return ok;
}

static bool read_options(int argc, char *argv[], struct options *options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--full") == 0)
            options->full = true;
        else if (strcmp(argv[i], "--minutes") == 0 && i + 1 < argc)
            options->minutes = strtod(argv[++i], NULL);
        else
            return false;
    }
    return true;
}

/* Each of the bounds has an equal share of the time that is left. */
static bool explore_all(struct field *field, const struct options *options)
{
    const struct bounds *bounds = options->full ? bounds_full : bounds_each_time;
    size_t n = options->full ? n_bounds_full : n_bounds_each_time;
    bool ok = true;

    for (size_t i = 0; i < n && ok; i++) {
        double left = options->minutes - (double)clock() / CLOCKS_PER_SEC / 60;

        if (options->minutes > 0 && left <= 0)
            left = 1.0 / 60;
        ok = explore(field, &bounds[i], options->minutes > 0 ? left / (double)(n - i) : 0);
    }
    return ok;
}

int main(int argc, char *argv[])
{
    struct options options = {0};
    struct field *field;
    bool ok;

    if (!read_options(argc, argv, &options)) {
        printf("%s", help);
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    field = field_new();
    if (!field)
        return EXIT_FAILURE;
    ok = explore_all(field, &options);
    field_free(field);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
