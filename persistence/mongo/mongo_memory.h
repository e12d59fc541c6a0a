/*
 * Where the driver takes its memory from. It cannot go on without what it asked for, and would end the process
 * at once, in words that are no line of the log.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_MEMORY_H
#define EVENTS_PERSISTENCE_MONGO_MEMORY_H

/*
 * Once, before the driver allocates anything. From then on it waits up to a second for memory that others give
 * back, from whichever thread; then the process ends, with EXIT_FAILURE and a line that names how much was
 * wanted. Crash-only: what was acknowledged is stored.
 */
void mongo_memory_watch(void);

#endif
