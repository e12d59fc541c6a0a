/* The lines that the code under test logs, for a test to read. */
#ifndef EVENTS_TESTS_LOG_PIPE_H
#define EVENTS_TESTS_LOG_PIPE_H

#include "base/log.h"

/* From now on lines go into a pipe. */
void log_pipe_open(void);

/* The next line, waited for; valid until the next call. */
const char *log_pipe_line(void);

bool log_pipe_is_empty(void);

#endif
