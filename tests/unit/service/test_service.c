#include "configs/config.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 10000,
    OUTPUT_BYTES = 64 * 1024
};

static pid_t child;
static int output; /* what the child says, on both streams */
static char said[OUTPUT_BYTES];
static size_t n_said;

/* In the child: become the tiny service. */
static void become_service(const char *flag, const char *variable)
{
    char name[] = "tiny_service";
    char flag_copy[64];
    char variable_copy[64];
    char *const argv[] = {name, *flag ? flag_copy : NULL, NULL};
    char *const environment[] = {*variable ? variable_copy : NULL, NULL};

    (void)snprintf(flag_copy, sizeof(flag_copy), "%s", flag);
    (void)snprintf(variable_copy, sizeof(variable_copy), "%s", variable);
    execve(TINY_SERVICE, argv, environment);
    _exit(127);
}

/* Start the tiny service with a flag and a variable; either may be empty. */
static void start(const char *flag, const char *variable)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        become_service(flag, variable);
    }
    close(ends[1]);
    output = ends[0];
}

/* False at the end of the output. */
static bool read_more(void)
{
    struct pollfd readable = {.fd = output, .events = POLLIN};
    ssize_t n;

    cr_assert_eq(poll(&readable, 1, PATIENCE_MS), 1, "no more came after: %s", said);
    n = read(output, said + n_said, sizeof(said) - 1 - n_said);
    cr_assert_geq(n, 0);
    n_said += (size_t)n;
    said[n_said] = '\0';
    return n > 0;
}

static void wait_for(const char *text)
{
    while (!strstr(said, text))
        cr_assert(read_more(), "it ended without \"%s\": %s", text, said);
}

static void tell(int signal)
{
    cr_assert_eq(kill(child, signal), 0);
}

/* Its exit status, when it has ended by itself. */
static int status_at_end(void)
{
    int status;

    while (read_more())
        ;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "it ended by a signal: %s", said);
    return WEXITSTATUS(status);
}

static size_t count(const char *text)
{
    size_t n = 0;

    for (const char *at = strstr(said, text); at; at = strstr(at + 1, text))
        n++;
    return n;
}

/* These texts in this order, the last one NULL. */
static void expect_in_order(const char *const texts[])
{
    const char *at = said;

    for (; *texts; texts++) {
        at = strstr(at, *texts);
        cr_assert(at, "no \"%s\" at its place in: %s", *texts, said);
    }
}

Test(service, starts_its_parts_in_order_and_stops_them_in_reverse)
{
    static const char *const life[] = {" starting ",
                                       "first started",
                                       "second started",
                                       "serving",
                                       "stopping",
                                       "signal=Terminated",
                                       "draining",
                                       "second stopped",
                                       "first stopped",
                                       "info  stopped",
                                       NULL};

    start("", "");
    wait_for("serving");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    expect_in_order(life);
    cr_expect(strstr(said, "service=eventservice"), "%s", said);
}

Test(service, hands_the_configuration_on)
{
    start("--drain_ms=123", "");
    wait_for("serving");
    tell(SIGINT);

    cr_expect_eq(status_at_end(), 0);
    cr_expect(strstr(said, "drain_ms=123"), "%s", said);
    cr_expect(strstr(said, "signal=Interrupt"), "%s", said);
}

Test(service, waits_for_a_part_that_is_away_and_says_so_once)
{
    static const char *const life[] = {"first started", "waiting", "second started", "serving",
                                       NULL};

    start("", "TINY_UNAVAILABLE=3");
    wait_for("serving");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    expect_in_order(life);
    cr_expect_eq(count("waiting"), 1);
    cr_expect(strstr(said, "part=second error=\"the server is away\""), "%s", said);
    cr_expect_eq(count("waited"), 1);
}

Test(service, ends_well_when_it_is_told_to_while_it_waits)
{
    static const char *const life[] = {"first started", "waiting",       "stopping",
                                       "first stopped", "info  stopped", NULL};

    start("", "TINY_UNAVAILABLE=1000000");
    wait_for("waiting");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    expect_in_order(life);
    cr_expect_eq(count("second stopped"), 0, "it was never started");
    cr_expect_eq(count("draining"), 0);
}

Test(service, ends_with_1_when_a_part_cannot_start)
{
    static const char *const life[] = {"first started", "cannot start",  "part=second",
                                       "first stopped", "info  stopped", NULL};

    start("", "TINY_BROKEN=1");

    cr_expect_eq(status_at_end(), 1);
    expect_in_order(life);
    cr_expect(strstr(said, "error=\"it makes no sense\""), "%s", said);
}

Test(service, refuses_a_bad_configuration)
{
    start("--drain_ms=soon", "");

    cr_expect_eq(status_at_end(), CONFIG_EXIT_STATUS);
    cr_expect(strstr(said, "drain_ms"), "%s", said);
    cr_expect_eq(count("started"), 0);
}

Test(service, answers_questions_and_ends)
{
    start("--version", "");

    cr_expect_eq(status_at_end(), 0);
    cr_expect(strstr(said, EVENTS_VERSION), "%s", said);
    cr_expect_eq(count("starting"), 0);
}

Test(service, reads_again_at_a_hangup_and_goes_on)
{
    start("", "");
    wait_for("serving");
    tell(SIGHUP);
    wait_for("read again");
    said[0] = '\0';
    n_said = 0;
    tell(SIGHUP);
    wait_for("read again");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
}

Test(service, is_not_ended_by_a_hangup_while_it_starts)
{
    static const char *const life[] = {"waiting", "serving", "read again", "stopping", NULL};

    start("", "TINY_UNAVAILABLE=3");
    wait_for("waiting");
    tell(SIGHUP);
    wait_for("read again");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    expect_in_order(life);
}

Test(service, bears_a_peer_that_is_gone)
{
    start("", "");
    wait_for("serving");
    tell(SIGPIPE);
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
}

Test(service, logs_as_configured)
{
    start("--log_format=json", "");
    wait_for("serving");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    cr_expect_eq(said[0], '{', "%s", said);
}

Test(service, logs_from_the_level_on_that_is_configured)
{
    start("--log_level=warning", "TINY_UNAVAILABLE=2");
    wait_for("waiting");
    tell(SIGTERM);

    cr_expect_eq(status_at_end(), 0);
    cr_expect_eq(count("info"), 0, "%s", said);
}
