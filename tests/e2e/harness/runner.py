"""Runs the tests of one program."""
import os
import signal
import sys
import tempfile
import time
import traceback

from harness.servers import Servers
from harness.world import World

LOG_END_BYTES = 3000


def _tell(services):
    """What failed comes first: an output may be cut."""
    traceback.print_exc(file=sys.stdout)
    for service in services:
        if os.path.exists(service.log):
            print(f"--- the end of the log of {service.name}\n{service.log_text()[-LOG_END_BYTES:]}")


def _passes(test, servers, folder):
    world = World(servers, folder)
    try:
        try:
            test(world)
            complaints = world.complaints()
            assert not complaints, "; ".join(complaints)
        finally:
            world.close()
    except Exception:
        _tell(world.services)
        return False
    return True


def run(*tests):
    """
    Run each test with a fresh World and end the program. A test is a function whose docstring starts with the
    rows of the promises it shows: "P4: messages wait while the booking service is down". It fails by any
    exception, by a service that ended by itself, and by a sanitizer's report. Words on the command line choose
    tests by a part of their name.
    """
    # Cleaning up is in `finally` blocks; the default action of SIGTERM would jump over them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [test for test in tests if not sys.argv[1:] or any(word in test.__name__ for word in sys.argv[1:])]
    failed = 0
    servers = Servers()
    with tempfile.TemporaryDirectory(prefix="myevents-e2e.", dir=os.environ.get("MYEVENTS_TEST_FOLDER")) as folder:
        for test in chosen:
            began = time.monotonic()
            good = _passes(test, servers, folder)
            failed += not good
            word = "ok" if good else "FAILED"
            print(f"{word:6} {time.monotonic() - began:6.1f} s  {test.__doc__.splitlines()[0]}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
