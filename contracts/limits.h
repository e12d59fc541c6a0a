/* Bounds of what a message may hold. A receiver parks what is beyond them. */
#ifndef EVENTS_CONTRACTS_LIMITS_H
#define EVENTS_CONTRACTS_LIMITS_H

#include <stdint.h>

enum {
    CONTRACT_TEXT_CHARACTERS_MAX = 200,
    CONTRACT_TEXT_BYTES = CONTRACT_TEXT_CHARACTERS_MAX * 4 + 1,
    CONTRACT_HALLS_MAX = 100,
    CONTRACT_CAPACITY_MAX = 1000000,
    CONTRACT_HOUR_MAX = 24,
};

/* 2^53 - 1, the greatest number that every reader of JSON keeps exactly. */
#define CONTRACT_NUMBER_MAX INT64_C(9007199254740991)

#endif
