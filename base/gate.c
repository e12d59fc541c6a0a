#include "base/gate.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void gate_pass(struct gate *gate)
{
    int state = GATE_CLOSED;

    if (atomic_compare_exchange_strong(&gate->state, &state, GATE_AWAITED))
        state = GATE_AWAITED;
    /* Returns at once when it has been opened meanwhile; signals and wakes meant for others are passed over. */
    while (state != GATE_OPEN) {
        syscall(SYS_futex, &gate->state, FUTEX_WAIT_PRIVATE, GATE_AWAITED, NULL, NULL, 0);
        state = atomic_load(&gate->state);
    }
}

/* The last line knows an address only: where nobody waits any more it wakes nobody. */
void gate_open(struct gate *gate)
{
    if (atomic_exchange(&gate->state, GATE_OPEN) == GATE_AWAITED)
        syscall(SYS_futex, &gate->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
