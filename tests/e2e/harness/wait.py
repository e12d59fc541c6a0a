"""Waiting for conditions, and doing things at once."""
import threading
import time


def eventually(condition, timeout=15, pause=0.02):
    """Call `condition` until it returns something true, and return that. Failed assertions and refused
    connections inside it count as not yet. After `timeout` seconds the test fails with the last reason."""
    deadline = time.monotonic() + timeout
    while True:
        reason = None
        try:
            if value := condition():
                return value
        except (AssertionError, OSError, LookupError) as error:
            reason = error
        if time.monotonic() > deadline:
            what = getattr(condition, "__doc__", None) or getattr(condition, "__name__", "condition")
            raise AssertionError(f"not within {timeout} s: {what}") from reason
        time.sleep(pause)


def at_once(n, function):
    """Call function(0) to function(n - 1) in as many threads, and return their results in this order. The
    first exception is raised here when all have ended."""
    results, errors = [None] * n, []
    start = threading.Barrier(n)

    def run(i):
        try:
            start.wait()
            results[i] = function(i)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[i]) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
