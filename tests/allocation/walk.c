/*
 * A second runner for the tests of a program, in the place of Criterion: each test runs in a process of its
 * own, once to count its allocations, and then once for each of them, which fails: the first, the second, to
 * the last. A test may say then that it did not get what it expected, and ends there. What it must not do is
 * die, draw a sanitizer's report, leak, or hang.
 *
 *     walk_base_json [--sticky] [--at N] [WORD]
 *
 * WORD: a part of a test's name; --sticky: what follows fails as well; --at: the N-th allocation only.
 * With MYEVENTS_WALK_MOST, a number, a test that allocates more often than that is run for so many of its
 * allocations, spread evenly. A test that ends at an assertion leaves behind what it held itself, so leaks are
 * looked for only where it came to its end. The exit status is 1 when anything was found.
 */
#include "base/memory.h"

#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/options.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Generous: some tests wait on purpose, and the machine may be busy. */
static const unsigned hangs_after_s = 60;

/* What a test's process tells us. */
struct told {
    long n_allocations;
    bool came_to_its_end;
};

struct walk {
    bool sticky;
    long only;         /* 0: each allocation */
    const char *word;  /* NULL: all tests */
    long most;         /* failures of one test, spread evenly; 0: every one */
    int output;        /* of the test that runs */
    struct told *told; /* by it */
    long n_tests;
    long n_runs;
    long n_ends; /* at which a test came to its end */
    long n_found;
};

/* The linker's names for the lists that Criterion's macros fill. */
extern struct criterion_test *__start_cr_tst[];
extern struct criterion_test *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

static const struct criterion_test *current;

/* What Criterion's macros call. */

struct criterion_options criterion_options;

void criterion_abort_test(void)
{
    _exit(EXIT_SUCCESS);
}

void criterion_continue_test(void)
{
}

void cr_log(enum criterion_severity level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    fprintf(stderr, "%s:%u: %s\n", stats->file, stats->line, stats->message);
}

void cri_asserts_passed_incr(void)
{
}

char *cr_translate_assert_msg(int index, ...)
{
    (void)index;
    return strdup("an assertion");
}

int cr_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vasprintf(text, format, arguments);
    va_end(arguments);
    return size;
}

void cr_asprintf_free(char *text)
{
    free(text);
}

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *test)
{
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++) {
        if (strcmp((*suite)->name, test->category) == 0)
            return (*suite)->data;
    }
    return NULL;
}

void criterion_internal_test_setup(void)
{
    const struct criterion_test_extra_data *suite = suite_of(current);

    if (suite && suite->init)
        suite->init();
    if (current->data->init)
        current->data->init();
}

void criterion_internal_test_main(void (*test)(void))
{
    test();
}

void criterion_internal_test_teardown(void)
{
    const struct criterion_test_extra_data *suite = suite_of(current);

    if (current->data->fini)
        current->data->fini();
    if (suite && suite->fini)
        suite->fini();
}

static void run_here(const struct walk *walk, const struct criterion_test *test, long n)
{
    int nothing = open("/dev/null", O_WRONLY);

    dup2(nothing, STDOUT_FILENO);
    dup2(walk->output, STDERR_FILENO);
    alarm(hangs_after_s);
    current = test;
    memory_fail_at(n, walk->sticky);
    test->test();
    memory_fail_at(0, false);
    walk->told->n_allocations = memory_allocations();
    walk->told->came_to_its_end = true;
    exit(EXIT_SUCCESS); /* with a look for leaks */
}

static bool is_well(const struct criterion_test *test, int status)
{
    const struct criterion_test_extra_data *suite = suite_of(test);
    int expected = test->data->signal || !suite ? test->data->signal : suite->signal;

    if (WIFSIGNALED(status))
        return WTERMSIG(status) == expected;
    return WEXITSTATUS(status) == EXIT_SUCCESS || WEXITSTATUS(status) == test->data->exit_code;
}

static void show(const struct walk *walk, const struct criterion_test *test, long n, int status)
{
    char part[4096];
    off_t from = 0;
    ssize_t size;

    printf("FAILED %s::%s, allocation %ld: %s %d\n", test->category, test->name, n,
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    while ((size = pread(walk->output, part, sizeof(part), from)) > 0) {
        fwrite(part, 1, (size_t)size, stdout);
        from += size;
    }
}

/* How many allocations it made; n = 0: none fails. */
static long run(struct walk *walk, const struct criterion_test *test, long n)
{
    int status = 0;
    pid_t child;

    *walk->told = (struct told){0};
    fflush(stdout);
    if (ftruncate(walk->output, 0) != 0 || (child = fork()) < 0) {
        perror("walk");
        exit(EXIT_FAILURE);
    }
    lseek(walk->output, 0, SEEK_SET);
    if (child == 0)
        run_here(walk, test, n);
    waitpid(child, &status, 0);

    walk->n_runs++;
    walk->n_ends += walk->told->came_to_its_end;
    if (!is_well(test, status)) {
        walk->n_found++;
        show(walk, test, n, status);
    }
    return walk->told->n_allocations;
}

/* One finding of a test is enough: the next would most likely be the same. */
static void walk_test(struct walk *walk, const struct criterion_test *test)
{
    long n_found = walk->n_found;
    long n_allocations;
    long last;
    long step;

    if (walk->word && !strstr(test->name, walk->word))
        return;
    n_allocations = run(walk, test, 0);
    last = walk->only ? walk->only : n_allocations;
    step = walk->most && n_allocations > walk->most ? n_allocations / walk->most + 1 : 1;
    for (long n = walk->only ? last : 1; n <= last && walk->n_found == n_found; n += step)
        (void)run(walk, test, n);
    walk->n_tests++;
    printf("%6ld allocations%s: %s::%s\n", n_allocations, step > 1 ? " (some)" : "", test->category,
           test->name);
}

/* And makes what the runs share. */
static bool begin(struct walk *walk, int argc, char **argv)
{
    const char *most = getenv("MYEVENTS_WALK_MOST");

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--sticky") == 0)
            walk->sticky = true;
        else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc)
            walk->only = strtol(argv[++i], NULL, 10);
        else
            walk->word = argv[i];
    }
    walk->most = most ? strtol(most, NULL, 10) : 0;
    walk->output = memfd_create("output", MFD_CLOEXEC);
    walk->told =
        mmap(NULL, sizeof(*walk->told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return walk->output >= 0 && walk->told != MAP_FAILED;
}

int main(int argc, char **argv)
{
    struct walk walk = {0};

    if (!begin(&walk, argc, argv)) {
        perror("walk");
        return EXIT_FAILURE;
    }
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++)
        walk_test(&walk, *test);
    printf("%ld tests in %ld runs, %ld of them to their end; %ld found\n", walk.n_tests,
           walk.n_runs, walk.n_ends, walk.n_found);
    return walk.n_found == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
