/*
 * What of the files below one folder is not durable yet, and the log that can take it back (forgetful.h). All but
 * undo_open() want the lock to be held around them and around the change that they prepare, so that no sync comes
 * between what was saved and what is written.
 */
#ifndef UNDO_H
#define UNDO_H

#include "forgetful.h"

#include <stdbool.h>
#include <sys/types.h>

/* A regular file below the folder; of the process, for good. */
struct tracked;

/* Reads the environment. Without FORGETFUL_DATA there is no disk, and every path is somebody else's. */
void undo_open(void);
bool undo_is_open(void);

void undo_lock(void);
void undo_unlock(void);

/*
 * The absolute @full (PATH_MAX bytes) of @path as seen from the folder @at; false when it is not below FORGETFUL_DATA
 * or its folder is missing. The last part is not followed if it is a link.
 */
bool undo_path(int at, const char *path, char *full);

/* The file behind a descriptor or a path; NULL when it is none of ours. */
struct tracked *undo_file(int file);
struct tracked *undo_file_at(const char *full);
/* Whether @file is a folder that is ours. */
bool undo_is_folder(int file);

/* To be called before the change. */
void undo_before_write(struct tracked *tracked, off_t offset, size_t size);
void undo_before_size(struct tracked *tracked, off_t size);

/*
 * A change of folders, from KIND_CREATE on, is prepared before it is tried and written down when it has happened: one
 * that the log lacks because the server died in between is one that has become durable at once. @to of KIND_RENAME
 * only.
 */
struct record undo_change(enum kind kind, const char *from, const char *to);
void undo_changed(struct record record, const char *from, const char *to);

/* Wait while the disk is held; without the lock. */
void undo_await_sync(void);
/* @tracked, or NULL for a folder, is durable; unless the disk lies. */
void undo_sync(struct tracked *tracked);

off_t undo_size(const struct tracked *tracked);
/* Whether the disk is full. */
bool undo_is_full(void);
/* Whether these bytes can be written: on a full disk only where there are some already. Counts refusals. */
bool undo_has_room(struct tracked *tracked, off_t offset, size_t size);
bool undo_refuse(void);

/* End the process, for @what is beyond the model. */
void undo_beyond(const char *what, const char *path);

#endif
