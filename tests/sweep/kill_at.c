/*
 * Preloaded into a service by a sweep: the process dies, as of kill -9, right before its n-th call that a
 * peer could notice, counted over all threads: sending, receiving, waiting, connecting, accepting, closing.
 * The file KILL_AT_FILE is shared with whoever runs the sweep: how many calls are left (0: it is not armed),
 * and how many were counted since it was armed, both as 64 bits.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct shared {
    _Atomic int64_t left;
    _Atomic int64_t counted;
};

static struct shared *shared;

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
COUNTED(int, connect, (int file, const struct sockaddr *to, socklen_t size), (file, to, size))
COUNTED(int, accept, (int file, struct sockaddr *from, socklen_t *size), (file, from, size))
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
