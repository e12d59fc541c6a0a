#include "undo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    BUCKETS = 1024,
    BITS = 8
};

struct tracked {
    struct tracked *next;
    uint64_t inode;
    uint64_t settled; /* as the disk's when the members below were last empty */
    int file; /* our own; never closed, for that would end the locks that the server has on it */
    bool is_size_saved;
    unsigned char *saved; /* a bit for each page that is in the log since the last sync */
    size_t saved_bytes;
};

static struct {
    pthread_mutex_t lock;
    char data[PATH_MAX];
    size_t data_length;
    char kept[PATH_MAX];
    dev_t device;
    int log;
    struct control *control;
    struct tracked *files[BUCKETS];
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .log = -1};

/* Past the functions that forgetful.c has put before those of the C library. */
static int plain_open(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

void undo_beyond(const char *what, const char *path)
{
    dprintf(STDERR_FILENO, "forgetful: %s is beyond the model: %s: %s\n", what, path,
            strerror(errno));
    abort();
}

static bool map_control(const char *path)
{
    int file = plain_open(path, O_RDWR, 0);
    void *mapped;

    if (file < 0)
        return false;
    mapped = mmap(NULL, sizeof(*disk.control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED)
        disk.control = mapped;
    return disk.control;
}

static void open_log(const char *folder)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/log", folder);
    disk.log = plain_open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    (void)snprintf(disk.kept, sizeof(disk.kept), "%s/kept", folder);
    (void)snprintf(path, sizeof(path), "%s/control", folder);
    if (disk.log < 0 || !map_control(path))
        undo_beyond("a disk without its folder", folder);
}

void undo_open(void)
{
    const char *data = getenv("FORGETFUL_DATA");
    const char *log = getenv("FORGETFUL_LOG");
    struct stat status;

    if (!data || !log)
        return;
    if (!realpath(data, disk.data) || stat(disk.data, &status) != 0)
        undo_beyond("a disk without its folder", data);
    disk.data_length = strlen(disk.data);
    disk.device = status.st_dev;
    open_log(log);
}

bool undo_is_open(void)
{
    return disk.control;
}

void undo_lock(void)
{
    pthread_mutex_lock(&disk.lock);
}

void undo_unlock(void)
{
    pthread_mutex_unlock(&disk.lock);
}

/* Records */

static void append(struct record record, const void *a, const void *b)
{
    struct iovec parts[] = {{&record, sizeof(record)},
                            {(void *)(uintptr_t)a, record.a_size},
                            {(void *)(uintptr_t)b, record.b_size}};
    ssize_t size = (ssize_t)(sizeof(record) + record.a_size + record.b_size);

    if (syscall(SYS_writev, disk.log, parts, 3) != size)
        undo_beyond("a log that cannot be written", disk.kept);
}

/* Paths */

static bool is_below(const char *full)
{
    return strncmp(full, disk.data, disk.data_length) == 0 &&
           (full[disk.data_length] == '/' || full[disk.data_length] == '\0');
}

static bool folder_of(int at, const char *path, char *folder)
{
    char text[PATH_MAX];
    const char *end = strrchr(path, '/');
    size_t length = end ? (size_t)(end - path) : 0;
    int n;

    if (path[0] == '/' || at == AT_FDCWD)
        n = snprintf(text, sizeof(text), "%.*s%s", (int)length, path,
                     length ? ""
                     : end  ? "/"
                            : ".");
    else
        n = snprintf(text, sizeof(text), "/proc/self/fd/%d/%.*s", at, (int)length, path);
    return n > 0 && (size_t)n < sizeof(text) && realpath(text, folder);
}

bool undo_path(int at, const char *path, char *full)
{
    char folder[PATH_MAX];
    const char *end = strrchr(path, '/');
    int error = errno;
    int n;

    if (!undo_is_open() || !folder_of(at, path, folder)) {
        errno = error;
        return false;
    }
    n = snprintf(full, PATH_MAX, "%s/%s", folder, end ? end + 1 : path);
    errno = error;
    return n > 0 && n < PATH_MAX && is_below(full);
}

/* Files */

static void kept_path(uint64_t inode, char *path)
{
    if (snprintf(path, PATH_MAX, "%s/%llu", disk.kept, (unsigned long long)inode) >= PATH_MAX)
        undo_beyond("a long path", disk.kept);
}

/* So that its bytes stay, and its number is not used again, whatever becomes of its names. */
static void keep(const char *path, uint64_t inode, int flags)
{
    char kept[PATH_MAX];

    kept_path(inode, kept);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, flags) != 0 && errno != EEXIST)
        undo_beyond("a file that cannot be kept", path);
}

static void forget_saved(struct tracked *tracked)
{
    if (tracked->saved)
        memset(tracked->saved, 0, tracked->saved_bytes);
    tracked->is_size_saved = false;
    tracked->settled = disk.control->settled;
}

static struct tracked *find(uint64_t inode)
{
    struct tracked *tracked = disk.files[inode % BUCKETS];

    while (tracked && tracked->inode != inode)
        tracked = tracked->next;
    if (tracked && tracked->settled != disk.control->settled)
        forget_saved(tracked);
    return tracked;
}

static struct tracked *track(const char *path, uint64_t inode)
{
    struct tracked *tracked = calloc(1, sizeof(*tracked));
    char kept[PATH_MAX];

    keep(path, inode, AT_SYMLINK_FOLLOW);
    kept_path(inode, kept);
    if (!tracked || (tracked->file = plain_open(kept, O_RDONLY, 0)) < 0)
        undo_beyond("a file that cannot be opened", path);
    tracked->inode = inode;
    tracked->settled = disk.control->settled;
    tracked->next = disk.files[inode % BUCKETS];
    disk.files[inode % BUCKETS] = tracked;
    return tracked;
}

