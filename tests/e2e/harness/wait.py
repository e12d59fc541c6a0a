"""Waiting for conditions, and doing things at once."""
import http.client
import threading
import time

from local.management import ManagementError
from mongo_command import MongoError

NOT_YET = (AssertionError, OSError, LookupError, http.client.HTTPException, ManagementError, MongoError)

# What takes longer is broken. How long a recovery takes is measured elsewhere.
PATIENCE_S = 90

COME_AGAIN = (503, 408)  # the second is for a client that took too long to send its body


# Whoever is refused for the database's sake has waited for it so long at least.
STALLED_S = 0.3


def eventually(condition, timeout=PATIENCE_S, pause=0.02):
    """Call `condition` until it returns something true, and return that. Failed assertions, refused and cut
    connections, and servers that refuse a request inside it count as not yet. After `timeout` seconds the test fails
    with the last reason."""
    deadline = time.monotonic() + timeout
    while True:
        reason = None
        try:
            if value := condition():
                return value
        except NOT_YET as error:
            reason = error
        if time.monotonic() > deadline:
            what = getattr(condition, "__doc__", None) or getattr(condition, "__name__", "condition")
            raise AssertionError(f"not within {timeout} s: {what}") from reason
        time.sleep(pause)


def known(request, timeout=PATIENCE_S):
    """The answer, once the outcome is known: a server or a client that stalls or a connection that was just cut may
    cost a 503 or a 408."""
    def has_an_outcome():
        """the request has an outcome"""
        answer = request()
        return answer if answer.status not in COME_AGAIN else None

    return eventually(has_an_outcome, timeout)


def asked(request, stalls):
    """The answer. Where the database stood still the request is made again, a few times, and `stalls` gets what came
    instead; any other refusal is an answer."""
    for _ in range(5):
        began = time.monotonic()
        answer = request()
        if answer.status not in COME_AGAIN or b"stopping" in answer.body or time.monotonic() - began < STALLED_S:
            break
        stalls.append(answer)
    return answer


def wait_for_more(items, n, timeout=60):
    """Until a collection that somebody fills has `n` items more."""
    goal = len(items) + n

    def filled():
        """so many more were made"""
        return len(items) >= goal

    eventually(filled, timeout)


class Background:
    """
    Calls each function in a thread of its own, again and again until the end of `with`. What one raises ends its
    thread, and is raised there unless the test has failed already.

        with Background(lambda: made.append(make_event(events))):
            wait_for_more(made, 10)
    """

    IN_HASTE = 5000
    LEISURE_S = 0.02  # from one to the next, of all threads together

    def __init__(self, *functions):
        self.stopping = threading.Event()
        self._errors = []
        self._threads = [threading.Thread(target=self._repeat, args=[function]) for function in functions]

    def slow_down(self, n_done):
        """For who leaves a backlog behind: after the first ones at leisure, so that it is no larger the slower the
        machine is that is to work it off."""
        if n_done >= self.IN_HASTE:
            self.stopping.wait(self.LEISURE_S * len(self._threads))

    def _repeat(self, function):
        try:
            while not self.stopping.is_set():
                function()
        except Exception as error:
            self._errors.append(error)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, failure, *_):
        try:
            self.stop()
        except Exception:
            if not failure:
                raise

    def stop(self):
        """Before the end of `with`."""
        self.stopping.set()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]


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
