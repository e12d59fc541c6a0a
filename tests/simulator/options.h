/* The command line of the simulator. */
#ifndef EVENTS_TESTS_SIMULATOR_OPTIONS_H
#define EVENTS_TESTS_SIMULATOR_OPTIONS_H

#include "base/error.h"
#include "tests/simulator/plan.h"

struct options {
    uint64_t seed;       /* of the first schedule */
    uint64_t schedules;  /* how many, one seed after the other */
    uint64_t luck;       /* another course of that plan */
    const char *without; /* rows to leave out, as "3,5,8-12"; NULL: none */
    bool trace;
    bool as_is; /* do not shorten what fails */
    bool help;
};

/* ERROR_INVALID names what is wrong. Texts are those of @argv. */
MUST_CHECK bool options_read(struct options *options, int argc, char *const argv[],
                             struct error *error);

/* Leave the rows of @without out of @plan. ERROR_INVALID. */
MUST_CHECK bool options_leave_out(const char *without, struct plan *plan, struct error *error);

extern const char options_help[];

#endif
