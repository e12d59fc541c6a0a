"""The supervised system of a campaign: services, a proxy on each of their links, and what can be asked of them."""
import collections
import os
import re
import signal
import subprocess
import threading
import urllib.parse

from harness import eventually
from harness.history import RecordingClient
from harness.metrics import parse
from harness.proxy import Proxy
from harness.servers import ROOT
from harness.steps import is_taken_over, new_key
from harness.world import BUILD

SERVERS = ("mongod", "rabbitmq")
# Services of an older version, for a change while everything runs; none when it is not set.
OLD_BUILD = os.environ.get("MYEVENTS_OLD_BUILD")
# Of each service. Few, so that a short run has used them all.
THREADS = 48
# How the ids of what a campaign itself publishes begin; nobody's database implies it.
OURS = ("poison-", "other-")
CLOCK = os.path.join(BUILD, "tests", "campaign", "libclock_shift.so")
DEADLY = os.path.join(BUILD, "tests", "e2e", "preload", "libdies_reading.so")


class Link:
    """Between one service and one server."""

    def __init__(self, service_name, server_name, url):
        self.service_name = service_name
        self.server_name = server_name
        address = urllib.parse.urlsplit(url)
        self.proxy = Proxy((address.hostname, address.port))

    def __str__(self):
        return f"{self.service_name}-{self.server_name}"

    def heal(self):
        for way in (self.proxy.up, self.proxy.down):
            way.delay_s = 0
            way.bytes_per_s = None
            way.piece_bytes = 1 << 16
            way.cut_after(None)
        self.proxy.resume()


class Sightings:
    """Counters of the services, over all their lives: what a process counted is added up when it is looked at."""

    def __init__(self):
        self.totals = {}
        self.last = {}
        self.lock = threading.Lock()

    def look(self, service):
        try:
            samples = parse(service.health("/metrics").body.decode())
        except (OSError, ValueError):
            return
        with self.lock:
            self._add(service, samples)

    def _add(self, service, samples):
        counters = {}
        for name, _, value in samples:
            if name.endswith("_total"):
                counters[name] = counters.get(name, 0) + value
        life = (service.name, service.process.pid)
        before = self.last.get(life, {})
        for name, value in counters.items():
            self.totals[name] = self.totals.get(name, 0) + value - before.get(name, 0)
        self.last[life] = counters


