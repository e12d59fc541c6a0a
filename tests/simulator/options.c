#include "tests/simulator/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "simulator: replicas of the booking service against a database, a broker and clients that "
    "lose,\n"
    "delay, repeat and crash, in virtual time. One seed is one schedule.\n"
    "\n"
    "  --schedules N   run so many, one seed after the other (100000)\n"
    "  --seed S        begin with this one (1)\n"
    "  --trace         run that one only, and say all that happens\n"
    "  --without ROWS  run that one only, without these rows of its plan, as 3,5,8-12\n"
    "  --luck L        run that one only, in another course of the same plan (0)\n"
    "  --as-is         do not shorten what fails\n"
    "  --help\n"
    "\n"
    "The first violation is shortened and printed, and the status is 1. From 20000 schedules on "
    "the\n"
    "status is also 1 when some interesting state was never reached.\n";

enum option {
    OPTION_SEED,
    OPTION_SCHEDULES,
    OPTION_LUCK,
    OPTION_WITHOUT,
    OPTION_TRACE,
    OPTION_AS_IS,
    OPTION_HELP
};

static const struct {
    const char *flag;
    enum option option;
    bool has_value;
} flags[] = {
    {"--seed", OPTION_SEED, true},    {"--schedules", OPTION_SCHEDULES, true},
    {"--luck", OPTION_LUCK, true},    {"--without", OPTION_WITHOUT, true},
    {"--trace", OPTION_TRACE, false}, {"--as-is", OPTION_AS_IS, false},
    {"--help", OPTION_HELP, false},
};

static bool read_number(const char *text, uint64_t *number, struct error *error)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    if (errno || end == text || *end != '\0' || *text == '-')
        return error_set(error, ERROR_INVALID, "%s is no number", text);
    return true;
}

static bool take(struct options *options, enum option option, const char *value,
                 struct error *error)
{
    switch (option) {
    case OPTION_SEED:
        return read_number(value, &options->seed, error);
    case OPTION_SCHEDULES:
        return read_number(value, &options->schedules, error);
    case OPTION_LUCK:
        options->schedules = 1;
        return read_number(value, &options->luck, error);
    case OPTION_WITHOUT:
        options->schedules = 1;
        options->without = value;
        return true;
    case OPTION_TRACE:
        options->schedules = 1;
        options->trace = true;
        return true;
    case OPTION_AS_IS:
        options->as_is = true;
        return true;
    case OPTION_HELP:
        options->help = true;
        return true;
    }
    return false;
}

static size_t find(const char *text)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(flags) && strcmp(flags[i].flag, text) != 0)
        i++;
    return i;
}

bool options_read(struct options *options, int argc, char *const argv[], struct error *error)
{
    *options = (struct options){.seed = 1, .schedules = 100000};
    for (int i = 1; i < argc; i++) {
        size_t flag = find(argv[i]);

        if (flag == ARRAY_SIZE(flags))
            return error_set(error, ERROR_INVALID, "%s is no option; see --help", argv[i]);
        if (flags[flag].has_value && ++i == argc)
            return error_set(error, ERROR_INVALID, "%s wants a value", flags[flag].flag);
        if (!take(options, flags[flag].option, argv[i], error))
            return false;
    }
    return true;
}

bool options_leave_out(const char *without, struct plan *plan, struct error *error)
{
    const char *text = without;

    while (text && *text != '\0') {
        char *end;
        unsigned long first = strtoul(text, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

        if (end == text || last >= plan->n_rows || (*end != ',' && *end != '\0'))
            return error_set(error, ERROR_INVALID, "%s does not name rows of the plan", without);
        for (unsigned long i = first; i <= last; i++)
            plan->left_out[i] = true;
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}
