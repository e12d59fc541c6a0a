#!/usr/bin/python3
"""
power.py [--minutes M] [--seed S] [PART...]: power is lost, and disks are full, under load. Parts: disk, losses, liar,
full; without one all. Servers of its own are started, whatever MYEVENTS_TEST_STACK says: on a disk that forgets what
was not synced (README.md). The seed decides what is lost, and when; --minutes is how long losses go on, else each kind
comes once. The last line counts for scripts/check: `N passed, N failed`.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "campaign")]

from harness.servers import ROOT  # noqa: E402 (after the path)
from harness.world import World  # noqa: E402

import forgets  # noqa: E402
import full  # noqa: E402
import liar  # noqa: E402
import losses  # noqa: E402
from servers import ForgetfulServers  # noqa: E402

# Name, whether it needs servers, what to run. A part returns what it has to say of itself.
PARTS = (("disk", False, forgets.run), ("losses", True, losses.run), ("full", True, full.run), ("liar", True, liar.run))
KEPT = os.path.join(ROOT, "build", "power")
LOG_END_BYTES = 3000


class Stage:
    """What a part gets: `folder`, `chance`, `minutes`, and when it needs them `servers` and `world`."""

    def __init__(self, options, folder, servers):
        self.folder = folder
        self.minutes = options.minutes
        self.chance = random.Random(options.seed)
        self.servers = servers
        self.world = servers and World(servers, folder)


def options_of(argv):
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("parts", nargs="*", help="words of what is run")
    options = parser.parse_args(argv)
    unknown = set(options.parts) - {name for name, *_ in PARTS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def passes(part, options, folder, servers):
    name, _, run = part
    began = time.monotonic()
    stage = None
    try:
        stage = Stage(options, folder, servers)
        said = run(stage)
        print(f"ok     {time.monotonic() - began:6.1f} s  {name}: {said}", flush=True)
        return True
    except Exception:
        traceback.print_exc(file=sys.stdout)
        for service in stage.world.services if stage and stage.world else []:
            print(f"--- the end of the log of {service.name}\n{service.log_text()[-LOG_END_BYTES:]}")
        print(f"FAILED {time.monotonic() - began:6.1f} s  {name}", flush=True)
        return False
    finally:
        if stage and stage.world:
            stage.world.close()


def keep(folder, seed):
    kept = os.path.join(KEPT, str(seed))
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    print(f"kept in {kept}")


def main():
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {options.seed}", flush=True)
    chosen = [part for part in PARTS if not options.parts or part[0] in options.parts]
    servers = None
    results = []
    with tempfile.TemporaryDirectory(prefix="myevents-power.", dir=os.environ.get("MYEVENTS_TEST_FOLDER")) as folder:
        try:
            for part in chosen:
                if part[1] and not servers:
                    servers = ForgetfulServers(os.path.join(folder, "stack"), random.Random(options.seed))
                results.append(passes(part, options, folder, servers if part[1] else None))
        finally:
            if servers:
                servers.close()
            if not all(results):
                keep(folder, options.seed)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
