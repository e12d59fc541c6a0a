/*
 * Preloaded into a service by a sweep: the process dies, as of kill -9, right before its n-th call that a
 * peer could notice, counted over all threads: sending, receiving, waiting, connecting, accepting, closing.
 * Or it lives, and its n-th socket(), connect() or accept() fails, and some after it.
 * The file KILL_AT_FILE is shared with whoever runs the sweep: struct shared, all of it 64 bits.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
    CALL_SOCKET,
    CALL_CONNECT,
    CALL_ACCEPT,
    N_CALLS
};

struct shared {
    _Atomic int64_t left;    /* calls until it dies; 0: it is not armed */
    _Atomic int64_t counted; /* since it was armed */
    _Atomic int64_t failing; /* the call that is to fail */
    _Atomic int64_t before;  /* calls of it until the first that fails */
    _Atomic int64_t n_fail;  /* so many, one after the other; 0: none */
    _Atomic int64_t error_number;
    _Atomic int64_t late; /* the connection is in progress, and fails then */
    _Atomic int64_t calls[N_CALLS];
};

static struct shared *shared;
static _Atomic int late_file = -1; /* whose connection is about to fail */

__attribute__((constructor)) static void open_shared(void)
{
    const char *path = getenv("KILL_AT_FILE");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped;

    if (file < 0)
        return;
    mapped = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED)
        shared = mapped;
}

static void count(void)
{
    if (!shared || atomic_load(&shared->left) <= 0)
        return;
    atomic_fetch_add(&shared->counted, 1);
    if (atomic_fetch_sub(&shared->left, 1) == 1)
        (void)raise(SIGKILL);
}

/* What is written to files and terminals no peer can notice. */
static void count_socket(int file)
{
    struct stat status;

    if (shared && atomic_load(&shared->left) > 0 && fstat(file, &status) == 0 &&
        S_ISSOCK(status.st_mode))
        count();
}

static bool fails(enum call call)
{
    int64_t before;

    if (!shared)
        return false;
    atomic_fetch_add(&shared->calls[call], 1);
    if (atomic_load(&shared->n_fail) == 0 || atomic_load(&shared->failing) != (int64_t)call)
        return false;
    before = atomic_fetch_sub(&shared->before, 1);
    return before <= 0 && before > -atomic_load(&shared->n_fail);
}

static int failure(void)
{
    errno = (int)atomic_load(&shared->error_number);
    return -1;
}

/* A function of the C library, under its own name. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

int socket(int domain, int type, int protocol)
{
    REAL(socket);
    return fails(CALL_SOCKET) ? failure() : real(domain, type, protocol);
}

int connect(int file, const struct sockaddr *to, socklen_t size)
{
    bool late;

    REAL(connect);
    count_socket(file);
    if (!fails(CALL_CONNECT))
        return real(file, to, size);
    late = atomic_load(&shared->late) != 0;
    /* What was interrupted goes on nevertheless. */
    if (late || atomic_load(&shared->error_number) == EINTR)
        (void)real(file, to, size);
    if (!late)
        return failure();
    atomic_store(&late_file, file);
    errno = EINPROGRESS;
    return -1;
}

int getsockopt(int file, int level, int name, void *restrict value, socklen_t *restrict size)
{
    int late = file;

    REAL(getsockopt);
    if (level != SOL_SOCKET || name != SO_ERROR || !shared ||
        !atomic_compare_exchange_strong(&late_file, &late, -1))
        return real(file, level, name, value, size);
    *(int *)value = (int)atomic_load(&shared->error_number);
    return 0;
}

int accept(int file, struct sockaddr *restrict from, socklen_t *restrict size)
{
    REAL(accept);
    count_socket(file);
    return fails(CALL_ACCEPT) ? failure() : real(file, from, size);
}

/* A function of the C library, counted, under its own name. */
#define COUNTED(result, name, parameters, arguments)                                               \
    result name parameters;                                                                        \
    result name parameters                                                                         \
    {                                                                                              \
        static result(*real) parameters;                                                           \
                                                                                                   \
        if (!real)                                                                                 \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                                             \
        count_socket(file);                                                                        \
        return real arguments;                                                                     \
    }

COUNTED(ssize_t, send, (int file, const void *data, size_t size, int flags),
        (file, data, size, flags))
COUNTED(ssize_t, sendto,
        (int file, const void *data, size_t size, int flags, const struct sockaddr *to,
         socklen_t to_size),
        (file, data, size, flags, to, to_size))
COUNTED(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags),
        (file, message, flags))
COUNTED(ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
COUNTED(ssize_t, writev, (int file, const struct iovec *parts, int n), (file, parts, n))
COUNTED(ssize_t, recv, (int file, void *data, size_t size, int flags), (file, data, size, flags))
COUNTED(ssize_t, __recv_chk, (int file, void *data, size_t size, size_t room, int flags),
        (file, data, size, room, flags))
COUNTED(ssize_t, read, (int file, void *data, size_t size), (file, data, size))
COUNTED(ssize_t, __read_chk, (int file, void *data, size_t size, size_t room),
        (file, data, size, room))
COUNTED(int, close, (int file), (file))

int poll(struct pollfd *files, nfds_t n, int timeout_ms)
{
    static int (*real)(struct pollfd * files, nfds_t n, int timeout_ms);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "poll");
    count();
    return real(files, n, timeout_ms);
}

int __poll_chk(struct pollfd *files, nfds_t n, int timeout_ms, size_t room);
int __poll_chk(struct pollfd *files, nfds_t n, int timeout_ms, size_t room)
{
    static int (*real)(struct pollfd * files, nfds_t n, int timeout_ms, size_t room);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "__poll_chk");
    count();
    return real(files, n, timeout_ms, room);
}
