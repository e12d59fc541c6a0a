#include "domain/booking_code.h"

#include "domain/booking.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

enum {
    BASE = sizeof(alphabet) - 1,
    DATA_CHARACTERS = BOOKING_CODE_CHARACTERS - 1,
    /* The most bits that ten digits of this base can hold: 2^49 < 31^10 < 2^50. */
    CODE_BITS = 49,
    REST_BITS = 64 - CODE_BITS,
};

/*
 * A digit weighs as much as it is places from the end, the check digit 1; a valid code sums to 0.
 * The base is a prime above all weights, so neither one wrong digit nor two exchanged ones keep the
 * sum.
 */
static unsigned int weighted_sum(const unsigned int *digits, size_t n_digits)
{
    unsigned int sum = 0;

    for (size_t i = 0; i < n_digits; i++)
        sum += digits[i] * (unsigned int)(BOOKING_CODE_CHARACTERS - i);
    return sum % BASE;
}

struct booking_code booking_code_of(const struct object_id *booking_id)
{
    unsigned int digits[BOOKING_CODE_CHARACTERS];
    uint64_t number = booking_id_derived(booking_id) >> REST_BITS;
    struct booking_code code = {0};

    for (size_t i = DATA_CHARACTERS; i > 0; i--) {
        digits[i - 1] = (unsigned int)(number % BASE);
        number /= BASE;
    }
    digits[DATA_CHARACTERS] = (BASE - weighted_sum(digits, DATA_CHARACTERS)) % BASE;
    for (size_t i = 0; i < BOOKING_CODE_CHARACTERS; i++)
        code.text[i] = alphabet[digits[i]];
    return code;
}

/* Without the C library's idea of letters, which depends on the locale. */
static bool read_digit(char character, unsigned int *digit)
{
    const char *found;

    if (character >= 'a' && character <= 'z')
        character = (char)(character - 'a' + 'A');
    found = memchr(alphabet, character, BASE);
    if (found)
        *digit = (unsigned int)(found - alphabet);
    return found != NULL;
}

static bool read_digits(const char *text, unsigned int digits[static BOOKING_CODE_CHARACTERS])
{
    if (strlen(text) != BOOKING_CODE_CHARACTERS)
        return false;
    for (size_t i = 0; i < BOOKING_CODE_CHARACTERS; i++) {
        if (!read_digit(text[i], &digits[i]))
            return false;
    }
    return weighted_sum(digits, BOOKING_CODE_CHARACTERS) == 0;
}

bool booking_code_range(const char *text, const struct object_id *event_id, struct object_id *first,
                        struct object_id *last)
{
    const uint64_t rest = (UINT64_C(1) << REST_BITS) - 1;
    unsigned int digits[BOOKING_CODE_CHARACTERS];
    uint64_t number = 0;

    if (!read_digits(text, digits))
        return false;
    for (size_t i = 0; i < DATA_CHARACTERS; i++)
        number = number * BASE + digits[i];
    if (number >> CODE_BITS != 0)
        return false;

    *first = booking_id_of(event_id, number << REST_BITS);
    *last = booking_id_of(event_id, number << REST_BITS | rest);
    return true;
}
