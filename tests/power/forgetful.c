/*
 * The functions of the C library by which a server changes files, under their own names: what they change is saved
 * before (undo.h), then the real one is called.
 */
#include "undo.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

__attribute__((constructor)) static void open_disk(void)
{
    undo_open();
}

/* The function behind ours, as `real`. */
#define REAL(result, name, parameters)                                                             \
    static result(*real) parameters;                                                               \
                                                                                                   \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* Opening */

typedef int opener(int at, const char *path, int flags, mode_t mode);

static int open_tracked(opener *real, int at, const char *path, const char *full, int flags,
                        mode_t mode)
{
    struct tracked *old = undo_file_at(full);
    bool is_new = access(full, F_OK) != 0;
    struct record record;
    int file;

    if (flags & O_DIRECT)
        undo_beyond("O_DIRECT", full);
    if (is_new && undo_is_full())
        return undo_refuse() - 1;
    record = undo_change(KIND_CREATE, full, NULL);
    if (old && (flags & O_TRUNC))
        undo_before_size(old, 0);
    file = real(at, path, flags, mode);
    if (file >= 0 && is_new)
        undo_changed(record, full, NULL);
    return file;
}

static int open_any(opener *real, int at, const char *path, int flags, mode_t mode)
{
    char full[PATH_MAX];
    int file;

    if (((flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC))) ||
        !undo_path(at, path, full))
        return real(at, path, flags, mode);
    undo_lock();
    file = open_tracked(real, at, path, full, flags, mode);
    undo_unlock();
    return file;
}

static int real_openat(int at, const char *path, int flags, mode_t mode)
{
    REAL(int, openat, (int at, const char *path, int flags, ...));
    return real(at, path, flags, mode);
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

#define OPEN(name, at, parameters)                                                                 \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        va_list more;                                                                              \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(more, flags);                                                                     \
        mode = mode_of(flags, more);                                                               \
        va_end(more);                                                                              \
        return open_any(real_openat, at, path, flags, mode);                                       \
    }

OPEN(open, AT_FDCWD, (const char *path, int flags, ...))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...))
OPEN(openat, at, (int at, const char *path, int flags, ...))
OPEN(openat64, at, (int at, const char *path, int flags, ...))

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return open_any(real_openat, AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
    return open_any(real_openat, AT_FDCWD, path, flags, 0);
}

