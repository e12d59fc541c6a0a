/* Matching of routing keys as a topic exchange does it. Any thread. */
#ifndef EVENTS_MSGQUEUE_MEMORY_TOPIC_H
#define EVENTS_MSGQUEUE_MEMORY_TOPIC_H

#include <stdbool.h>

/* Words between dots; in @pattern `*` stands for one word and `#` for any number of words. */
bool topic_matches(const char *pattern, const char *key);

#endif