static bool path_of(int file, char *link, char *path)
{
    ssize_t length;

    (void)snprintf(link, PATH_MAX, "/proc/self/fd/%d", file);
    length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
    return length > 0 && is_below(path);
}

struct tracked *undo_file(int file)
{
    char link[PATH_MAX];
    char path[PATH_MAX];
    struct stat status;
    struct tracked *tracked = NULL;
    int error = errno;

    if (undo_is_open() && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_dev == disk.device) {
        tracked = find(status.st_ino);
        if (!tracked && path_of(file, link, path))
            tracked = track(link, status.st_ino);
    }
    errno = error;
    return tracked;
}

bool undo_is_folder(int file)
{
    char link[PATH_MAX];
    char path[PATH_MAX];
    struct stat status;

    return undo_is_open() && fstat(file, &status) == 0 && S_ISDIR(status.st_mode) &&
           path_of(file, link, path);
}

struct tracked *undo_file_at(const char *full)
{
    struct stat status;
    struct tracked *tracked;

    if (stat(full, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    tracked = find(status.st_ino);
    return tracked ? tracked : track(full, status.st_ino);
}

off_t undo_size(const struct tracked *tracked)
{
    struct stat status;

    if (fstat(tracked->file, &status) != 0)
        undo_beyond("a file without a size", disk.data);
    return status.st_size;
}

/* Contents */

static void save_size(struct tracked *tracked)
{
    struct record record = {.kind = KIND_SIZE, .inode = tracked->inode};

    if (tracked->is_size_saved)
        return;
    record.size = (uint64_t)undo_size(tracked);
    append(record, NULL, NULL);
    tracked->is_size_saved = true;
}

/* Marks the page; false when it was marked. */
static bool mark(struct tracked *tracked, size_t page)
{
    size_t bytes = page / BITS + 1;
    unsigned char bit = (unsigned char)(1U << page % BITS);

    if (bytes > tracked->saved_bytes) {
        bytes = (bytes + PAGE_BYTES) * 2;
        tracked->saved = realloc(tracked->saved, bytes);
        if (!tracked->saved)
            undo_beyond("a lack of memory", disk.data);
        memset(tracked->saved + tracked->saved_bytes, 0, bytes - tracked->saved_bytes);
        tracked->saved_bytes = bytes;
    }
    if (tracked->saved[page / BITS] & bit)
        return false;
    tracked->saved[page / BITS] |= bit;
    return true;
}

static void save_page(struct tracked *tracked, size_t page)
{
    static const char zeros[PAGE_BYTES];
    char bytes[PAGE_BYTES];
    struct record record = {
        .kind = KIND_PAGE, .inode = tracked->inode, .offset = (uint64_t)page * PAGE_BYTES};
    ssize_t n;

    if (!mark(tracked, page))
        return;
    n = pread(tracked->file, bytes, sizeof(bytes), (off_t)record.offset);
    if (n < 0)
        undo_beyond("a page that cannot be read", disk.data);
    record.a_size = memcmp(bytes, zeros, (size_t)n) == 0 ? 0 : (uint32_t)n;
    append(record, bytes, NULL);
}

void undo_before_write(struct tracked *tracked, off_t offset, size_t size)
{
    size_t page = (size_t)offset / PAGE_BYTES;
    size_t end = ((size_t)offset + size + PAGE_BYTES - 1) / PAGE_BYTES;

    save_size(tracked);
    for (; page < end; page++)
        save_page(tracked, page);
}

void undo_before_size(struct tracked *tracked, off_t size)
{
    off_t old = undo_size(tracked);
    struct record record = {.kind = KIND_SHRINK, .inode = tracked->inode, .size = (uint64_t)size};

    if (size >= old) {
        save_size(tracked);
        return;
    }
    undo_before_write(tracked, size, (size_t)(old - size));
    append(record, NULL, NULL);
}

void undo_await_sync(void)
{
    while (undo_is_open() && __atomic_load_n(&disk.control->held, __ATOMIC_RELAXED))
        (void)usleep(1000);
}

void undo_sync(struct tracked *tracked)
{
    struct record record = {.kind = KIND_SYNC, .inode = tracked ? tracked->inode : 0};

    if (disk.control->lies)
        return;
    append(record, NULL, NULL);
    if (tracked)
        forget_saved(tracked);
}

/* Folders */

/* The number of what is there, kept if it is a file; 0 when there is nothing. */
static uint64_t keep_at(const char *full)
{
    struct stat status;

    if (lstat(full, &status) != 0)
        return 0;
    if (!S_ISDIR(status.st_mode))
        keep(full, status.st_ino, 0);
    return status.st_ino;
}

struct record undo_change(enum kind kind, const char *from, const char *to)
{
    struct record record = {.kind = kind, .a_size = (uint32_t)strlen(from)};

    if (kind == KIND_UNLINK || kind == KIND_RENAME)
        record.inode = keep_at(from);
    if (to) {
        record.replaced = keep_at(to);
        record.b_size = (uint32_t)strlen(to);
    }
    return record;
}

void undo_changed(struct record record, const char *from, const char *to)
{
    append(record, from, to);
}

/* Room */

bool undo_is_full(void)
{
    return undo_is_open() && disk.control->full;
}

bool undo_refuse(void)
{
    __atomic_fetch_add(&disk.control->refused, 1, __ATOMIC_RELAXED);
    errno = ENOSPC;
    return false;
}

bool undo_has_room(struct tracked *tracked, off_t offset, size_t size)
{
    off_t end = offset + (off_t)size;

    if (!disk.control->full || size == 0)
        return true;
    if (end > undo_size(tracked) || lseek(tracked->file, offset, SEEK_HOLE) < end)
        return undo_refuse();
    return true;
}
