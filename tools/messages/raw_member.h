/* A member of a JSON object as it stands in the text, byte for byte. Any thread. */
#ifndef EVENTS_TOOLS_MESSAGES_RAW_MEMBER_H
#define EVENTS_TOOLS_MESSAGES_RAW_MEMBER_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where in @text, an object that json_parse() took, the value of the member @name stands: without the
 * space around it. False when there is none that is spelled so, in any case of letters.
 */
MUST_CHECK bool raw_member(const char *text, const char *name, const char **value,
                           size_t *size_bytes);

#endif
