#include "tools/command_line.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS_MAX = 24,
    MISSING_VALUE = ':',
    NOT_UNDERSTOOD = '?',
    FLAG_FIRST = 256, /* above every character that getopt answers with */
    HELP_COLUMN = 26,
};

static const char local_broker[] = "amqp://guest:guest@localhost:5672/";

/* What every word takes, beside its own. */
static const struct argument common[] = {
    {"help", ARGUMENT_FLAG, offsetof(struct command_line, help), NULL, "say this", 0, 0, NULL},
    {"json", ARGUMENT_FLAG, offsetof(struct command_line, call.json), NULL,
     "results as JSON, one object a line", 0, 0, NULL},
    {"broker", ARGUMENT_TEXT, offsetof(struct command_line, call.broker_url), "URL",
     "the broker; else AMQP_BROKER_URL, AMQP_URL, the local one", 0, 0, NULL},
};

enum {
    N_COMMON = ARRAY_SIZE(common)
};

/* ---- the environment ---- */

static const char *variable(char *const environment[], const char *name)
{
    size_t length = strlen(name);

    for (; *environment; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=' &&
            (*environment)[length + 1])
            return *environment + length + 1;
    }
    return NULL;
}

static const char *broker_of(char *const environment[])
{
    const char *url = variable(environment, "AMQP_BROKER_URL");

    url = url ? url : variable(environment, "AMQP_URL");
    return url ? url : local_broker;
}

/* ---- values ---- */

static bool take_number(const struct argument *argument, const char *text, void *member,
                        struct error *error)
{
    char *end = NULL;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < argument->least || number > argument->most)
        return error_set(error, ERROR_INVALID,
                         "--%s wants a whole number from %" PRId64 " to %" PRId64, argument->name,
                         argument->least, argument->most);
    *(int64_t *)member = number;
    return true;
}

static bool take_value(const struct argument *argument, const char *text, void *options,
                       struct error *error)
{
    void *member = (char *)options + argument->offset;

    switch (argument->kind) {
    case ARGUMENT_FLAG:
        *(bool *)member = true;
        return true;
    case ARGUMENT_NUMBER:
        return take_number(argument, text, member, error);
    case ARGUMENT_TEXT:
        *(const char **)member = text;
        return true;
    }
    return error_set(error, ERROR_INTERNAL, "--%s is of no kind", argument->name);
}

/* What the environment says counts where the command line says nothing, so it comes first. */
static bool take_environment(const struct word *word, char *const environment[],
                             struct command_line *line, struct error *error)
{
    for (size_t i = 0; i < word->n_arguments; i++) {
        const struct argument *argument = &word->arguments[i];
        const char *text = argument->variable ? variable(environment, argument->variable) : NULL;

        if (text && !take_value(argument, text, line->options, error))
            return error_wrap(error, "%s", argument->variable);
    }
    return true;
}

/* ---- flags ---- */

static const struct argument *argument_at(const struct word *word, int found)
{
    size_t index = (size_t)(found - FLAG_FIRST);

    return index < N_COMMON ? &common[index] : &word->arguments[index - N_COMMON];
}

static void make_table(const struct word *word, struct option table[ARGUMENTS_MAX])
{
    size_t n = N_COMMON + word->n_arguments;

    for (size_t i = 0; i < n; i++) {
        const struct argument *argument = argument_at(word, FLAG_FIRST + (int)i);

        table[i] = (struct option){
            .name = argument->name,
            .has_arg = argument->kind == ARGUMENT_FLAG ? no_argument : required_argument,
            .val = FLAG_FIRST + (int)i,
        };
    }
    table[n] = (struct option){0};
}

/* The argument that getopt has just read: the value, when there is one apart, comes after it. */
static const char *last_flag(char *const argv[])
{
    return argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)];
}

/* An abbreviation that getopt takes today may stand for two options tomorrow. */
static bool is_spelled_out(const char *flag, const char *name)
{
    flag += strspn(flag, "-");
    return strcspn(flag, "=") == strlen(name) && strncmp(flag, name, strlen(name)) == 0;
}

static bool refuse(const char *flag, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "%.*s %s", (int)strcspn(flag, "="), flag, what);
}

/* @argv is the word's: its first element stands where a program's name would. */
static bool read_flags(struct command_line *line, int argc, char *const argv[], struct error *error)
{
    struct option table[ARGUMENTS_MAX];
    int index = 0;
    int found;

    make_table(line->word, table);
    optind = 0; /* start anew: tests read many command lines */
    opterr = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((found = getopt_long(argc, argv, ":", table, &index)) != -1) {
        bool is_common = found >= FLAG_FIRST && found < FLAG_FIRST + N_COMMON;

        if (found == MISSING_VALUE)
            return refuse(argv[optind - 1], "lacks its value", error);
        if (found == NOT_UNDERSTOOD || !is_spelled_out(last_flag(argv), table[index].name))
            return refuse(last_flag(argv), "is not understood", error);
        if (!take_value(argument_at(line->word, found), optarg,
                        is_common ? (void *)line : line->options, error))
            return false;
    }
    return true;
}

