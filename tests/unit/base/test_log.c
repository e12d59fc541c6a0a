#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/trace.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In packet mode a pipe gives back each write by itself. */
static int pipe_ends[2];

static void open_pipe(void)
{
    cr_assert_eq(pipe2(pipe_ends, O_DIRECT | O_NONBLOCK), 0);
    log_to_descriptor(pipe_ends[1]);
    clock_set_wall_ms(1795253400123);
}

static void close_pipe(void)
{
    log_to_descriptor(-1);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TestSuite(log, .init = open_pipe, .fini = close_pipe);

/* What one write(2) wrote; "" when there was none. */
static const char *line(void)
{
    static char text[2 * LOG_LINE_BYTES];
    ssize_t size_bytes = read(pipe_ends[0], text, sizeof(text) - 1);

    text[size_bytes > 0 ? size_bytes : 0] = '\0';
    return text;
}

Test(log, writes_a_line_with_its_fields)
{
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, NULL);
    log_info("booking accepted", LOG_TEXT("event", "65a"), LOG_NUMBER("seats", 2));

    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z info  booking accepted event=65a seats=2\n");
    cr_expect_str_eq(line(), "");
}

Test(log, names_the_service_and_needs_no_fields)
{
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, "bookingservice");
    log_warning("stopping");

    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z warn  stopping service=bookingservice\n");
}

Test(log, says_the_trace_that_its_thread_is_in)
{
    struct trace trace;

    cr_assert(trace_parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", &trace));
    log_setup(LOG_INFO, LOG_FORMAT_JSON, "s");
    trace_enter(&trace);
    log_info("x", LOG_NUMBER("n", 1));
    trace_leave();

    cr_expect(strstr(line(),
                     "\"service\":\"s\",\"trace\":\"0af7651916cd43dd8448eb211c80319c\",\"n\":1}"));
    log_info("x");
    cr_expect_not(strstr(line(), "trace"));
}

Test(log, leaves_out_what_is_below_its_level)
{
    log_setup(LOG_WARNING, LOG_FORMAT_TEXT, NULL);
    log_debug("a");
    log_info("b");
    cr_expect_str_eq(line(), "");
    log_warning("c");
    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z warn  c\n");
    log_error("d");
    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z error d\n");

    log_setup(LOG_DEBUG, LOG_FORMAT_TEXT, NULL);
    log_debug("e");
    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z debug e\n");
}

Test(log, quotes_what_is_not_plain)
{
    static const char *const rows[][2] = {
        {"aZ09_.:/@+-", "aZ09_.:/@+-"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\"\\", "\"say \\\"hi\\\"\\\\\""},
        {"line\nfeed\ttab\x1B[31m", "\"line\\nfeed\\ttab\\u001b[31m\""},
        {"Händel", "\"Händel\""},
        {"\xC2\x9B"
         "31m",
         "\"\\u009b31m\""},
        {"\xFF", "\"\\ufffd\""},
    };

    log_setup(LOG_INFO, LOG_FORMAT_TEXT, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char expected[256];

        log_info("m", LOG_TEXT("k", rows[i][0]), LOG_NUMBER("n", -1));
        snprintf(expected, sizeof(expected), "2026-11-21T09:30:00.123Z info  m k=%s n=-1\n",
                 rows[i][1]);
        cr_expect_str_eq(line(), expected, "%s", expected);
    }
}

Test(log, lets_no_message_begin_a_second_line)
{
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, NULL);
    log_info("a\nb");

    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z info  a\\nb\n");
}

Test(log, tells_the_cause_and_bears_a_missing_text)
{
    struct error error = {0};
    const char *missing = NULL;

    error_set(&error, ERROR_BUSY, "full");
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, NULL);
    log_error("refused", LOG_CAUSE(&error), LOG_TEXT("user", missing));

    cr_expect_str_eq(line(), "2026-11-21T09:30:00.123Z error refused error=full user=\"\"\n");
}

