#include "base/gate.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void gate_pass(struct gate *gate)
{
    /* Returns at once when it has been opened meanwhile; signals and wakes meant for others are passed over. */
    while (!atomic_load(&gate->is_open))
        syscall(SYS_futex, &gate->is_open, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

/* The second line knows an address only: where nobody waits any more it wakes nobody. */
void gate_open(struct gate *gate)
{
    atomic_store(&gate->is_open, 1);
    syscall(SYS_futex, &gate->is_open, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
