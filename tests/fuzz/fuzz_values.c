/* A short text, read as each thing that may stand in a path, a header or a member: it writes back as it was. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/object_id.h"
#include "base/random.h"
#include "base/trace.h"
#include "domain/booking_code.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct object_id event_id = {.bytes = {1, 2, 3}};

/* The same by other clocks, and with more digits than are kept. */
static void read_elsewhere(const char *written, int64_t at_ms)
{
    const int64_t offset_ms = INT64_C(3600000) + 1800000;
    char text[CLOCK_TEXT_BYTES];
    int64_t read_ms = 0;

    snprintf(text, sizeof(text), "%.23s+01:30", written);
    MUST(!clock_parse(text, &read_ms) || read_ms == at_ms - offset_ms);
    snprintf(text, sizeof(text), "%.23s-01:30", written);
    MUST(!clock_parse(text, &read_ms) || read_ms == at_ms + offset_ms);
    snprintf(text, sizeof(text), "%.23s9z", written);
    MUST(clock_parse(text, &read_ms) && read_ms == at_ms);
}

static void read_moment(const char *text)
{
    const int64_t untouched = INT64_MIN;
    int64_t at_ms = untouched;
    int64_t again_ms = 0;
    char written[CLOCK_TEXT_BYTES];

    if (!clock_parse(text, &at_ms)) {
        MUST(at_ms == untouched);
        return;
    }
    clock_format(at_ms, written);
    MUST(clock_parse(written, &again_ms) && again_ms == at_ms);
    MUST(strlen(written) == strlen("2026-11-21T09:30:00.123Z"));
    read_elsewhere(written, at_ms);
    if (strlen(text) == strlen(written) && text[strlen(text) - 1] == 'Z' && text[17] != '6')
        MUST(strcasecmp(text, written) == 0);
}

static void read_id(const char *text)
{
    struct object_id id = {.bytes = {0xAA}};
    struct object_id part = id;

    if (object_id_parse(text, &id))
        MUST(strcasecmp(object_id_hex(&id).text, text) == 0);
    else
        MUST(id.bytes[0] == 0xAA && object_id_parse_n(text, strlen(text), &part) == false);
    if (strlen(text) > 24 && object_id_parse_n(text, 24, &part))
        MUST(strncasecmp(object_id_hex(&part).text, text, 24) == 0);
}

static void must_be_no_code(const char *text)
{
    struct object_id first;
    struct object_id last;

    MUST(!booking_code_range(text, &event_id, &first, &last));
}

/* One character that is another one of them, and two that changed places: no code any more. */
static void misread_code(const char *code)
{
    for (size_t i = 0; code[i]; i++) {
        for (size_t j = 0; code[j]; j++) {
            char misread[BOOKING_CODE_BYTES];

            if (toupper((unsigned char)code[i]) == toupper((unsigned char)code[j]))
                continue;
            memcpy(misread, code, sizeof(misread));
            misread[i] = code[j];
            must_be_no_code(misread);
            misread[j] = code[i];
            must_be_no_code(misread);
        }
    }
}

static void read_code(const char *text)
{
    struct object_id first = {.bytes = {0xAA}};
    struct object_id last = first;

    if (!booking_code_range(text, &event_id, &first, &last)) {
        MUST(first.bytes[0] == 0xAA && object_id_equal(&first, &last));
        return;
    }
    MUST(object_id_compare(&first, &last) < 0);
    MUST(strcasecmp(booking_code_of(&first).text, text) == 0);
    MUST(strcasecmp(booking_code_of(&last).text, text) == 0);
    misread_code(text);
}

static void read_trace(const char *text)
{
    struct trace trace = {.flags = 0xAA};
    char written[TRACE_TEXT_BYTES];
    struct trace again = {0};

    if (!trace_parse(text, &trace)) {
        MUST(trace.flags == 0xAA && trace_is_none(&trace));
        return;
    }
    MUST(!trace_is_none(&trace) && trace.flags <= TRACE_SAMPLED);
    trace_format(&trace, written);
    MUST(trace_parse(written, &again) && memcmp(&again, &trace, sizeof(trace)) == 0);
    MUST(strncmp(written + 3, text + 3, 49) == 0 && strlen(text) >= strlen(written));
    MUST(strncmp(trace_id(&trace).text, text + 3, 32) == 0);
}

/* Whatever came, there is a next step: of the same trace when there was one. */
static void go_on(const char *text)
{
    struct trace before = {0};
    struct trace next = trace_next(text);
    struct trace child = trace_child(&next);

    MUST(!trace_is_none(&next) && memcmp(child.id, next.id, sizeof(next.id)) == 0);
    if (trace_parse(text, &before))
        MUST(memcmp(next.id, before.id, sizeof(next.id)) == 0);
}

/* What was stored may be any number. */
static void write_moment(const uint8_t *data, size_t size)
{
    char written[CLOCK_TEXT_BYTES];
    int64_t at_ms = 0;
    int64_t read_ms;

    if (size < sizeof(at_ms))
        return;
    memcpy(&at_ms, data, sizeof(at_ms));
    clock_format(at_ms, written);
    MUST(clock_parse(written, &read_ms));
    MUST(read_ms == at_ms || strncmp(written, "0000-01-01T00:00:00.000Z", 24) == 0 ||
         strncmp(written, "9999-12-31T23:59:59.999Z", 24) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);

    read_moment(text);
    read_id(text);
    read_code(text);
    read_trace(text);
    MUST(random_init(NULL));
    go_on(text);
    write_moment(data, size);
    return 0;
}
