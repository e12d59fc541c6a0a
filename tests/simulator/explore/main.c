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
    "  --full   larger bounds, for minutes\n"
    "  --help\n"
    "\n"
    "The shortest schedule to the first violation is printed, and the status is 1.\n";

static bool explore(struct field *field, const struct bounds *bounds)
{
    struct search search = {.field = field, .bounds = bounds};
    struct error error = {0};
    clock_t began = clock();
    bool ok = search_run(&search, &error);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;

    printf("%8zu states, %9zu moves, at most %3u deep, %5.1f s: %s\n", search.n_nodes,
           search.n_moves, ok ? search_depth(&search) : 0, took, bounds->name);
    if (!ok) {
        printf("explorer: %s\n", error.text);
        if (error.code == ERROR_CORRUPT)
            search_print(&search);
    }
    (void)fflush(stdout);
    search_clear(&search);
    return ok;
}

int main(int argc, char *argv[])
{
    bool full = argc == 2 && strcmp(argv[1], "--full") == 0;
    const struct bounds *bounds = full ? bounds_full : bounds_each_time;
    size_t n = full ? n_bounds_full : n_bounds_each_time;
    struct field *field;
    bool ok = true;

    if (argc > 1 && !full) {
        printf("%s", help);
        return strcmp(argv[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    field = field_new();
    if (!field)
        return EXIT_FAILURE;
    for (size_t i = 0; i < n && ok; i++)
        ok = explore(field, &bounds[i]);
    field_free(field);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
