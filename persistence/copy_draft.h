/*
 * A new copy that is made beside the one in use and then takes its place at once. Until then nobody reads
 * it; what is written to the copy in use in the meantime is not in it, so whoever fills a draft reads the
 * rest of the log once more afterwards, into the copy that is then in use.
 *
 * A draft that its program did not bring to an end is dropped when the next one is opened. Of two
 * programs at work at the same time the later one gets through; the other ends with ERROR_CONFLICT
 * and has changed nothing.
 *
 * Only where other programs can reach the data: the memory backend answers ERROR_UNSUPPORTED. One thread at
 * a time. Errors beside those named are those of database.h.
 */
#ifndef EVENTS_PERSISTENCE_COPY_DRAFT_H
#define EVENTS_PERSISTENCE_COPY_DRAFT_H

#include "persistence/copy_store.h"

struct copy_draft;

/* An empty one with its indexes, beside the copy of @database. */
MUST_CHECK bool copy_draft_open(struct database *database, struct copy_draft **draft,
                                struct error *error);

/* What it is filled by: put_events, put_locations. Ends with the draft. */
struct copy_store *copy_draft_store(struct copy_draft *draft);

/* Take over from the copy in use, byte for byte, what the draft does not have. @n_kept: how many. */
MUST_CHECK bool copy_draft_keep(struct copy_draft *draft, int64_t *n_kept, struct error *error);

/*
 * Let it take the place of the copy in use, and let whoever reads @log into it go on from @offset. After
 * ERROR_OUTCOME_UNKNOWN, or the death of the process in between, one kind may be the new one and the
 * other not: then all of the log is read into both, and the whole can be done again.
 */
MUST_CHECK bool copy_draft_install(struct copy_draft *draft, const char *log, int64_t offset,
                                   struct error *error);

/* Drops it unless it was installed. NULL is fine. */
void copy_draft_free(struct copy_draft *draft);
DEFINE_FREEP(copy_draft_free, struct copy_draft)

#endif
