#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* The bytes still to be read; a NUL stands for the end, since no number holds one. */
struct cursor {
    const char *text;
    size_t size_bytes;
    size_t at;
};

static char peek(const struct cursor *cursor)
{
    return cursor->at < cursor->size_bytes ? cursor->text[cursor->at] : '\0';
}

static bool take(struct cursor *cursor, char expected)
{
    if (peek(cursor) != expected)
        return false;
    cursor->at++;
    return true;
}

/* At least one. */
static bool take_digits(struct cursor *cursor)
{
    size_t start = cursor->at;

    while (is_digit(peek(cursor)))
        cursor->at++;
    return cursor->at > start;
}

static bool take_integer(struct cursor *cursor)
{
    (void)take(cursor, '-');
    if (take(cursor, '0'))
        return !is_digit(peek(cursor));
    return take_digits(cursor);
}

static bool take_exponent(struct cursor *cursor)
{
    if (!take(cursor, 'e') && !take(cursor, 'E'))
        return true; /* there need not be one */
    if (!take(cursor, '-'))
        (void)take(cursor, '+');
    return take_digits(cursor);
}

size_t json_number_length(const char *text, size_t size_bytes)
{
    struct cursor cursor = {.text = text, .size_bytes = size_bytes};

    if (!take_integer(&cursor) || (take(&cursor, '.') && !take_digits(&cursor)) ||
        !take_exponent(&cursor))
        return 0;
    return cursor.at;
}

/*
 * The power of ten that the last digit other than 0 stands for: 0 in 25, 3 in 7000, -2 in 1.250.
 * @is_zero when there is no such digit.
 */
static long last_place(const char *number, bool *is_zero)
{
    const char *exponent = strpbrk(number, "eE");
    size_t mantissa = exponent ? (size_t)(exponent - number) : strlen(number);
    const char *point = memchr(number, '.', mantissa);
    const char *units_end = point ? point : number + mantissa;
    size_t last = mantissa;

    while (last > 0 && (number[last - 1] < '1' || number[last - 1] > '9'))
        last--;
    *is_zero = last == 0;
    if (number + last > units_end)
        return -(long)(number + last - units_end - 1);
    return (long)(units_end - number) - (long)last;
}

static bool is_written_as_integer(const char *number)
{
    const char *exponent = strpbrk(number, "eE");
    bool is_zero;
    long place = last_place(number, &is_zero);

    /* strtol() stops at its limits, which are far beyond any place of a short number. */
    return is_zero || (exponent ? strtol(exponent + 1, NULL, 10) : 0) >= -place;
}

/* Nearly all numbers are: 10^15 is below 2^53. */
static bool is_short_integer(const char *text, size_t size_bytes)
{
    size_t n = 0;

    while (n < size_bytes && is_digit(text[n]))
        n++;
    return n == size_bytes && n <= 15;
}

const char *json_number_fault(const char *text, size_t size_bytes)
{
    const double largest_exact = 9007199254740991; /* 2^53 - 1 */
    char number[JSON_NUMBER_BYTES_MAX + 1] = {0};
    double value;

    if (is_short_integer(text, size_bytes))
        return NULL;
    if (size_bytes > JSON_NUMBER_BYTES_MAX)
        return "a number is too long";
    memcpy(number, text, size_bytes);
    value = strtod(number, NULL);
    if (value - value != 0)
        return "a number is out of range";
    if (value < -largest_exact || value > largest_exact)
        return NULL; /* never taken for an integer */
    if (value == (double)(long long)value && !is_written_as_integer(number))
        return "a number has more digits than can be kept";
    return NULL;
}
