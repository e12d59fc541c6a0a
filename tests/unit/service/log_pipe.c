#include "log_pipe.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 10000
};

static int lines;

void log_pipe_open(void)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    lines = ends[0];
    log_to_descriptor(ends[1]);
}

static bool is_readable(int wait_ms)
{
    struct pollfd readable = {.fd = lines, .events = POLLIN};

    return poll(&readable, 1, wait_ms) == 1;
}

const char *log_pipe_line(void)
{
    static char line[LOG_LINE_BYTES + 1];
    size_t n = 0;

    while (n + 1 < sizeof(line) && (n == 0 || line[n - 1] != '\n')) {
        cr_assert(is_readable(PATIENCE_MS), "no line came");
        cr_assert_eq(read(lines, &line[n++], 1), 1);
    }
    line[n] = '\0';
    return line;
}

bool log_pipe_is_empty(void)
{
    return !is_readable(0);
}
