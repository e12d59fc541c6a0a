"""Processes that outlive the script that starts them, found again by id and start time."""
import contextlib
import os
import signal
import subprocess
import time


class ProcessError(Exception):
    pass


def _stat(pid):
    """Whether a process lives, and its start time; None when there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie is dead, but while threads of it are still ending its ports are not free.
    return fields[0] != "Z" or int(fields[17]) > 1, int(fields[19])


def _give_way(pid, nice):
    """Linux shares processors between sessions first (autogroup of sched(7)), and only within one of them by nice. Where
    it does not do so, or lets nobody say so just now, the process is only less polite."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        with open(f"/proc/{pid}/autogroup", "w") as group:
            group.write(str(nice))


def start(argv, log, environment=None, nice=0):
    """Start a process of its own session in the folder of `log`, which takes its output; it inherits nothing
    of ours, and where it is `nice` it comes after others that want a processor."""
    with open(log, "ab") as output:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                 env=environment, cwd=os.path.dirname(log), start_new_session=True)
    if nice:
        _give_way(child.pid, nice)
    return describe(child.pid)


def describe(pid):
    """What is kept of a living process, to know it again."""
    return {"pid": pid, "started": _stat(pid)[1]}


def is_alive(process):
    """Ids are used again, so the start time has to be the same as well."""
    return bool(process) and _stat(process["pid"]) == (True, process["started"])


def send(process, number):
    if is_alive(process):
        os.kill(process["pid"], number)


def await_end(process, timeout=20):
    """Wait for the end of a process that was told to end; after `timeout` seconds it is killed."""
    if not wait_until(lambda: not is_alive(process), timeout):
        send(process, signal.SIGKILL)
        if not wait_until(lambda: not is_alive(process), 10):
            raise ProcessError(f"process {process['pid']} does not end")


def end(process, number=signal.SIGTERM, timeout=20):
    send(process, number)
    await_end(process, timeout)


def wait_until(condition, timeout, pause=0.02):
    """Poll until `condition()` is true; False when that takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def await_ready(name, process, is_ready, log, timeout):
    """Wait until `is_ready()`; a process that ends before, or takes too long, is shown by its last lines."""
    wait_until(lambda: is_ready() or not is_alive(process), timeout, pause=0.05)
    if is_alive(process) and is_ready():
        return
    reason = "does not answer" if is_alive(process) else "ended at its start"
    raise ProcessError(f"{name} {reason}; the end of {log}:\n{tail(log)}")


def tail(log, lines=20):
    with open(log, errors="replace") as file:
        return "".join(file.readlines()[-lines:])
