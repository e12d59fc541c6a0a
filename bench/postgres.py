"""
The peer: PostgreSQL with the usual way to sell seats, without HTTP and without messages: one row for each event, a
conditional update of it, a row for the booking and one for the outbox, in one transaction.
"""
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile

from machine import children_of, processor_seconds, processor_seconds_of_ended_children

from harness import eventually

PROGRAMS = "/usr/lib/postgresql/15/bin"
CAPACITY = 1000000000
THREADS = 2

SETTINGS = {"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
            "max_connections": "300", "shared_buffers": "256MB", "max_wal_size": "4GB"}

TABLES = """
CREATE TABLE events (id int PRIMARY KEY, cap int NOT NULL, sold int NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE TABLE bookings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), event_id int NOT NULL, seats int NOT NULL,
                       made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, booking_id uuid NOT NULL, event_id int NOT NULL,
                     seats_sold int NOT NULL);
"""

# One round trip, so that the row is locked for the shortest time that there is.
STATEMENT = """
WITH sale AS (UPDATE events SET sold = sold + 1 WHERE id = :event AND sold < cap RETURNING id, sold),
     booking AS (INSERT INTO bookings (event_id, seats) SELECT id, 1 FROM sale RETURNING id)
INSERT INTO outbox (booking_id, event_id, seats_sold) SELECT booking.id, sale.id, sale.sold FROM booking, sale;
"""

# As most programs do it: five round trips, the row locked over four of them.
STEPS = """
BEGIN;
UPDATE events SET sold = sold + 1 WHERE id = :event AND sold < cap RETURNING sold \\gset
INSERT INTO bookings (event_id, seats) VALUES (:event, 1) RETURNING id AS booking \\gset
INSERT INTO outbox (booking_id, event_id, seats_sold) VALUES (:'booking', :event, :sold);
COMMIT;
"""

SCRIPTS = {"one statement": STATEMENT, "five round trips": STEPS}


class Postgres:
    """A private cluster on a socket in a folder of its own, durable as it comes; gone at the end."""

    def __init__(self):
        # It refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else None
        self.folder = tempfile.mkdtemp(prefix="myevents-postgres.")
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, pwd.getpwnam(self.user).pw_gid)
        self.process = None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        data = os.path.join(self.folder, "data")
        self._run(f"{PROGRAMS}/initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync")
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with open(os.path.join(self.folder, "log"), "w") as log:
            self.process = subprocess.Popen([f"{PROGRAMS}/postgres", "-D", data, "-k", self.folder, *settings], user=self.user,
                                            group=self.user, cwd=self.folder, stdout=log, stderr=log)
        eventually(lambda: self._run(f"{PROGRAMS}/pg_isready", "-h", self.folder, "-d", "postgres"), 30)

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command):
        done = subprocess.run(command, user=self.user, group=self.user, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"{command[0]}: {done.stderr}")
        return done.stdout or "done"

    def query(self, text):
        return self._run(f"{PROGRAMS}/psql", "-h", self.folder, "-U", "bench", "-d", "postgres", "-q", "-A", "-t", "-v",
                         "ON_ERROR_STOP=1", "-c", text).strip()

    def version(self):
        return self.query("SHOW server_version")

    def make_tables(self, n_events):
        self.query("DROP TABLE IF EXISTS events, bookings, outbox")
        self.query(TABLES)
        self.query(f"INSERT INTO events (id, cap) SELECT n, {CAPACITY} FROM generate_series(1, {n_events}) n")
        self.query("CHECKPOINT")

    def processor_seconds(self):
        """Of the server; sessions count when they have ended."""
        pids = [self.process.pid, *children_of(self.process.pid)]
        return sum(map(processor_seconds, pids)) + processor_seconds_of_ended_children(self.process.pid)

    def book(self, script, event, clients, seconds, seed=1):
        """pgbench with prepared statements: bookings a second, latencies, processor time."""
        path = os.path.join(self.folder, "script.sql")
        with open(path, "w") as file:
            file.write(f"\\set event {event}\n{SCRIPTS[script]}")
        os.chmod(path, 0o644)
        before = self.processor_seconds()
        printed = self._run(f"{PROGRAMS}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(THREADS), "-T", str(seconds),
                            "-f", path, "-h", self.folder, "-U", "bench", "--random-seed", str(seed), "-l", "--log-prefix",
                            os.path.join(self.folder, "times"), "postgres")
        done = int(re.search(r"actually processed: (\d+)", printed)[1])
        used_s = self.processor_seconds() - before
        rate = re.search(r"tps = ([\d.]+)", printed)  # not said of no booking at all
        return {"per_second": float(rate[1]) if rate else 0.0, "bookings": done,
                "latency_us": self._latencies(), "used_us": 1e6 * used_s / max(done, 1)}

    def _latencies(self):
        times = []
        for path in glob.glob(os.path.join(self.folder, "times.*")):
            with open(path) as file:
                times += [int(line.split()[2]) for line in file]
            os.remove(path)
        times.sort()
        parts = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1}
        return {name: times[int((len(times) - 1) * part)] if times else 0 for name, part in parts.items()}

    def check(self, booked):
        """What was answered is what is stored."""
        stored = self.query("SELECT (SELECT count(*) FROM bookings), (SELECT count(*) FROM outbox),"
                            "       (SELECT sum(sold) FROM events)")
        assert stored == f"{booked}|{booked}|{booked}", (stored, booked)


def show(run, what, result):
    latency = result["latency_us"]
    run.say("PostgreSQL", f"{what}: {result['per_second']:.0f}/s, p50 {latency['p50'] / 1000:.1f}, "
            f"p99 {latency['p99'] / 1000:.1f} ms, {result['used_us']:.0f} us of processor time each", of=what, **result)


def of_one_event(run, seconds):
    """Bookings of one event a second, the best that we can make of it."""
    with Postgres() as postgres:
        run.facts["versions"] += f", PostgreSQL {postgres.version()}"
        results = []
        for clients in (64, 256):
            postgres.make_tables(1)
            results.append(postgres.book("one statement", 1, clients, seconds, run.options.seed))
            postgres.check(results[-1]["bookings"])
            show(run, f"one event, one statement, {clients} clients", results[-1])
    return max(1.0, *(result["per_second"] for result in results))


def measure(run):
    options = run.options
    with Postgres() as postgres:
        run.say("PostgreSQL", f"{postgres.version()}, fsync and synchronous_commit on, pgbench with prepared statements")
        for n_events in (1, options.events):
            for script in SCRIPTS:
                for clients in (64, 256):
                    event = f"random(1, {n_events})"
                    postgres.make_tables(n_events)
                    result = postgres.book(script, event, clients, options.seconds, options.seed)
                    postgres.check(result["bookings"])
                    show(run, f"{n_events} event(s), {script}, {clients} clients", result)
