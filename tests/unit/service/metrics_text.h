/* What the metrics port would show now. */
#ifndef EVENTS_TESTS_METRICS_TEXT_H
#define EVENTS_TESTS_METRICS_TEXT_H

#include <stdbool.h>

/* Whether there is a line @name followed by @value, such as "myevents_outbox_in_hand" and "3". */
bool metrics_have(const char *name, const char *value);

/* The value of the line that starts with @name; fails the test when there is none. */
double metrics_value(const char *name);

#endif
