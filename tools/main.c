/* myevents: what an operator does by hand. A word is a file beside this one and a row in words.c. */
#include "tools/command_line.h"
#include "tools/words.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    HELP_BYTES_MAX = 64 * 1024
};

static atomic_bool interrupted;

bool word_is_interrupted(void)
{
    return atomic_load(&interrupted);
}

/* The second one ends the process: whoever waits must not have to. */
static void interrupt(int signal_number)
{
    atomic_store(&interrupted, true);
    (void)signal(signal_number, SIG_DFL);
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

enum word_status word_status_of(enum error_code code)
{
    return code == ERROR_INVALID ? WORD_USAGE : WORD_FAILED;
}

static enum word_status say_help(const struct word *word)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, HELP_BYTES_MAX);
    command_line_help(&all_words, word, &text);
    fputs(text.data ? text.data : "", stdout);
    return WORD_FINE;
}

static enum word_status say_version(void)
{
    printf("myevents %s\n", EVENTS_VERSION);
    return WORD_FINE;
}

/* Results that could not be written are no results. */
static int finish(enum word_status status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return (int)status;
    fprintf(stderr, "myevents: standard output is closed or full\n");
    return WORD_FAILED;
}

static int run(struct command_line *line)
{
    struct error error = {0};
    enum word_status status = WORD_FINE;

    line->call.out = stdout;
    line->call.progress = isatty(STDERR_FILENO) ? stderr : NULL;
    take_signals();
    if (line->word->run(&line->call, &status, &error))
        return finish(status);
    fprintf(stderr, "myevents %s: %s\n", line->word->name, error.text);
    return (int)word_status_of(error.code);
}

int main(int argc, char *argv[])
{
    static struct command_line line;
    struct error error = {0};

    if (!command_line_read(&all_words, argc, argv, environ, &line, &error)) {
        fprintf(stderr, "myevents: %s\n", error.text);
        return WORD_USAGE;
    }
    if (line.version)
        return finish(say_version());
    if (line.help)
        return finish(say_help(line.word));
    return run(&line);
}