int creat(const char *path, mode_t mode)
{
    return open_any(real_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

static int flags_of(const char *how)
{
    int flags = strchr(how, '+') ? O_RDWR : how[0] == 'r' ? O_RDONLY : O_WRONLY;

    if (how[0] == 'w')
        flags |= O_CREAT | O_TRUNC;
    if (how[0] == 'a')
        flags |= O_CREAT | O_APPEND;
    return flags | (strchr(how, 'e') ? O_CLOEXEC : 0);
}

/* C++ opens its files so, and then writes to their descriptors. */
static FILE *open_stream(const char *path, const char *how)
{
    int file = open(path, flags_of(how), 0666);

    return file < 0 ? NULL : fdopen(file, how);
}

FILE *fopen(const char *path, const char *how)
{
    return open_stream(path, how);
}

FILE *fopen64(const char *path, const char *how)
{
    return open_stream(path, how);
}

/* Writing */

static off_t place_of(int file, struct tracked *tracked)
{
    return fcntl(file, F_GETFL) & O_APPEND ? undo_size(tracked) : lseek(file, 0, SEEK_CUR);
}

static size_t bytes_of(const struct iovec *parts, int n)
{
    size_t size = 0;

    for (int i = 0; i < n; i++)
        size += parts[i].iov_len;
    return size;
}

/* Whether the disk takes them. */
static bool prepare(struct tracked *tracked, off_t offset, size_t size)
{
    if (!undo_has_room(tracked, offset, size))
        return false;
    undo_before_write(tracked, offset, size);
    return true;
}

/* Where opened so, a write is a sync as well. */
static void written(int file, struct tracked *tracked)
{
    if (fcntl(file, F_GETFL) & O_DSYNC)
        undo_sync(tracked);
}

/* A function that writes `size` bytes of `file` at `place`. */
#define WRITES(name, place, size, parameters, arguments)                                           \
    ssize_t name parameters;                                                                       \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        REAL(ssize_t, name, parameters);                                                           \
        struct tracked *tracked;                                                                   \
        ssize_t n = -1;                                                                            \
                                                                                                   \
        if (!undo_is_open())                                                                       \
            return real arguments;                                                                 \
        undo_lock();                                                                               \
        tracked = undo_file(file);                                                                 \
        if (!tracked) {                                                                            \
            undo_unlock();                                                                         \
            return real arguments;                                                                 \
        }                                                                                          \
        if (prepare(tracked, place, size)) {                                                       \
            n = real arguments;                                                                    \
            written(file, tracked);                                                                \
        }                                                                                          \
        undo_unlock();                                                                             \
        return n;                                                                                  \
    }

WRITES(write, place_of(file, tracked), count, (int file, const void *data, size_t count),
       (file, data, count))
WRITES(pwrite, offset, count, (int file, const void *data, size_t count, off_t offset),
       (file, data, count, offset))
WRITES(pwrite64, offset, count, (int file, const void *data, size_t count, off_t offset),
       (file, data, count, offset))
WRITES(writev, place_of(file, tracked), bytes_of(parts, n_parts),
       (int file, const struct iovec *parts, int n_parts), (file, parts, n_parts))
WRITES(pwritev, offset, bytes_of(parts, n_parts),
       (int file, const struct iovec *parts, int n_parts, off_t offset),
       (file, parts, n_parts, offset))
WRITES(pwritev64, offset, bytes_of(parts, n_parts),
       (int file, const struct iovec *parts, int n_parts, off_t offset),
       (file, parts, n_parts, offset))

/* Ways to write that neither server takes at the versions at hand. */
static void check_beyond(const char *what, int file)
{
    undo_lock();
    if (undo_file(file))
        undo_beyond(what, "one of its files");
    undo_unlock();
}

/* The buffers of the C library are written past all that stands here. */
size_t fwrite(const void *data, size_t size, size_t n, FILE *stream)
{
    REAL(size_t, fwrite, (const void *, size_t, size_t, FILE *));
    if (undo_is_open() && fileno(stream) > STDERR_FILENO)
        check_beyond("fwrite", fileno(stream));
    return real(data, size, n, stream);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    REAL(ssize_t, sendfile, (int, int, off_t *, size_t));
    check_beyond("sendfile", to);
    return real(to, from, offset, size);
}

ssize_t sendfile64(int to, int from, off_t *offset, size_t size)
{
    REAL(ssize_t, sendfile64, (int, int, off_t *, size_t));
    check_beyond("sendfile", to);
    return real(to, from, offset, size);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size,
                        unsigned flags)
{
    REAL(ssize_t, copy_file_range, (int, off64_t *, int, off64_t *, size_t, unsigned));
    check_beyond("copy_file_range", to);
    return real(from, from_offset, to, to_offset, size, flags);
}

void *mmap(void *where, size_t size, int protection, int flags, int file, off_t offset)
{
    REAL(void *, mmap, (void *, size_t, int, int, int, off_t));
    if (file >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE))
        check_beyond("a shared writable mapping", file);
    return real(where, size, protection, flags, file, offset);
}

/* Sizes */

#define RESIZES(name, new_size, parameters, arguments)                                             \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        REAL(int, name, parameters);                                                               \
        struct tracked *tracked;                                                                   \
        int result;                                                                                \
                                                                                                   \
        undo_lock();                                                                               \
        tracked = undo_file(file);                                                                 \
        if (tracked)                                                                               \
            undo_before_size(tracked, new_size);                                                   \
        result = real arguments;                                                                   \
        undo_unlock();                                                                             \
        return result;                                                                             \
    }

RESIZES(ftruncate, size, (int file, off_t size), (file, size))
RESIZES(ftruncate64, size, (int file, off_t size), (file, size))

int truncate(const char *path, off_t size)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : ftruncate(file, size);

    if (file >= 0)
        close(file);
    return result;
}

int truncate64(const char *path, off_t size)
{
    return truncate(path, size);
}

