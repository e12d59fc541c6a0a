"""What the sweeps stand on: both services behind proxies, one client that writes down what it sees, and the judge."""
import mmap
import os
import struct
import urllib.parse

from harness import eventually
from harness.history import History, RecordingClient
from harness.proxy import Proxy
from harness.steps import is_taken_over, new_key, wait_bookable, wait_published
from harness.world import BUILD
from mongo_command import ObjectId

CALLS = ("socket", "connect", "accept")
KILL_AT = os.path.join(BUILD, "tests", "sweep", "libkill_at.so")


class Countdown:
    """The page that is shared with kill_at.c."""

    BYTES = 8 * (7 + len(CALLS))
    FAILING = slice(16, 56)
    MADE = slice(56, BYTES)

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(self.BYTES))
        self.file = open(path, "r+b")
        self.page = mmap.mmap(self.file.fileno(), self.BYTES)

    def arm(self, n):
        self.page[8:16] = bytes(8)
        self.page[0:8] = struct.pack("q", n)

    def counted(self):
        """How many calls there were since it was armed."""
        return struct.unpack("q", self.page[8:16])[0]

    def disarm(self):
        self.page[0:8] = bytes(8)

    def fail(self, call, n, number, late=False, times=1):
        """From the n-th of these calls on, so many fail with this errno; late: of a connection already in progress."""
        self.count_calls()
        self.page[self.FAILING] = struct.pack("5q", CALLS.index(call), n - 1, times, number, late)

    def count_calls(self):
        """From now on, and none of them fails."""
        self.page[self.FAILING] = bytes(40)
        self.page[self.MADE] = bytes(8 * len(CALLS))

    def made(self, call):
        """How many of these calls there were since they are counted."""
        return struct.unpack(f"{len(CALLS)}q", self.page[self.MADE])[CALLS.index(call)]

    def close(self):
        self.page.close()
        self.file.close()


class Stage:
    """One event service and one booking service; `links` are the proxies of the latter, by server."""

    def __init__(self, world):
        self.world = world
        self.history = History(os.path.join(world.folder, f"{world.id}.history"))
        self.client = RecordingClient(self.history, "client")
        self.countdowns = {name: Countdown(os.path.join(world.folder, f"{world.id}.{name}"))
                           for name in ("events", "bookings")}
        self.links = {name: self._proxy(url)
                      for name, url in (("mongod", world.bookings_db.url), ("rabbitmq", world.amqp_url))}
        world.observe()
        # Nothing is to be waited for when a stop is swept.
        self.events = world.new_eventservice({"drain_ms": 0}, self._environment("events"))
        self.bookings = world.new_bookingservice({"drain_ms": 0}, {
            **self._environment("bookings"),
            "MONGO_URL": f"mongodb://127.0.0.1:{self.links['mongod'].port}/{world.bookings_db.name}?directConnection=true",
            "AMQP_BROKER_URL": self._through(world.amqp_url, self.links["rabbitmq"])})
        self.events.start()
        self.bookings.start()
        self.event = new_key()[:24]
        made = self.client.until_known(lambda service: self.client.create(service, 10**6, self.event), [self.events])
        assert made.status == 201, made
        wait_bookable(self.bookings, self.event)

    @staticmethod
    def _proxy(url):
        address = urllib.parse.urlsplit(url)
        return Proxy((address.hostname, address.port))

    @staticmethod
    def _through(url, proxy):
        parts = urllib.parse.urlsplit(url)
        login, _, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}").geturl()

    def _environment(self, name):
        return {"LD_PRELOAD": KILL_AT, "KILL_AT_FILE": self.countdowns[name].path,
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def change_event(self, capacity):
        """The new version of the event."""
        answer = self.client.until_known(lambda service: self.client.change(service, self.event, capacity), [self.events])
        assert answer.status == 200, answer
        return answer.json()["Version"]

    def is_in_ledger(self, version):
        """The ledger of the event knows this version, or a later one."""
        return self.world.bookings_db.find("ledger", {"_id.e": ObjectId(self.event), "ev": {"$gte": version}}, limit=1)

    def judge(self):
        """Everything is published and taken over in the end, and the checker finds nothing."""
        for service in (self.events, self.bookings):
            if not service.is_alive():
                service.start()
        wait_published(self.world)
        queues = ("booking", "event")
        eventually(lambda: is_taken_over(self.world))
        eventually(lambda: sum(self.world.management.messages(name) for name in queues) == 0)
        self.history.read_databases(self.world)
        self.history.write_messages(self.world.observed())
        self.history.read_queues(self.world)
        checked = self.history.check()
        assert checked.status == 0, checked
        assert None not in checked.summary["invariants"].values(), checked.summary
        return checked.summary

    def close(self):
        for proxy in self.links.values():
            proxy.close()
        for countdown in self.countdowns.values():
            countdown.close()
        self.history.file.close()
