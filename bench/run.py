"""
What every bench has: options, private servers, services, the load, what the processes used, and a result.

    def measure(run):
        bookings = run.start_bookingservice()
        load = run.load(bookings, events=[event])
        with run.usage(bookings) as usage:
            result = load.result()
        run.wanted("bookings a second", ">= 20000", result["per_second"], result["per_second"] >= 20000)
"""
import json
import os
import subprocess
import tempfile
import time

from machine import BUILD, machine, peak_resident_mb, processor_seconds, resident_mb, server_processes, versions

from harness import eventually
from harness.world import World

QUIET = {"log_level": "warning"}
OF_LOAD = ("seconds", "connections", "rate", "seed", "requests")  # options that are flags of the load as well
HEARD_S = 300
ADVERSE = ("cut", "refused", "unanswered", "unsent")


class Load:
    """The load program at work; `result()` waits for its end. Names of flags as in load --mix, with underscores."""

    def __init__(self, folder, services, **flags):
        command = [f"{BUILD}/bench/load"]
        for service in services:
            command += ["--target", f"{service.host}:{service.port}"]
        if events := flags.pop("events", None):
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
                file.write("\n".join(events))
            command += ["--events", file.name]
        for name, value in flags.items():
            if value is True:
                command.append(f"--{name.replace('_', '-')}")
            elif value:
                command += [f"--{name.replace('_', '-')}", str(value)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def is_running(self):
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def result(self):
        """What it printed, and the processor seconds that it used itself."""
        printed = self.process.stdout.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        assert self.process.returncode == 0, f"load ended with {self.process.returncode}"
        return {**json.loads(printed), "processor_s": usage.ru_utime + usage.ru_stime}


class Usage:
    """What processes, by name, used while it was open: `seconds` of processor, `mb` resident now and at most."""

    def __init__(self, processes):
        self.processes = processes
        self.seconds = {}
        self.mb = {}

    def _read(self):
        return {name: sum(map(processor_seconds, pids)) for name, pids in self.processes.items()}

    def __enter__(self):
        self.before = self._read()
        return self

    def __exit__(self, *failure):
        if not any(failure):
            self.seconds = {name: seconds - self.before[name] for name, seconds in self._read().items()}
            self.mb = {name: (sum(map(resident_mb, pids)), sum(map(peak_resident_mb, pids)))
                       for name, pids in self.processes.items()}

    def rows(self, n):
        """{name: (microseconds for each of n, resident MB, peak resident MB)}"""
        return {name: (1e6 * self.seconds[name] / max(n, 1), *self.mb[name]) for name in self.processes}


class Run:
    """One run of one bench. `options` has a member for each of its options; `world` is its own."""

    def __init__(self, name, options, servers, folder):
        self.name = name
        self.options = options
        self.servers = servers
        self.folder = folder
        self.worlds = []
        self.world = self.new_world()
        self.figures = []
        self.is_short = False
        self.facts = {"bench": name, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine(),
                      "versions": versions(self.world), "options": vars(options)}

    def new_world(self):
        """Databases, a virtual host and services that see nothing of the others."""
        self.worlds.append(World(self.servers, self.folder))
        return self.worlds[-1]

    def close(self):
        for world in self.worlds:
            world.close()

    # Services and load

    def start_eventservice(self, world=None):
        return (world or self.world).start_eventservice(QUIET)

    def start_bookingservice(self, world=None, **options):
        return (world or self.world).start_bookingservice({**QUIET, **options})

    def start_services(self, world=None):
        """One of each."""
        return self.start_eventservice(world), self.start_bookingservice(world)

    def load(self, *services, **flags):
        """Start the load; what is not said is taken from the options of this run."""
        given = {name: value for name, value in vars(self.options).items() if name in OF_LOAD}
        return Load(self.folder, services, **{**given, **flags})

    def usage(self, *services):
        """Of these services and of both servers."""
        return Usage({**{service.name: [service.process.pid] for service in services}, **server_processes(self.servers)})

    # The result

    def say(self, head, text="", **figures):
        """A line for people; the figures go into the result."""
        print(f"{head:21} {text}".rstrip(), flush=True)
        if figures:
            self.figures.append({"what": head.strip(), **figures})

    def wanted(self, what, wanted, measured, is_met):
        """What ought to be against what is."""
        self.is_short |= not is_met
        shown = f"{measured:.4g}" if isinstance(measured, float) and measured < 1000 else f"{measured:.0f}" \
            if isinstance(measured, (int, float)) else measured
        print(f"{'ok' if is_met else 'SHORT':21} {what}: wanted {wanted}, measured {shown}", flush=True)
        self.figures.append({"what": what, "wanted": wanted, "measured": measured, "ok": bool(is_met)})

    def show_load(self, head, result):
        """Rates, latencies and whatever went wrong, in two lines."""
        latency = result["latency_us"]
        amiss = "".join(f", {result[name]} {name}" for name in ADVERSE if result[name])
        self.say(head, f"{result['answered']} answered in {result['seconds']:.1f} s: {result['per_second']:.0f}/s; "
                 f"by status {result['status']}{amiss}", **result)
        self.say("", ", ".join(f"{name} {latency[name] / 1000:.1f}" for name in latency) + " ms")

    def show_usage(self, usage, n, load_s=None):
        """A line for each process: what one of n cost it, and its memory."""
        for name, (used_us, now_mb, peak_mb) in usage.rows(n).items():
            self.say(name, f"{used_us:6.1f} us of processor time each, {now_mb:.0f} MB resident (at most {peak_mb:.0f})",
                     used_us=used_us, resident_mb=now_mb, peak_resident_mb=peak_mb)
        if load_s is not None:
            self.say("load", f"{1e6 * load_s / max(n, 1):6.1f} us of processor time each", used_us=1e6 * load_s / max(n, 1))

    def write(self, path):
        """Append the result as one line of JSON."""
        with open(path, "a") as file:
            json.dump({**self.facts, "figures": self.figures}, file)
            file.write("\n")


def require_clean(result, *statuses):
    """Every request was answered, with one of these and nothing else."""
    amiss = {name: result[name] for name in ADVERSE if result[name]}
    assert not amiss and set(result["status"]) <= set(map(str, statuses)), (amiss, result["status"])


def stored_bookings(world):
    """Bookings in all ledgers, and the entries that hold them."""
    has_bookings = {"$match": {"b": {"$exists": True}}}
    count = {"$group": {"_id": None, "entries": {"$sum": 1}, "n": {"$sum": {"$size": "$b"}}}}
    reply = world.bookings_db.command({"aggregate": "ledger", "cursor": {}, "pipeline": [has_bookings, count]})
    rows = reply["cursor"]["firstBatch"]
    return (rows[0]["n"], rows[0]["entries"]) if rows else (0, 0)


# By name, for without it every entry ever written would be read, and that would be what is measured.
UNPUBLISHED = {"hint": "unpublished"}


def n_unpublished(world):
    return world.bookings_db.command({"count": "ledger", "query": {"pub": False}, **UNPUBLISHED})["n"]


def is_published(world):
    """Nothing waits. As the count it would cost, asked again and again, as much as what is measured."""
    reply = world.bookings_db.command({"find": "ledger", "filter": {"pub": False}, "limit": 1, **UNPUBLISHED})
    return not reply["cursor"]["firstBatch"]


def n_heard(events):
    """Messages that the event service has taken from its queue for good."""
    return events.metric("myevents_messages_acknowledged_total") or 0


def wait_heard(world, events, n, before=0, sold=None):
    """
    Until nothing waits to be published and the event service has taken so many messages, and, when told how many seats
    are sold in all, knows of as many. A message that came twice counts twice.
    """
    def heard():
        """the event service has heard of every booking"""
        if n_heard(events) - before < n or not is_published(world):
            return False
        return sold is None or sum(row["sold"] for row in world.events_db.find("sales")) == sold

    eventually(heard, HEARD_S, pause=0.1)


def check_stored(run, world, answered):
    """What was answered 201 is what is stored, no more and no less."""
    stored, entries = stored_bookings(world)
    assert stored == answered, f"answered {answered}, stored {stored}"
    run.say("stored", f"{stored} bookings in {entries} entries, {stored / max(entries, 1):.0f} each: what was answered is "
            "what is stored", stored=stored, entries=entries)