/* Room that is taken beforehand: only its end is a change, for what it holds is zeros. */
static bool prepare_room(int file, int mode, off_t offset, off_t size)
{
    struct tracked *tracked = undo_file(file);

    if (!tracked)
        return true;
    if (mode & ~FALLOC_FL_KEEP_SIZE)
        undo_beyond("fallocate with holes", "one of its files");
    if (!undo_has_room(tracked, offset, (size_t)size))
        return false;
    undo_before_size(tracked, undo_size(tracked));
    return true;
}

int fallocate(int file, int mode, off_t offset, off_t size)
{
    REAL(int, fallocate, (int, int, off_t, off_t));
    int result = -1;

    undo_lock();
    if (prepare_room(file, mode, offset, size))
        result = real(file, mode, offset, size);
    undo_unlock();
    return result;
}

int posix_fallocate(int file, off_t offset, off_t size)
{
    REAL(int, posix_fallocate, (int, off_t, off_t));
    int result = ENOSPC;

    undo_lock();
    if (prepare_room(file, 0, offset, size))
        result = real(file, offset, size);
    undo_unlock();
    return result;
}

/* Syncs. What the machine does is of no interest: durable is what the log says. */

static bool synced(int file)
{
    struct tracked *tracked;
    bool is_ours;

    undo_await_sync();
    undo_lock();
    tracked = undo_file(file);
    is_ours = tracked || undo_is_folder(file);
    if (is_ours)
        undo_sync(tracked);
    undo_unlock();
    return is_ours;
}

int fsync(int file)
{
    REAL(int, fsync, (int));
    return synced(file) ? 0 : real(file);
}

int fdatasync(int file)
{
    REAL(int, fdatasync, (int));
    return synced(file) ? 0 : real(file);
}

/* Folders */

#define CHANGES(name, kind, at, path, parameters, arguments)                                       \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        REAL(int, name, parameters);                                                               \
        char full[PATH_MAX];                                                                       \
        struct record record;                                                                      \
        int result;                                                                                \
                                                                                                   \
        if (!undo_path(at, path, full))                                                            \
            return real arguments;                                                                 \
        undo_lock();                                                                               \
        record = undo_change(kind, full, NULL);                                                    \
        result = real arguments;                                                                   \
        if (result == 0)                                                                           \
            undo_changed(record, full, NULL);                                                      \
        undo_unlock();                                                                             \
        return result;                                                                             \
    }

CHANGES(unlink, KIND_UNLINK, AT_FDCWD, path, (const char *path), (path))
CHANGES(rmdir, KIND_RMDIR, AT_FDCWD, path, (const char *path), (path))
CHANGES(mkdir, KIND_MKDIR, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
CHANGES(link, KIND_LINK, AT_FDCWD, to, (const char *from, const char *to), (from, to))
CHANGES(symlink, KIND_LINK, AT_FDCWD, to, (const char *from, const char *to), (from, to))
CHANGES(unlinkat, flags &AT_REMOVEDIR ? KIND_RMDIR : KIND_UNLINK, at, path,
        (int at, const char *path, int flags), (at, path, flags))

int remove(const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return -1;
    return S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, (const char *, const char *));
    char full_from[PATH_MAX];
    char full_to[PATH_MAX];
    struct record record;
    int result;

    if (!undo_path(AT_FDCWD, from, full_from) || !undo_path(AT_FDCWD, to, full_to))
        return real(from, to);
    undo_lock();
    record = undo_change(KIND_RENAME, full_from, full_to);
    result = real(from, to);
    if (result == 0)
        undo_changed(record, full_from, full_to);
    undo_unlock();
    return result;
}

/* What is free, as `df` says it to the broker */

#define TELLS_ROOM(name, type, parameters, arguments)                                              \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        REAL(int, name, parameters);                                                               \
        int result = real arguments;                                                               \
                                                                                                   \
        if (result == 0 && undo_is_full())                                                         \
            room->f_bfree = room->f_bavail = 0;                                                    \
        return result;                                                                             \
    }

TELLS_ROOM(statvfs, statvfs, (const char *path, struct statvfs *room), (path, room))
TELLS_ROOM(statvfs64, statvfs64, (const char *path, struct statvfs64 *room), (path, room))
TELLS_ROOM(statfs, statfs, (const char *path, struct statfs *room), (path, room))
TELLS_ROOM(statfs64, statfs64, (const char *path, struct statfs64 *room), (path, room))