class Town:
    """`eventservice` and `replicas` behind their proxies; `clock_files` shift the wall clock of each, in seconds."""

    def __init__(self, world, n_replicas):
        self.world = world
        self.links = []
        self.sightings = Sightings()
        self.recorder = None
        self.probes = 0
        self.probe_event = new_key()[:24]
        self.clock_files = {}
        self.messages = []  # all that the observer got, but for what was planted
        self.lock = threading.Lock()
        self.kills = 0
        self.seen = collections.Counter()  # what the services themselves cannot count
        self.ready_s = []  # how long each service that was killed took until it was ready again
        self.planted = {"booking": set(), "event": set()}  # ids of poison, by the queue that it goes to
        self.eventservice = self._service("eventservice", world.events_db)
        self.eventservices = [self.eventservice]
        self.replicas = [self._service("bookingservice", world.bookings_db) for _ in range(n_replicas)]
        self.services = [self.eventservice, *self.replicas]

    def _link(self, service_name, server_name, url):
        """The address under which a service sees a server."""
        self.links.append(Link(service_name, server_name, url))
        return f"127.0.0.1:{self.links[-1].proxy.port}"

    def _mongo_url(self, name, database):
        # A driver that looks for the members of the replica set would go round the proxy.
        return f"mongodb://{self._link(name, 'mongod', database.url)}/{database.name}?directConnection=true"

    def _service(self, kind, database):
        number = sum(service.name.startswith(kind) for service in self.world.services) + 1
        name = f"{kind}-{number}"
        amqp = self._link(name, "rabbitmq", self.world.amqp_url)
        self.clock_files[name] = os.path.join(self.world.folder, f"{self.world.id}-{name}.clock")
        self.shift_clock(name, 0)
        login, _, _ = urllib.parse.urlsplit(self.world.amqp_url).netloc.rpartition("@")
        environment = {
            "MONGO_URL": self._mongo_url(name, database), "AMQP_BROKER_URL": f"amqp://{login}@{amqp}/{self.world.id}",
            "LD_PRELOAD": f"{CLOCK}:{DEADLY}", "CLOCK_SHIFT_FILE": self.clock_files[name],
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        new = self.world.new_eventservice if kind == "eventservice" else self.world.new_bookingservice
        return new({"threads": THREADS}, environment)

    def start(self, history):
        self.recorder = RecordingClient(history, "supervisor")
        for service in self.services:
            service.start()
        self.create_event(10**6, self.probe_event)
        for replica in self.replicas:
            self.await_bookable(replica, self.probe_event)

    def create_event(self, capacity, event):
        answer = self.recorder.until_known(lambda service: self.recorder.create(service, capacity, event),
                                           [self.eventservice])
        assert answer.status == 201, answer

    @staticmethod
    def await_bookable(replica, event):
        def known():
            """the event is bookable"""
            return replica.get(f"/events/{event}/availability").status == 200

        eventually(known, 30)

    def kill(self, service):
        self.sightings.look(service)
        with self.lock:
            self.kills += 1
        service.kill()

    def strike(self, service, what):
        """kill -9 at this very moment; `what` the report counts."""
        service.kill()
        status = service.process.returncode
        # Who was told to stop may just have done so. An end that nobody asked for is remembered by the service.
        assert status in (0, -signal.SIGKILL), f"{service.name} ended with {status}"
        if status:
            with self.lock:
                self.kills += 1
                self.seen[what] += 1

    def start_again(self, service):
        service.start()
        with self.lock:
            self.ready_s.append(service.ready_after_s)

    @staticmethod
    def change_version(service):
        """From its next start on it is of the other version."""
        kind = os.path.basename(service.argv[0])
        is_old = service.argv[0].startswith(OLD_BUILD)
        service.argv[0] = os.path.join(BUILD if is_old else OLD_BUILD, kind, kind)

    def shift_clock(self, name, seconds):
        # In place: a process that has mapped the file must never find it empty.
        file = os.open(self.clock_files[name], os.O_WRONLY | os.O_CREAT)
        os.pwrite(file, f"{seconds:+021d}".encode(), 0)
        os.close(file)

    def link(self, service, server_name):
        return next(link for link in self.links if (link.service_name, link.server_name) == (service.name, server_name))

    def look(self):
        for service in self.services:
            if service.is_alive():
                self.sightings.look(service)

    # Servers

    def server_pid(self, name):
        command = [os.path.join(ROOT, "scripts", "stack"), "status", self.world.servers.folder]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return int(re.search(rf"^{name} runs, process (\d+)", text, re.MULTILINE)[1])

    def kill_server(self, name):
        self.world.kill_server(name)
        self.kills += 1

    def stop_server(self, name):
        os.kill(self.server_pid(name), signal.SIGSTOP)

    def continue_server(self, name):
        os.kill(self.server_pid(name), signal.SIGCONT)

    def kill_everything(self):
        for service in self.services:
            self.kill(service)
        for name in SERVERS:
            self.kill_server(name)

    def start_everything(self):
        for name in SERVERS:
            self.world.start_server(name)
        for service in self.services:
            service.start(wait=False)
        for service in self.services:
            service.wait_ready(60)

    # Messages

    def observed(self):
        """All that was said so far."""
        self.hear(self.world.observed())
        return self.messages

    def hear(self, messages):
        self.messages += [message for message in messages if not message.id.startswith(OURS)]

    def parked(self, queue):
        """The ids in a dead-letter queue, which stay there."""
        with self.world.amqp() as amqp:
            return {message.id for message in amqp.browse(f"{queue}.dead")}

    # Is it well?

    def await_booking(self, replica, timeout=60):
        """Until a booking succeeds at this replica."""
        key = new_key()

        def booked():
            """a booking succeeds"""
            answer = self.recorder.book(replica, self.probe_event, 1, key)
            return answer is not None and answer.status == 201

        eventually(booked, timeout)

    def await_message(self, timeout=60):
        """Until a change of an event is in force where it is sold: catalogue, relay, broker, consumer, ledger."""
        self.probes += 1
        changed = self.recorder.until_known(
            lambda service: self.recorder.change(service, self.probe_event, 10**6 - self.probes), self.eventservices)
        wanted = changed.json()["Version"]

        def heard():
            """the ledger has the version"""
            answer = self.recorder.read(self.replicas[0], self.probe_event)
            return answer is not None and answer.status == 200 and answer.json()["Version"] >= wanted

        eventually(heard, timeout)

    def is_quiet(self):
        """nothing is unpublished, queues are empty, and the copies are equal"""
        world = self.world
        if world.bookings_db.find("ledger", {"pub": False}, limit=1):
            return False
        for kind in ("events", "locations"):
            if world.events_db.find(kind, {"outbox.0": {"$exists": True}}, limit=1):
                return False
        # Unacknowledged messages are no longer ready, and not yet gone: management counts them as well.
        queues = "booking", "event"
        return (not any(world.waiting(name) for name in queues) and is_taken_over(world)
                and not any(world.management.messages(name) for name in queues) and not self.unparked())

    def unparked(self):
        """What was planted and does not lie in the dead queue, by the queue that it went to."""
        return {name: missing for name, planted in self.planted.items() if (missing := planted - self.parked(name))}

    def is_poison_parked(self):
        """what was planted lies in the dead queues"""
        missing = self.unparked()
        lengths = {name: queue.get("messages") for name, queue in self.world.management.queues().items()}
        assert not missing, f"missing {missing}, messages in queues {lengths}"
        return True
