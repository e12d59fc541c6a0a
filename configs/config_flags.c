#include "configs/option.h"

#include <getopt.h>
#include <string.h>

enum {
    WORDS_MAX = 8,
    FLAGS_MAX = 2 + WORDS_MAX + OPTIONS_MAX + 1, /* both names of the file, and the end */
    MISSING_VALUE = ':',
    NOT_UNDERSTOOD = '?',
    FLAG_FILE = 256, /* above every character that getopt answers with */
    FLAG_OPTIONS,
    FLAG_WORDS = FLAG_OPTIONS + OPTIONS_MAX,
};

const struct config_word config_words[] = {
    {"help", CONFIG_HELP, "say this"},
    {"help-markdown", CONFIG_HELP_MARKDOWN, "the options of all services, as in docs/options.md"},
    {"check-config", CONFIG_CHECK, "read the configuration, say whether it is fine, end"},
    {"print-config", CONFIG_PRINT, "the values that hold, as JSON, passwords hidden"},
    {"version", CONFIG_VERSION, "say which version this is"},
};

const size_t n_config_words = ARRAY_SIZE(config_words);

_Static_assert(ARRAY_SIZE(config_words) <= WORDS_MAX, "raise WORDS_MAX");

static void make_table(struct option table[FLAGS_MAX])
{
    size_t n = 0;

    table[n++] = (struct option){"conf", required_argument, NULL, FLAG_FILE};
    table[n++] = (struct option){"config", required_argument, NULL, FLAG_FILE};
    for (size_t i = 0; i < n_config_words; i++)
        table[n++] = (struct option){config_words[i].flag, no_argument, NULL, FLAG_WORDS + (int)i};
    for (size_t i = 0; i < n_config_options; i++)
        table[n++] =
            (struct option){config_options[i].key, required_argument, NULL, FLAG_OPTIONS + (int)i};
    table[n] = (struct option){0};
}

/* The argument that getopt has just read: the value, when there is one apart, comes after it. */
static const char *last_flag(char *const argv[])
{
    return argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)];
}

/* An abbreviation that getopt takes today may stand for two options tomorrow. */
static bool is_spelled_out(const char *argument, const char *name)
{
    argument += strspn(argument, "-");
    return strcspn(argument, "=") == strlen(name) && strncmp(argument, name, strlen(name)) == 0;
}

static bool refuse(const char *argument, const char *what, struct error *error)
{
    /* Not what follows: it may be a password. */
    return error_set(error, ERROR_INVALID, "%.*s %s (--help lists the options)",
                     (int)strcspn(argument, "="), argument, what);
}

static void take(int found, struct config_flags *flags)
{
    if (found >= FLAG_WORDS)
        flags->request = config_words[found - FLAG_WORDS].request;
    else if (found >= FLAG_OPTIONS)
        flags->values[found - FLAG_OPTIONS] = optarg;
    else
        flags->file = optarg;
}

bool config_read_flags(int argc, char *const argv[], struct config_flags *flags,
                       struct error *error)
{
    struct option table[FLAGS_MAX];
    int index = 0;
    int found;

    make_table(table);
    optind = 0; /* start anew: tests read many command lines */
    opterr = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): at start there is one thread */
    while ((found = getopt_long_only(argc, argv, "+:", table, &index)) != -1) {
        if (found == MISSING_VALUE)
            return refuse(argv[optind - 1], "lacks its value", error);
        if (found == NOT_UNDERSTOOD || !is_spelled_out(last_flag(argv), table[index].name))
            return refuse(last_flag(argv), "is not understood", error);
        take(found, flags);
    }
    if (optind < argc)
        return error_set(error, ERROR_INVALID,
                         "argument %d stands where no value belongs (--help lists the options)",
                         optind);
    return true;
}
