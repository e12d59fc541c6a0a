/*
 * A disk that forgets what was not synced, put before the libraries of a database or broker (LD_PRELOAD).
 *
 * Every change below the folder FORGETFUL_DATA goes through to the real file, and beforehand what it changes is
 * written to a log in the folder FORGETFUL_LOG. After kill -9 of the server disk.py reads that log and takes back
 * what no sync had made durable. README.md says what may be taken back, and why a real disk may do that.
 *
 * The log is a row of records in the order in which things happened: a struct record, then a_size bytes and b_size
 * bytes. An inode that was ever opened for writing stays reachable as FORGETFUL_LOG/kept/INODE.
 *
 * The file FORGETFUL_LOG/control is a struct control, by which the tests command the disk while it is in use.
 *
 * What the model does not know (shared writable mappings, O_DIRECT, sendfile, buffered FILEs) ends the process with a
 * line on standard error, for a run with them would show nothing.
 */
#ifndef FORGETFUL_H
#define FORGETFUL_H

#include <stdint.h>

enum {
    PAGE_BYTES = 4096
};

enum kind {
    KIND_PAGE = 1,    /* page @offset of @inode was a (empty: zeros, or behind the end) */
    KIND_SIZE = 2,    /* @inode had @size bytes; before the first change after a sync */
    KIND_SYNC = 3,    /* what @inode holds is durable, and all changes of folders before */
    KIND_SHRINK = 4,  /* @inode is cut to @size bytes */
    KIND_CREATE = 5,  /* the file a appeared */
    KIND_RENAME = 6,  /* a, which is @inode, became b, which was @replaced (0: nothing) */
    KIND_UNLINK = 7,  /* a, which was @inode, is gone */
    KIND_LINK = 8,    /* the name a appeared */
    KIND_MKDIR = 9,   /* the folder a appeared */
    KIND_RMDIR = 10,  /* the folder a is gone */
    KIND_SETTLED = 11 /* all of it is durable; written by the tests */
};

struct record {
    uint32_t kind;
    uint32_t a_size;
    uint32_t b_size;
    uint32_t unused;
    uint64_t inode;
    uint64_t replaced;
    uint64_t offset;
    uint64_t size;
};

struct control {
    uint64_t settled; /* grows by one when all that was saved before is of no use any more */
    uint64_t full;    /* not 0: no room for anything new */
    uint64_t lies;    /* not 0: a sync does nothing */
    uint64_t held;    /* not 0: a sync does not come back */
    uint64_t refused; /* how often there was no room */
};

#endif
