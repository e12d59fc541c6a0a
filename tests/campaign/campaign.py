#!/usr/bin/python3
"""
campaign.py [--minutes M] [--seed S] [--replicas N] [--rate R] [--only FAULT]: real processes, clients who write
down what they see, faults by seed, and the checker at the end and once more after everything was killed.

Servers of its own are started unless MYEVENTS_TEST_STACK names a folder of `scripts/stack`. The same seed injects the
same faults in the same order; what the machine does meanwhile is its own. A long run is a row of rounds of some minutes,
each with databases, clients and a judgement of its own and with the next seed. When the run fails its history is kept,
and the last line but one says where. The last line counts for scripts/check: `N passed, N failed`.
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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness import at_once, eventually, known  # noqa: E402 (after the path)
from harness.history import History  # noqa: E402
from harness.servers import ROOT, Servers  # noqa: E402
from harness.world import World  # noqa: E402

import faults  # noqa: E402
from people import People, make_events  # noqa: E402
from report import Report  # noqa: E402
from town import OLD_BUILD, THREADS, Town  # noqa: E402

KEPT = os.path.join(ROOT, "build", "campaign")
CAPACITIES = (10, 50, 200, 1000, None)
N_CLIENTS = 8
ROUND_MINUTES = 5
CUTS = 5
# Connections come and go with what is asked of them; each cut ends more than that.
POOL = 3
# What is flat within 5 % when it is large; a small process may keep a little more.
MEMORY_SHARE, MEMORY_BYTES = 1.05, 2 << 20
# What is promised is 5 and 15 s; the machine may have other things to do.
ANSWERED_WITHIN_S = 15
QUIET_WITHIN_S = 45
# The broker tells lengths of queues that are up to two of its seconds old.
STALE_S = 2.5

# What even a short run must have seen, or it has shown nothing: counter, and what it means.
SOMETIMES = {
    "myevents_ledger_lost_races_total": "lost race",
    "myevents_ledger_resends_total": "commit sent again",
    "myevents_ledger_own_found_total": "resend found its own token",
    "myevents_messages_failed_total": "confirm lost after publish",
    "myevents_messages_returned_total": "return seen",
    "myevents_outbox_swept_total": "sweep published what another left",
    "myevents_messages_parked_total": "poison parked",
    "myevents_log_recovered_total": "made good from the log",
}
ALSO = ("quarantine entered", "redrive used")


class Round:
    """One town from its start to its second judgement."""

    town_class = Town
    cards = faults.OFTEN + faults.SLOW + (faults.ROLLING if OLD_BUILD else [])
    must_see = (*SOMETIMES.values(), *ALSO)

    def __init__(self, world, options, seed, minutes, report):
        self.world = world
        self.options = options
        self.seed = seed
        self.minutes = minutes
        self.chance = random.Random(seed)
        self.report = report
        self.town = self.town_class(world, options.replicas)
        self.path = os.path.join(world.folder, f"{world.id}.supervisor")
        self.people_path = os.path.join(world.folder, f"{world.id}.clients")
        self.history = History(self.path)
        self.people = None
        self.answered_s = None

    # People

    def start_people(self):
        town = self.town
        events = make_events(town, self.chance, CAPACITIES)
        users = [known(lambda n=n: town.replicas[0].post("/users", {"First": "Ada", "Last": f"L{n}", "Age": 30}))
                 for n in range(3)]
        self.people = People(town, self.people_path, self.seed, N_CLIENTS, self.options.rate, events,
                             [answer.json()["ID"] for answer in users])

    def end_people(self):
        done = self.people.go()
        self.answered_s = done["closed_after_s"]
        self.report.note(f"clients: {done['counts']}; the last had its answer {self.answered_s:.1f} s after the end")

    # Faults

    def inject(self, fault):
        began = time.monotonic()
        print(f"{began - self.began:7.1f} s  {fault.__doc__}: ", end="", flush=True)
        course = fault(self.town, self.chance)
        next(course)
        healed = time.monotonic()
        next(course, None)
        at_once(len(self.town.replicas), lambda n: self.town.await_booking(self.town.replicas[n]))
        bookings_s = time.monotonic() - healed
        self.town.await_message()
        messages_s = time.monotonic() - healed
        for _ in course:
            raise RuntimeError(f"{fault.__name__} yields twice at most")
        self.town.look()
        closed = [replica.name for replica in self.town.replicas if replica.metric("myevents_ledger_contradictions")]
        assert not closed, f"ledgers were found to contradict themselves: {closed}"
        self.report.add(fault.__doc__, bookings_s, messages_s)
        print(f"held {healed - began:.1f} s, bookings after {bookings_s:.2f} s, messages after {messages_s:.2f} s", flush=True)

    def rage(self):
        """Decks of all faults, each in an order that the seed decides; the first is played to its end."""
        cards = [fault for fault in self.cards if not self.options.only or self.options.only in fault.__doc__]
        deadline = self.began + self.minutes * 60
        played = 0
        while played == 0 or time.monotonic() < deadline:
            self.chance.shuffle(cards)
            for fault in cards:
                if played < len(cards) or time.monotonic() < deadline:
                    self.inject(fault)
                    played += 1

    # The end

    def await_quiet(self):
        began = time.monotonic()
        since = None

        def quiet():
            """nothing is under way, and has not been for a while"""
            nonlocal since
            since = (since or time.monotonic()) if self.town.is_quiet() else None
            return since and time.monotonic() - since > STALE_S

        eventually(quiet, 120, pause=0.2)
        seconds = since - began
        self.report.note(f"quiet after {seconds:.1f} s")
        assert seconds < QUIET_WITHIN_S, f"quiet only after {seconds:.1f} s"

    def judge(self, when):
        """Final readings, and what the checker says of all that was ever seen."""
        path = os.path.join(self.world.folder, f"{self.world.id}.history")
        self.history.file.flush()
        with History(path, [self.path, self.people_path]) as history:
            history.read_databases(self.world)
            history.write_messages(self.town.observed())
            history.read_queues(self.world, ("booking", "event"))
            for name, planted in self.town.planted.items():
                parked = self.town.parked(name)
                history.write("level", name=f"{name}: poison parked", **{"is": len(parked & planted)}, ought=len(planted))
                history.write("level", name=f"{name}: parked, and no poison", **{"is": len(parked - planted)})
            checked = history.check()
        self.report.note(f"{when}: {checked.summary['calls']} calls, {checked.summary['entries']} entries,"
                         f" {checked.summary['messages']} messages, {checked.summary['violations']} violations")
        assert checked.status == 0, f"{when}:\n{checked}"
        assert None not in checked.summary["invariants"].values(), checked.summary
        return checked.summary

    def add_up(self, summary):
        """What this round adds to the figures of the run."""
        town, report = self.town, self.report
        report.ready_s += town.ready_s
        report.totals.update({"kills": town.kills, "cuts": sum(link.proxy.cuts for link in town.links)})
        report.totals.update({name: summary[name] for name in ("calls", "entries", "messages", "violations")})
        report.seen.update({what: int(town.sightings.totals.get(name, 0)) for name, what in SOMETIMES.items()})
        report.seen.update(town.seen)

    def cut_all(self, times):
        for _ in range(times):
            for link in self.town.links:
                link.proxy.cut(reset=True)
            at_once(len(self.town.replicas), lambda n: self.town.await_booking(self.town.replicas[n]))
            self.town.await_message()

    def burst(self, n):
        """The same work for each service: so many requests, a few of them bookings."""
        event, services = self.town.probe_event, self.town.services

        def work(i):
            service = services[i % len(services)]
            for turn in range(n // 4):
                service.get(f"/events/{event}")
                if turn % 10 == 0 and service not in self.town.eventservices:
                    self.town.recorder.book(service, event, 1)

        at_once(4 * len(services), work)

    def check_survivors(self):
        """I12: connections that broke and work that is done leave nothing behind."""
        services = self.town.services
        self.cut_all(2)
        self.burst(8 * THREADS)  # by now everything was used once, every thread's stack as well
        before = [service.open_files() for service in services]
        memory = [service.resident_bytes() for service in services]
        for _ in range(CUTS):
            self.cut_all(1)
            self.burst(THREADS)
        grown = [service.resident_bytes() - bytes for service, bytes in zip(services, memory)]

        def flat():
            """as many files are open as before"""
            now = [service.open_files() for service in services]
            assert all(n <= m + POOL for n, m in zip(now, before)), f"{now} files are open, {before} were"
            return True

        eventually(flat, 30)
        self.report.note(f"open files: {before}, and about as many after {CUTS} cuts of all links; resident memory in KiB:"
                         f" {[bytes >> 10 for bytes in memory]}, and {[bytes >> 10 for bytes in grown]} more")
        assert all(more <= max((MEMORY_SHARE - 1) * bytes, MEMORY_BYTES) for more, bytes in zip(grown, memory)), \
            "I12: memory grows"

    def run(self):
        self.world.observe()
        self.town.start(self.history)
        self.start_people()
        self.began = time.monotonic()
        self.rage()
        self.end_people()
        self.await_quiet()
        self.judge("at the end")
        self.town.look()
        self.town.kill_everything()
        self.town.start_everything()
        self.await_quiet()
        summary = self.judge("after everything was killed once more")
        self.add_up(summary)
        self.check_survivors()
        assert self.answered_s < ANSWERED_WITHIN_S, f"I13: somebody waited for {self.answered_s:.1f} s after the last fault"
        complaints = self.world.complaints()
        assert not complaints, "; ".join(complaints)

    def close(self):
        if self.people:
            self.people.close()
        for service in self.town.services:
            if service.is_alive():
                service.resume()
        for link in self.town.links:
            link.proxy.close()
        self.history.file.close()


def options_of(argv):
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--only", help="a part of the docstring of the faults to inject; what must be seen is not asked")
    parser.add_argument("--rate", type=float, default=80)
    return parser.parse_args(argv)


def keep(folder, seed):
    kept = os.path.join(KEPT, str(seed))
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    print(f"kept in {kept}")


def play(round_class, servers, options, seed, minutes, report):
    """One round; whether it was good."""
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="myevents-campaign.", dir=os.environ.get("MYEVENTS_TEST_FOLDER")) as folder:
        world = World(servers, folder)
        current = round_class(world, options, seed, minutes, report)
        try:
            current.run()
            return True
        except Exception:
            traceback.print_exc(file=sys.stdout)
            print("\n".join(complaint for service in world.services if (complaint := service.complaint())))
            keep(folder, seed)
            return False
        finally:
            current.close()
            world.close()


def has_seen_all(round_class, report):
    missing = [what for what in round_class.must_see if not report.seen[what]]
    if missing:
        print(f"never seen: {', '.join(missing)}")
    return not missing


def campaign(round_class, servers, options):
    """Round after round until the time is over or one is bad; the exit status."""
    report = Report()
    deadline = time.monotonic() + options.minutes * 60
    passed, good = 0, True
    while good and (passed == 0 or time.monotonic() < deadline):
        minutes = min(ROUND_MINUTES, max(0, deadline - time.monotonic()) / 60)
        good = play(round_class, servers, options, options.seed + passed, minutes, report)
        passed += good
        # Of a run that is ended before its time this is what stays.
        print(report.in_all(), flush=True)
    print(report)
    good = good and (bool(options.only) or has_seen_all(round_class, report))
    print(f"{passed} passed, {int(not good)} failed")
    return 0 if good else 1


def main(round_class):
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(campaign(round_class, Servers(), options))


if __name__ == "__main__":
    main(Round)
