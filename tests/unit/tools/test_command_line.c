#include "tools/command_line.h"

#include <criterion/criterion.h>
#include <string.h>

struct fetch {
    bool dry_run;
    int64_t limit;
    const char *url;
};

static const struct argument arguments[] = {
    {"dry-run", ARGUMENT_FLAG, offsetof(struct fetch, dry_run), NULL, "look only", 0, 0, NULL},
    {"limit", ARGUMENT_NUMBER, offsetof(struct fetch, limit), "N", "at most N", 1, 100, NULL},
    {"url", ARGUMENT_TEXT, offsetof(struct fetch, url), "URL", "from there", 0, 0, "FETCH_URL"},
};

static const struct fetch defaults = {.limit = 10, .url = "here"};

static const struct word fetch_all = {
    .name = "fetch all",
    .operands = "NAME",
    .summary = "fetch everything",
    .help = "It takes what it gets.",
    .arguments = arguments,
    .n_arguments = ARRAY_SIZE(arguments),
    .n_operands_min = 1,
    .n_operands_max = 1,
    .defaults = &defaults,
    .options_bytes = sizeof(defaults),
};

static const struct word fetch = {.name = "fetch", .operands = "", .summary = "", .help = ""};
static const struct word *const words[] = {&fetch, &fetch_all};
static const struct word_list all = {words, ARRAY_SIZE(words)};
static struct command_line line;
static struct error error;

/* Read "fetch all ..." from a text split at spaces. */
static bool reads(const char *text, const char *const environment[])
{
    static char copy[256];
    static char *argv[16];
    static const char *const none[] = {NULL};
    int argc = 0;
    char *rest = copy;

    snprintf(copy, sizeof(copy), "myevents %s", text);
    for (char *word; (word = strsep(&rest, " "));)
        argv[argc++] = word;
    argv[argc] = NULL;
    return command_line_read(&all, argc, argv,
                             (char *const *)(uintptr_t)(environment ? environment : none), &line,
                             &error);
}

static const struct fetch *options(void)
{
    return line.call.options;
}

Test(command_line, fills_the_options_of_the_word)
{
    cr_assert(reads("fetch all --dry-run --limit=7 --url there it --json", NULL), "%s", error.text);

    cr_expect_eq(line.word, &fetch_all);
    cr_expect(options()->dry_run);
    cr_expect_eq(options()->limit, 7);
    cr_expect_str_eq(options()->url, "there");
    cr_expect(line.call.json);
    cr_expect_eq(line.call.n_operands, 1);
    cr_expect_str_eq(line.call.operands[0], "it");
}

Test(command_line, keeps_the_defaults_of_what_is_not_said)
{
    cr_assert(reads("fetch all it", NULL));

    cr_expect_not(options()->dry_run);
    cr_expect_eq(options()->limit, 10);
    cr_expect_str_eq(options()->url, "here");
    cr_expect_str_eq(line.call.broker_url, "amqp://guest:guest@localhost:5672/");
}

Test(command_line, asks_the_environment_where_no_flag_is_given)
{
    static const char *const environment[] = {"FETCH_URL=yonder", "AMQP_URL=amqp://old/",
                                              "AMQP_BROKER_URL=", NULL};

    cr_assert(reads("fetch all it", environment));
    cr_expect_str_eq(options()->url, "yonder");
    cr_expect_str_eq(line.call.broker_url, "amqp://old/");

    cr_assert(reads("fetch all it --url there --broker amqp://new/", environment));
    cr_expect_str_eq(options()->url, "there");
    cr_expect_str_eq(line.call.broker_url, "amqp://new/");
}

Test(command_line, takes_the_longest_word_first)
{
    cr_assert(reads("fetch", NULL));

    cr_expect_eq(line.word, &fetch);
}

Test(command_line, names_what_it_does_not_understand)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"take", "\"take\" is no word; --help lists them"},
        {"fetch all it --lim 3", "fetch all: --lim is not understood"},
        {"fetch all it --limit", "fetch all: --limit lacks its value"},
        {"fetch all it --limit 0", "fetch all: --limit wants a whole number from 1 to 100"},
        {"fetch all it --limit 3x", "fetch all: --limit wants a whole number from 1 to 100"},
        {"fetch all", "fetch all: something is missing: myevents fetch all NAME"},
        {"fetch all it them", "fetch all: \"them\" stands where nothing belongs"},
        {"fetch it", "fetch: \"it\" stands where nothing belongs"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        error = (struct error){0};
        cr_assert_not(reads(rows[i].text, NULL), "%s", rows[i].text);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.text, rows[i].expected);
    }
}

Test(command_line, helps_without_operands)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, 10000);
    cr_assert(reads("fetch all --help", NULL));
    cr_assert(line.help);
    command_line_help(&all, line.word, &text);
    command_line_help(&all, NULL, &text);
    cr_assert(buffer_ok(&text, NULL));

    cr_expect(strstr(text.data, "Usage: myevents fetch all [--option value ...] NAME\n"));
    cr_expect(strstr(text.data, "\n  --limit N                  at most N\n"));
    cr_expect(strstr(text.data, "\n  --broker URL               the broker; else"));
    cr_expect(strstr(text.data, "\n  fetch all                  fetch everything\n"));
}
