#include "bench/load/plan.h"

#include "base/memory.h"

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[N_OPERATIONS] = {
    [OPERATION_BOOK] = "book",     [OPERATION_REFUSE] = "refuse",   [OPERATION_READ] = "read",
    [OPERATION_CANCEL] = "cancel", [OPERATION_REQUEST] = "request",
};

const char *operation_name(enum operation operation)
{
    return names[operation];
}

static bool read_number(const char *text, int64_t lowest, int64_t highest, int64_t *number,
                        struct error *error)
{
    char *end;
    const long long read = strtoll(text, &end, 10);

    if (end == text || *end != '\0' || read < lowest || read > highest)
        return error_set(error, ERROR_INVALID, "%s: a whole number from %lld to %lld", text,
                         (long long)lowest, (long long)highest);
    *number = read;
    return true;
}

static bool read_int(const char *text, int lowest, int highest, int *number, struct error *error)
{
    int64_t read = 0;

    if (!read_number(text, lowest, highest, &read, error))
        return false;
    *number = (int)read;
    return true;
}

static bool read_target(struct plan *plan, const char *text, struct error *error)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(text, ':');
    struct addrinfo *address;
    char host[256];

    if (!colon || (size_t)(colon - text) >= sizeof(host) || plan->n_targets == PLAN_TARGETS_MAX)
        return error_set(error, ERROR_INVALID, "%s: at most %d times HOST:PORT", text,
                         PLAN_TARGETS_MAX);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (getaddrinfo(host, colon + 1, &hints, &address) != 0)
        return error_set(error, ERROR_INVALID, "%s is no address", text);
    memcpy(&plan->targets[plan->n_targets++], address->ai_addr, sizeof(plan->targets[0]));
    freeaddrinfo(address);
    return true;
}

/* One part of "book:8,read:2". */
static bool read_share(struct plan *plan, char *part, struct error *error)
{
    char *colon = strchr(part, ':');

    if (colon) {
        *colon = '\0';
        for (int i = 0; i < OPERATION_REQUEST; i++) {
            if (strcmp(part, names[i]) == 0)
                return read_int(colon + 1, 0, 1000000, &plan->shares[i], error);
        }
    }
    return error_set(error, ERROR_INVALID,
                     "%s: a mix is written book:8,refuse:1,read:1,cancel:1, parts left out are 0",
                     part);
}

