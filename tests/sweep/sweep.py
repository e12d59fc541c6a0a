#!/usr/bin/python3
"""
sweep.py [--every] [--minutes M] [--skip N] [--seed S] [PART...]: "at any moment" as a finite list. Parts: kills (F2,
kills.py), cuts (F3, cuts.py), connects (F17, connects.py); without one all. --every cuts at each byte instead of the
boundaries and a few others, which takes hours: --minutes ends it in good order, each place having had its share of the
time, and --skip goes on where another run of this seed ended. Servers of its own are started unless
MYEVENTS_TEST_STACK names a folder of `scripts/stack`. Prints how many points were tried of how many; the last line
counts for scripts/check: `N passed, N failed`.
"""
import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness.servers import Servers  # noqa: E402 (after the path)
from harness.world import World  # noqa: E402

import connects  # noqa: E402
import cuts  # noqa: E402
import kills  # noqa: E402
from stage import Stage  # noqa: E402

LOG_END_BYTES = 3000


def options_of(argv):
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("parts", nargs="*", help="words of what is swept: kills, cuts, Book, Relay, ...")
    return parser.parse_args(argv)


def sweeps(options):
    """(name, what it does, function of a stage and a deadline: how many points it tried, of how many)."""
    rows = [(f"kills {kind.__name__}", f"killed at every call of {kind.__doc__}",
             lambda stage, _, kind=kind: kills.sweep(stage, kind)) for kind in kills.OPERATIONS]
    rows += [(f"cuts {kind.__name__}", f"cut at bytes {kind.__doc__}",
              lambda stage, deadline, kind=kind: cuts.sweep(stage, kind, options, deadline)) for kind in cuts.PLACES]
    rows += [(f"connects {' '.join(kind.__name__ for kind in kinds)}", f"calls for connections fail in {connects.told(kinds)}",
              lambda stage, deadline, kinds=kinds: connects.sweep(stage, kinds, options, deadline))
             for kinds in connects.groups(options)]
    return [row for row in rows if not options.parts or any(part in row[0] for part in options.parts)]


def run(servers, folder, what, function, deadline):
    world = World(servers, folder)
    stage = None
    began = time.monotonic()
    try:
        stage = Stage(world)
        tried, points = function(stage, deadline)
        summary = stage.judge()
        complaints = world.complaints()
        assert not complaints, "; ".join(complaints)
    except Exception:
        traceback.print_exc(file=sys.stdout)
        for service in world.services:
            print(f"--- the end of the log of {service.name}\n{service.log_text()[-LOG_END_BYTES:]}")
        print(f"FAILED {time.monotonic() - began:6.1f} s  {what}", flush=True)
        return False
    finally:
        if stage:
            stage.close()
        world.close()
    print(f"ok     {time.monotonic() - began:6.1f} s  {what}: {tried} of {points} points, {summary['calls']} calls,"
          f" {summary['entries']} entries, 0 violations", flush=True)
    return True


def main():
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {options.seed}", flush=True)
    servers = Servers()
    results = []
    end = time.monotonic() + options.minutes * 60
    rows = sweeps(options)
    with tempfile.TemporaryDirectory(prefix="myevents-sweep.", dir=os.environ.get("MYEVENTS_TEST_FOLDER")) as folder:
        for n, (_, what, function) in enumerate(rows):
            now = time.monotonic()
            results.append(run(servers, folder, what, function, now + (end - now) / (len(rows) - n)))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