static bool take_operands(struct command_line *line, int argc, char *const argv[],
                          struct error *error)
{
    const struct word *word = line->word;
    size_t n = (size_t)(argc - optind);

    if (n < word->n_operands_min)
        return error_set(error, ERROR_INVALID, "something is missing: myevents %s %s", word->name,
                         word->operands);
    if (n > word->n_operands_max)
        return error_set(error, ERROR_INVALID, "\"%s\" stands where nothing belongs",
                         argv[optind + (int)word->n_operands_max]);
    line->call.operands = &argv[optind];
    line->call.n_operands = n;
    return true;
}

/* ---- words ---- */

/* How many of @argv make up the name of @word; 0: it is another. */
static int matches(const struct word *word, int argc, char *const argv[])
{
    const char *rest = word->name;
    int n = 0;

    while (*rest) {
        size_t length = strcspn(rest, " ");

        if (n >= argc || strlen(argv[n]) != length || strncmp(argv[n], rest, length) != 0)
            return 0;
        rest += length + strspn(rest + length, " ");
        n++;
    }
    return n;
}

/* "dead list" before "dead". */
static int find_word(const struct word_list *list, int argc, char *const argv[],
                     const struct word **word)
{
    int most = 0;

    for (size_t i = 0; i < list->n_words; i++) {
        int n = matches(list->words[i], argc, argv);

        if (n > most) {
            *word = list->words[i];
            most = n;
        }
    }
    return most;
}

static bool read_word(struct command_line *line, int argc, char *const argv[],
                      char *const environment[], struct error *error)
{
    const struct word *word = line->word;

    if (word->n_arguments + N_COMMON >= ARGUMENTS_MAX || word->options_bytes > WORD_OPTIONS_BYTES)
        return error_set(error, ERROR_INTERNAL, "%s has too many options", word->name);
    if (word->defaults)
        memcpy(line->options, word->defaults, word->options_bytes);
    line->call.options = line->options;
    line->call.broker_url = broker_of(environment);
    return take_environment(word, environment, line, error) &&
           read_flags(line, argc, argv, error) &&
           (line->help || take_operands(line, argc, argv, error));
}

static bool is_flag(const char *argument, const char *name)
{
    return strncmp(argument, "--", 2) == 0 && strcmp(argument + 2, name) == 0;
}

bool command_line_read(const struct word_list *list, int argc, char *const argv[],
                       char *const environment[], struct command_line *line, struct error *error)
{
    int n;

    *line = (struct command_line){0};
    line->version = argc > 1 && is_flag(argv[1], "version");
    line->help = argc > 1 && is_flag(argv[1], "help");
    if (line->version || line->help)
        return true;
    if (argc < 2)
        return error_set(error, ERROR_INVALID, "which word? --help lists them");
    n = find_word(list, argc - 1, argv + 1, &line->word);
    if (n == 0)
        return error_set(error, ERROR_INVALID, "\"%s\" is no word; --help lists them", argv[1]);
    if (!read_word(line, argc - n, argv + n, environment, error))
        return error_wrap(error, "%s", line->word->name);
    return true;
}

/* ---- help ---- */

static void help_row(struct buffer *text, const char *name, const char *value, const char *help)
{
    const int length = (int)(strlen(name) + (*value ? 1 : 0) + strlen(value));

    buffer_format(text, "  %s%s%s%*s %s\n", name, *value ? " " : "", value,
                  length < HELP_COLUMN ? HELP_COLUMN - length : 0, "", help);
}

static void help_argument(const struct argument *argument, struct buffer *text)
{
    char name[64];

    snprintf(name, sizeof(name), "--%s", argument->name);
    help_row(text, name, argument->value ? argument->value : "", argument->help);
}

static void help_all(const struct word_list *list, struct buffer *text)
{
    buffer_text(text, "Usage: myevents WORD [--option value ...] [...]\n\n");
    for (size_t i = 0; i < list->n_words; i++)
        help_row(text, list->words[i]->name, "", list->words[i]->summary);
    buffer_text(text,
                "\n`myevents WORD --help` says more. It ends with 0: fine; 1: the answer is no; "
                "2: not\nunderstood; 3: a server or file is away, try again; 130: "
                "interrupted.\n");
}

void command_line_help(const struct word_list *list, const struct word *word, struct buffer *text)
{
    if (!word) {
        help_all(list, text);
        return;
    }
    buffer_format(text, "Usage: myevents %s [--option value ...]%s%s\n\n%s: %s.\n%s\n", word->name,
                  *word->operands ? " " : "", word->operands, word->name, word->summary,
                  word->help);
    for (size_t i = 0; i < word->n_arguments; i++)
        help_argument(&word->arguments[i], text);
    for (size_t i = 0; i < N_COMMON; i++)
        help_argument(&common[i], text);
}
