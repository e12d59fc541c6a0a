#include "base/error.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *error_code_name(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return "none";
    case ERROR_INVALID:
        return "invalid";
    case ERROR_NOT_FOUND:
        return "not-found";
    case ERROR_GONE:
        return "gone";
    case ERROR_EXISTS:
        return "exists";
    case ERROR_IN_USE:
        return "in-use";
    case ERROR_SOLD_OUT:
        return "sold-out";
    case ERROR_USER_LIMIT:
        return "user-limit";
    case ERROR_KEY_REUSED:
        return "key-reused";
    case ERROR_PRECONDITION:
        return "precondition";
    case ERROR_TOO_LARGE:
        return "too-large";
    case ERROR_UNSUPPORTED:
        return "unsupported";
    case ERROR_BUSY:
        return "busy";
    case ERROR_UNAVAILABLE:
        return "unavailable";
    case ERROR_OUTCOME_UNKNOWN:
        return "outcome-unknown";
    case ERROR_CONFLICT:
        return "conflict";
    case ERROR_AMBIGUOUS:
        return "ambiguous";
    case ERROR_CORRUPT:
        return "corrupt";
    case ERROR_MEMORY:
        return "memory";
    case ERROR_INTERNAL:
        return "internal";
    }
    return "unknown";
}

static void format_text(char *text, size_t size_bytes, const char *format, va_list arguments)
    PRINTF_LIKE(3, 0);

/* The text goes to clients as JSON, so a cut must not leave half a character behind. */
static void format_text(char *text, size_t size_bytes, const char *format, va_list arguments)
{
    int length = vsnprintf(text, size_bytes, format, arguments);

    if (length < 0)
        text[0] = '\0';
    else if ((size_t)length >= size_bytes)
        utf8_cut(text);
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    char text[ERROR_TEXT_BYTES]; /* the arguments may point into @error */
    va_list arguments;

    if (!error)
        return false;
    va_start(arguments, format);
    format_text(text, sizeof(text), format, arguments);
    va_end(arguments);

    error->code = code;
    memcpy(error->text, text, sizeof(text));
    error->n_details = 0;
    error->n_members = 0;
    return false;
}

bool error_wrap(struct error *error, const char *format, ...)
{
    char what[ERROR_TEXT_BYTES];
    char text[ERROR_TEXT_BYTES];
    va_list arguments;

    if (!error)
        return false;
    va_start(arguments, format);
    format_text(what, sizeof(what), format, arguments);
    va_end(arguments);

    if (snprintf(text, sizeof(text), "%s: %s", what, error->text) >= (int)sizeof(text))
        utf8_cut(text);
    memcpy(error->text, text, sizeof(text));
    return false;
}

bool error_detail(struct error *error, const char *pointer, const char *format, ...)
{
    struct error_detail *detail;
    va_list arguments;

    if (!error)
        return false;
    error->code = ERROR_INVALID;
    if (error->n_details == ERROR_DETAILS_MAX)
        return false;
    detail = &error->details[error->n_details++];
    if (snprintf(detail->pointer, sizeof(detail->pointer), "%s", pointer) >= ERROR_POINTER_BYTES)
        utf8_cut(detail->pointer);
    va_start(arguments, format);
    format_text(detail->text, sizeof(detail->text), format, arguments);
    va_end(arguments);

    if (error->n_details == 1)
        (void)snprintf(error->text, sizeof(error->text), "%s%s%s", detail->pointer,
                       detail->pointer[0] ? ": " : "", detail->text);
    return false;
}

static struct error_member *new_member(struct error *error, const char *name)
{
    struct error_member *member;

    if (!error || error->n_members == ERROR_MEMBERS_MAX)
        return NULL;
    member = &error->members[error->n_members++];
    *member = (struct error_member){.name = name};
    return member;
}

void error_add_number(struct error *error, const char *name, int64_t number)
{
    struct error_member *member = new_member(error, name);

    if (!member)
        return;
    member->is_number = true;
    member->number = number;
}

void error_add_text(struct error *error, const char *name, const char *text)
{
    struct error_member *member = new_member(error, name);

    if (!member)
        return;
    if (snprintf(member->text, sizeof(member->text), "%s", text) >= (int)sizeof(member->text))
        utf8_cut(member->text);
}

bool error_set_errno(struct error *error, int number, const char *what)
{
    char buffer[128];
    enum error_code code = number == ENOMEM ? ERROR_MEMORY : ERROR_INTERNAL;

    return error_set(error, code, "%s: %s", what, strerror_r(number, buffer, sizeof(buffer)));
}