Test(log, writes_json_when_it_is_told_to)
{
    log_setup(LOG_INFO, LOG_FORMAT_JSON, "eventservice");
    log_info("say \"hi\"", LOG_TEXT("text", "a\nb\xFF"), LOG_NUMBER("n", INT64_MIN));

    cr_expect_str_eq(line(), "{\"time\":\"2026-11-21T09:30:00.123Z\",\"level\":\"info\","
                             "\"message\":\"say \\\"hi\\\"\",\"service\":\"eventservice\","
                             "\"text\":\"a\\nb\\ufffd\",\"n\":-9223372036854775808}\n");
}

static const char *long_text(size_t n_bytes, const char *piece)
{
    static char text[2 * LOG_LINE_BYTES + 8];
    size_t size = 0;

    while (size + strlen(piece) <= n_bytes) {
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
    }
    text[size] = '\0';
    return text;
}

static void expect_good_line(enum log_format format, size_t n_bytes, const char *piece)
{
    CLEANUP(json_freep) struct json *document = NULL;
    const char *text;
    size_t size_bytes;

    log_setup(LOG_INFO, format, "s");
    log_info("m", LOG_TEXT("long", long_text(n_bytes, piece)), LOG_NUMBER("n", 1234567890),
             LOG_TEXT("last", "x y"));
    text = line();
    size_bytes = strlen(text);

    cr_assert_gt(size_bytes, 1);
    cr_expect_leq(size_bytes, LOG_LINE_BYTES);
    cr_expect_eq(strchr(text, '\n') - text, (ptrdiff_t)size_bytes - 1);
    cr_expect(utf8_valid(text, size_bytes));
    if (format == LOG_FORMAT_JSON)
        cr_expect(json_parse(text, size_bytes, &document, NULL), "%zu: %s", n_bytes, text);
    else
        cr_expect(strchr("\"0", text[size_bytes - 2]), "%zu: %s", n_bytes, text);
    cr_expect_str_eq(line(), "");
}

Test(log, cuts_a_line_so_that_it_stays_one)
{
    static const struct {
        const char *piece;
        size_t n_written; /* bytes in the line for each byte of the piece */
    } rows[] = {{" ", 1}, {"ä", 1}, {"\n", 2}, {"\"", 2}, {"\x01", 6}, {"\xFF", 6}};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t last = LOG_LINE_BYTES / rows[i].n_written;

        for (size_t n_bytes = last - 150 / rows[i].n_written; n_bytes <= last; n_bytes++) {
            expect_good_line(LOG_FORMAT_TEXT, n_bytes, rows[i].piece);
            expect_good_line(LOG_FORMAT_JSON, n_bytes, rows[i].piece);
        }
        expect_good_line(LOG_FORMAT_JSON, 2 * LOG_LINE_BYTES, rows[i].piece);
    }
}

Test(log, cuts_a_long_message_as_well)
{
    log_setup(LOG_INFO, LOG_FORMAT_JSON, "s");
    log_info(long_text(2 * LOG_LINE_BYTES, "m"), LOG_NUMBER("n", 1));

    cr_expect_eq(strlen(line()), LOG_LINE_BYTES);
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, "s");
    log_info(long_text(2 * LOG_LINE_BYTES, "m"), LOG_NUMBER("n", 1));
    cr_expect_eq(line()[LOG_LINE_BYTES - 3], '\n');
}

enum {
    N_LINES = 200
};

static void *log_many(void *name)
{
    for (int i = 0; i < N_LINES; i++)
        log_info("line", LOG_TEXT("thread", name), LOG_NUMBER("i", i));
    return NULL;
}

Test(log, keeps_the_lines_of_threads_apart)
{
    pthread_t threads[2];
    char names[2][2] = {"a", "b"};
    int n_lines = 0;

    /* Blocking: each of two writers goes on when the reader made room. */
    cr_assert_eq(fcntl(pipe_ends[1], F_SETFL, O_DIRECT), 0);
    cr_assert_eq(fcntl(pipe_ends[0], F_SETFL, O_DIRECT), 0);
    log_setup(LOG_INFO, LOG_FORMAT_TEXT, NULL);
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
    for (; n_lines < 2 * N_LINES; n_lines++) {
        const char *text = line();

        cr_expect_eq(strncmp(text, "2026-11-21T09:30:00.123Z info  line thread=", 43), 0);
        cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
