/*
 * What went wrong, said once and carried upwards.
 *
 * A function that can fail returns bool and takes `struct error *` last. It is written on failure
 * only. A code says what the caller can do; the text is for a person. An error is a value: it owns
 * nothing and may be copied. Start it as {0}. One thread at a time.
 */
#ifndef EVENTS_BASE_ERROR_H
#define EVENTS_BASE_ERROR_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_INVALID,         /* the input breaks a rule; @details name the members */
    ERROR_NOT_FOUND,       /* there is no such thing */
    ERROR_GONE,            /* there was such a thing, or it takes no more orders */
    ERROR_EXISTS,          /* the id is taken */
    ERROR_IN_USE,          /* something else still needs it */
    ERROR_SOLD_OUT,        /* fewer seats are left than were asked for */
    ERROR_USER_LIMIT,      /* the user would hold more seats than allowed */
    ERROR_KEY_REUSED,      /* the Idempotency-Key stands for another request */
    ERROR_PRECONDITION,    /* If-Match names another version */
    ERROR_TOO_LARGE,       /* a ceiling was reached: body, buffer, list */
    ERROR_UNSUPPORTED,     /* a media type or feature that is not offered */
    ERROR_BUSY,            /* a bounded queue is full; nothing was done; try again soon */
    ERROR_UNAVAILABLE,     /* database or broker away; nothing was done; try again later */
    ERROR_OUTCOME_UNKNOWN, /* the write was sent and its fate is not known; repeat the same write */
    ERROR_CONFLICT,        /* another writer was first; read again */
    ERROR_AMBIGUOUS,       /* more than one thing has that name */
    ERROR_CORRUPT,         /* what is stored contradicts itself */
    ERROR_MEMORY,          /* an allocation failed */
    ERROR_INTERNAL,        /* our own mistake, or a system call that should not fail */
};

enum {
    ERROR_TEXT_BYTES = 256,
    ERROR_POINTER_BYTES = 64,
    ERROR_DETAIL_BYTES = 128,
    ERROR_DETAILS_MAX = 8,
    ERROR_MEMBERS_MAX = 2,
};

/* One bad member of an input: a JSON pointer (RFC 6901) and what was wrong with it. */
struct error_detail {
    char pointer[ERROR_POINTER_BYTES];
    char text[ERROR_DETAIL_BYTES];
};

/* A fact for the client's program beside the text, such as seatsLeft = 3. */
struct error_member {
    const char *name; /* static text */
    bool is_number;
    int64_t number;
    char text[32];
};

struct error {
    enum error_code code;
    char text[ERROR_TEXT_BYTES];
    struct error_detail details[ERROR_DETAILS_MAX];
    size_t n_details;
    struct error_member members[ERROR_MEMBERS_MAX];
    size_t n_members;
};

/* The code's name as it appears in logs: "sold-out". Static text. */
const char *error_code_name(enum error_code code);

/* Overwrite @error (which may be NULL: nobody asks) and return false. */
bool error_set(struct error *error, enum error_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Put "what: " before the text and return false. */
bool error_wrap(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Note one bad member and return false; the code becomes ERROR_INVALID, the text the first detail.
 * Members beyond ERROR_DETAILS_MAX are left out. @pointer is a JSON pointer such as "/seats".
 */
bool error_detail(struct error *error, const char *pointer, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Attach a fact; @name is static text. Beyond ERROR_MEMBERS_MAX: left out. */
void error_add_number(struct error *error, const char *name, int64_t number);
void error_add_text(struct error *error, const char *name, const char *text);

/* ERROR_INTERNAL (ERROR_MEMORY for ENOMEM) with "what: strerror(number)"; returns false. */
bool error_set_errno(struct error *error, int number, const char *what);

#endif
