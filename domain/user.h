/* Someone who holds bookings. A value that owns nothing. */
#ifndef EVENTS_DOMAIN_USER_H
#define EVENTS_DOMAIN_USER_H

#include "base/object_id.h"
#include "domain/limits.h"

#include <stdint.h>

struct user {
    struct object_id id;
    char first[TEXT_BYTES];
    char last[TEXT_BYTES];
    int64_t age; /* years, 0 to AGE_MAX; 0: not known */
};

#endif
