"""
bench NAME [--seconds S] [--connections C] [--rate R] [--seed S] [--out FILE]: one bench on private servers.

Starts a private mongod and broker and the services from build/release, measures, checks afterwards that what was
answered is what is stored, and prints what it saw: machine and versions, rates, latencies, processor time of each
process, what was wanted and what is (ok or SHORT). With --out FILE the result is also appended there as a line of
JSON. Ends with 0, with 1 when something is short of what is wanted, with 2 when something is wrong.
"""
import argparse
import dataclasses
import importlib
import signal
import sys
import tempfile
import traceback

from machine import machine
from run import Run

from harness.servers import Servers


@dataclasses.dataclass
class Bench:
    """`measures` for the list; `options` with their defaults; `smoke` is what is enough to see it work, None: another does."""

    module: str
    measures: str
    options: dict
    smoke: dict | None = dataclasses.field(default_factory=dict)


LOAD = {"seconds": 10, "connections": 256, "rate": 0}
SMOKE_REQUESTS = 500  # of each load
BENCHES = {
    "hot-event": Bench("hot_event", "S1, S7: bookings of one event a second, beside the ceilings and PostgreSQL", LOAD),
    "sustained": Bench("sustained", "S2: the same for long, all of it heard; does the backlog grow?",
                       {"seconds": 120, "connections": 256, "rate": 10000}, {"rate": 1000}),
    "many-events": Bench("many_events", "S3: bookings of many events, all alike and by Zipf",
                         {**LOAD, "events": 1000}, {"events": 20}),
    "sold-out": Bench("sold_out", "S4: until the last seat is sold; every loser is answered, no seat is stranded",
                      {"seconds": 60, "connections": 256, "rate": 0, "seats": 50000}, {"seats": 500}),
    "refusals": Bench("refusals", "S5: refusals and reads while another event sells",
                      {"seconds": 10, "connections": 64, "rate": 2000}, {"rate": 200}),
    "one-booking": Bench("one_booking", "S6: one booking alone, against the raw insert", {"times": 1000}, {"times": 50}),
    "start-up": Bench("start_up", "S8: ready after start", {"times": 10}, {"times": 1}),
    "replicas": Bench("replicas", "S9: one event over 1 and 3 replicas, many events over 1, 2 and 4",
                      {**LOAD, "events": 1000}, {"events": 10}),
    "full-store": Bench("full_store", "S10: a store of many bookings and events against an empty one",
                        {**LOAD, "rounds": 3, "bookings": 1000000, "events": 100000},
                        {"rounds": 1, "bookings": 2560, "events": 1000}),
    "large-ledger": Bench("large_ledger", "a day's sale in one ledger: its restart, its disk, the copy made anew",
                          {"bookings": 1000000, "logged": 20000}, {"bookings": 2560, "logged": 500}),
    "connections": Bench("connections", "many open connections, most of them idle", {"seconds": 5, "rate": 500, "idle": 10000},
                         {"rate": 50, "idle": 100}),
    "mix": Bench("mix", "bookings, refusals, reads and cancellations in given shares, judged by the checker",
                 {"seconds": 10, "connections": 64, "rate": 0, "events": 100}, {"events": 5}),
    "ceilings": Bench("ceilings", "what HTTP library, database and broker can do alone",
                      {"seconds": 3, "connections": 256, "messages": 100000}, None),
    "postgres": Bench("postgres", "the peer: the usual transaction in PostgreSQL, by pgbench",
                      {"seconds": 5, "events": 1000}, None),
    "reads": Bench("reads", "GET of an event and of what is left, refusals, each against the bare HTTP library",
                   {"seconds": 2, "connections": 64, "rounds": 3}, {"rounds": 1}),
    "pages": Bench("pages", "a page far down a list against the first one", {"events": 100000, "times": 300},
                   {"events": 1000, "times": 5}),
    "messages": Bench("messages", "how soon a new event can be booked while another sells; how fast sales are heard",
                      {"seconds": 10, "rate": 2000, "messages": 50000}, {"rate": 100, "messages": 1000}),
    "rebuild": Bench("rebuild", "a copy of the catalogue made anew from the log", {"events": 100000, "rounds": 3},
                     {"events": 500, "rounds": 1}),
    "redrive": Bench("redrive", "parked messages brought back to their queue a second", {"messages": 20000, "bytes": 300},
                     {"messages": 500}),
}


def run_bench(name, options, servers, out=None):
    """True when nothing is short of what is wanted."""
    bench = BENCHES[name]
    measure = importlib.import_module(bench.module).measure
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        run = Run(name, options, servers, folder)
        try:
            print(f"{'bench':21} {name}: " + ", ".join(f"{key} {value}" for key, value in vars(options).items()), flush=True)
            print(f"{'machine':21} {run.facts['machine']}", flush=True)
            measure(run)
            print(f"{'versions':21} {run.facts['versions']}", flush=True)
            if out:
                run.write(out)
            return not run.is_short
        finally:
            run.close()


def smoke(names):
    """Every bench for a second: that it works, not how fast. One after the other on the same servers."""
    servers = Servers()
    failed = []
    for name in names:
        bench = BENCHES[name]
        small = {**bench.options, **({"seconds": 1} if "seconds" in bench.options else {}), **(bench.smoke or {})}
        try:
            run_bench(name, argparse.Namespace(**{"requests": SMOKE_REQUESTS, **small}, seed=1), servers)
        except Exception:
            traceback.print_exc()
            failed.append(name)
        print(flush=True)
    print("".join(f"failed: {name}\n" for name in failed) + f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return not failed


def list_benches():
    return "\n".join(f"  {name:13} {bench.measures}" for name, bench in BENCHES.items())


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n\n", 1)[1],
                                     epilog=f"benches:\n{list_benches()}", formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME", nargs="?", choices=list(BENCHES), help="one of those below")
    for option in sorted({option for bench in BENCHES.values() for option in bench.options}):
        users = {name: bench.options[option] for name, bench in BENCHES.items() if option in bench.options}
        parser.add_argument(f"--{option}", type=int, help=", ".join(f"{name} {value}" for name, value in users.items()))
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default 1)")
    parser.add_argument("--out", metavar="FILE", help="append the result as a line of JSON")
    parser.add_argument("--smoke", action="store_true", help="every bench (or NAME) as briefly as can be: does it work?")
    given = parser.parse_args()
    if not given.name and not given.smoke:
        parser.exit(0, f"benches, by scripts/bench NAME:\n{list_benches()}\n")
    return parser, given


def options_of(parser, given):
    defaults = BENCHES[given.name].options
    said = {name: value for name, value in vars(given).items()
            if name not in ("name", "seed", "out", "smoke") and value is not None}
    if unknown := set(said) - set(defaults):
        parser.error(f"{given.name} has no --{min(unknown)}")
    return argparse.Namespace(**{**defaults, **said}, seed=given.seed)


def main():
    # Told to end, it ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser, given = parse()
    if given.smoke:
        sys.exit(not smoke([given.name] if given.name else [name for name, bench in BENCHES.items() if bench.smoke is not None]))
    options = options_of(parser, given)
    try:
        is_fast = run_bench(given.name, options, Servers(), given.out)
    except Exception:
        traceback.print_exc()
        sys.exit(2)
    sys.exit(not is_fast)


if __name__ == "__main__":
    main()