static bool read_mix(struct plan *plan, char *text, struct error *error)
{
    char *rest = NULL;

    plan->shares[OPERATION_BOOK] = 0;
    for (char *part = strtok_r(text, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        if (!read_share(plan, part, error))
            return false;
    }
    return true;
}

static bool add_event(struct plan *plan, size_t *room, const char *hex, struct error *error)
{
    struct object_id id;
    struct object_id_hex *grown;

    if (!object_id_parse(hex, &id))
        return error_set(error, ERROR_INVALID, "%s: an event has 24 hex digits", hex);
    if (plan->n_events == PLAN_EVENTS_MAX)
        return error_set(error, ERROR_TOO_LARGE, "more than %d events", PLAN_EVENTS_MAX);
    if (plan->n_events == *room) {
        grown = memory_resize(plan->events, 2 * *room + 16, sizeof(*grown), error);
        if (!grown)
            return false;
        plan->events = grown;
        *room = 2 * *room + 16;
    }
    plan->events[plan->n_events++] = object_id_hex(&id);
    return true;
}

static bool read_events(struct plan *plan, const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    size_t room = plan->n_events;
    char word[64];
    bool is_good = true;

    if (!file)
        return error_set_errno(error, errno, path);
    while (is_good && fscanf(file, "%63s", word) == 1)
        is_good = add_event(plan, &room, word, error);
    fclose(file);
    return is_good;
}

static bool read_zipf(struct plan *plan, const char *text, struct error *error)
{
    char *end;

    plan->zipf = strtod(text, &end);
    if (end == text || *end != '\0' || !(plan->zipf >= 0 && plan->zipf <= 10))
        return error_set(error, ERROR_INVALID, "%s: an exponent from 0 to 10", text);
    return true;
}

enum {
    TARGET = 't',
    CONNECTIONS = 'c',
    SECONDS = 's',
    REQUESTS = 'n',
    RATE = 'r',
    SEED = 'x',
    MIX = 'm',
    EVENTS = 'e',
    ZIPF = 'z',
    SOLD_OUT = 'o',
    SEATS = 'a',
    KEYS = 'k',
    REQUEST = 'q',
    BODY = 'b',
    HISTORY = 'h'
};

static const struct option flags[] = {
    {"target", required_argument, NULL, TARGET},
    {"connections", required_argument, NULL, CONNECTIONS},
    {"seconds", required_argument, NULL, SECONDS},
    {"requests", required_argument, NULL, REQUESTS},
    {"rate", required_argument, NULL, RATE},
    {"seed", required_argument, NULL, SEED},
    {"mix", required_argument, NULL, MIX},
    {"events", required_argument, NULL, EVENTS},
    {"zipf", required_argument, NULL, ZIPF},
    {"sold-out", required_argument, NULL, SOLD_OUT},
    {"seats", required_argument, NULL, SEATS},
    {"keys", no_argument, NULL, KEYS},
    {"request", required_argument, NULL, REQUEST},
    {"body", required_argument, NULL, BODY},
    {"history", required_argument, NULL, HISTORY},
    {NULL, 0, NULL, 0},
};

static bool read_amount(struct plan *plan, int flag, const char *text, struct error *error)
{
    int64_t seed = 0;

    switch (flag) {
    case CONNECTIONS:
        return read_int(text, 1, PLAN_CONNECTIONS_MAX, &plan->n_connections, error);
    case SECONDS:
        return read_number(text, 1, 3600, &plan->seconds, error);
    case REQUESTS:
        return read_number(text, 1, INT64_MAX, &plan->n_requests, error);
    case RATE:
        return read_number(text, 0, 1000000, &plan->rate, error);
    case SEATS:
        return read_int(text, 1, 1000, &plan->seats, error);
    case SEED:
        if (!read_number(text, 0, INT64_MAX, &seed, error))
            return false;
        plan->seed = (uint64_t)seed;
        return true;
    default:
        return error_set(error, ERROR_INVALID, "an unknown flag, or one without its value");
    }
}

static bool read_flag(struct plan *plan, int flag, char *text, struct error *error)
{
    switch (flag) {
    case TARGET:
        return read_target(plan, text, error);
    case MIX:
        return read_mix(plan, text, error);
    case EVENTS:
        return read_events(plan, text, error);
    case ZIPF:
        return read_zipf(plan, text, error);
    case SOLD_OUT:
        plan->sold_out = text;
        return true;
    case KEYS:
        plan->with_keys = true;
        return true;
    case REQUEST:
        plan->request = text;
        return true;
    case BODY:
        plan->body = text;
        return true;
    case HISTORY:
        plan->history = text;
        return true;
    default:
        return read_amount(plan, flag, text, error);
    }
}

/* That what is to be done can be done. */
static bool check(struct plan *plan, struct error *error)
{
    if (plan->request) {
        memset(plan->shares, 0, sizeof(plan->shares));
        plan->shares[OPERATION_REQUEST] = 1;
    }

    const int *shares = plan->shares;

    if (plan->n_targets == 0)
        return error_set(error, ERROR_INVALID, "which --target HOST:PORT?");
    if (shares[OPERATION_REFUSE] && !plan->sold_out)
        return error_set(error, ERROR_INVALID, "which event is --sold-out?");
    if (!plan->n_events &&
        (shares[OPERATION_BOOK] || shares[OPERATION_READ] || shares[OPERATION_CANCEL]))
        return error_set(error, ERROR_INVALID, "a file with --events, please");
    return true;
}

bool plan_read(struct plan *plan, int argc, char *argv[], struct error *error)
{
    int flag;

    *plan = (struct plan){
        .n_connections = 64, .seconds = 10, .seed = 1, .seats = 1, .body = "", .sold_out = NULL};
    plan->shares[OPERATION_BOOK] = 1;
    opterr = 0;
    while ((flag = getopt_long(argc, argv, "", flags, NULL)) >= 0) {
        if (!read_flag(plan, flag, optarg, error))
            return error_wrap(error, "%s", argv[optind - 1]);
    }
    if (optind != argc)
        return error_set(error, ERROR_INVALID, "%s: everything has a flag", argv[optind]);
    return check(plan, error);
}

void plan_clear(struct plan *plan)
{
    memory_free(plan->events);
    *plan = (struct plan){0};
}
