#!/usr/bin/python3
"""
replica_set.py [--minutes M] [--seed S] [--only FAULT]: the campaign over a database of three members, which lose their
primary in every way, and their majority. Nothing acknowledged may be lost, and nothing that was rolled back may ever have
been believed. The broker is that of MYEVENTS_TEST_STACK, or one of its own.
"""
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness import eventually  # noqa: E402 (after the path)
from harness.servers import Servers  # noqa: E402
from harness.world import Database  # noqa: E402
from local import process  # noqa: E402
from local.mongod import SET_NAME, Mongod  # noqa: E402
from mongo_command import MongoConnection, MongoError  # noqa: E402

from campaign import Round, campaign, options_of  # noqa: E402
from faults import hold, service_paused  # noqa: E402
from town import Town  # noqa: E402

MEMBERS = 3
# A member that is silent for so long is given up; the default of 10 s only makes every fault longer.
ELECTION_MS = 2000


class Member(Mongod):
    """One of the three."""

    def __init__(self, folder, number):
        self.name = f"mongod-{number}"
        super().__init__(folder)

    def start(self):
        """The port of the first start is ours, and so not free: it is not asked for again."""
        if self.state and not self.is_running():
            self.launch()
        elif not self.state:
            super().start()

    def hello(self):
        with MongoConnection("127.0.0.1", self.state["port"], timeout=1) as mongo:
            return mongo.command("admin", {"hello": 1})

    def command(self, document):
        with MongoConnection("127.0.0.1", self.state["port"]) as mongo:
            return mongo.command("admin", document)

    def is_ready(self):
        try:
            return bool(self.hello())
        except (OSError, MongoError):
            return False

    def kill(self):
        self.stop(signal.SIGKILL)
        self.await_end()

    def signal(self, number):
        process.send(self.state["process"], number)

    def rolled_back(self):
        """How many files of writes that were taken back lie there."""
        return sum(len(files) for _, _, files in os.walk(os.path.join(self.folder, "rollback")))


class ReplicaSet:
    def __init__(self, folder):
        self.members = [Member(folder, number) for number in range(1, MEMBERS + 1)]

    def __enter__(self):
        self.start()
        hosts = [{"_id": number, "host": member.address()} for number, member in enumerate(self.members)]
        settings = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": 500}
        self.members[0].command({"replSetInitiate": {"_id": SET_NAME, "members": hosts, "settings": settings}})
        self.await_whole()
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.kill()

    def url(self):
        return f"mongodb://{','.join(member.address() for member in self.members)}/?replicaSet={SET_NAME}"

    def start(self, members=None):
        """Whoever does not run."""
        for member in members or self.members:
            member.start()
        for member in members or self.members:
            member.await_ready()

    def _greetings(self):
        for member in self.members:
            try:
                yield member, member.hello()
            except (OSError, MongoError):
                continue

    def primary(self, besides=None):
        """The member that holds the office; of two that believe so the one that was elected last."""
        def elected():
            """there is a primary"""
            return [(str(hello["electionId"]), member) for member, hello in self._greetings()
                    if hello.get("isWritablePrimary") and member is not besides]

        return max(eventually(elected, 60), key=lambda pair: pair[0])[1]

    def secondaries(self):
        primary = self.primary()
        return [member for member in self.members if member is not primary]

    def await_whole(self):
        def whole():
            """one member is primary, and all others follow it"""
            greetings = [hello for _, hello in self._greetings()]
            terms = {hello["lastWrite"]["opTime"]["t"] for hello in greetings}
            # Who has come back is a secondary before it knows what it has to take back; then its last write is of old.
            return (len(terms) == 1 and sum(bool(hello.get("isWritablePrimary")) for hello in greetings) == 1
                    and sum(bool(hello.get("secondary")) for hello in greetings) == MEMBERS - 1)

        eventually(whole, 90, pause=0.1)

    def rolled_back(self):
        return sum(member.rolled_back() for member in self.members)


class SetDatabase(Database):
    """Read and written at whoever is primary."""

    def __init__(self, replica_set, name):
        super().__init__(replica_set.url(), name)
        self.replica_set = replica_set

    def _connect(self):
        return MongoConnection("127.0.0.1", self.replica_set.primary().state["port"])


class SetTown(Town):
    """No proxy stands between a service and the members: the driver has to find them by itself."""

    replica_set = None

    def __init__(self, world, n_replicas):
        world.events_db, world.bookings_db, world.search_db = (
            SetDatabase(self.replica_set, database.name)
            for database in (world.events_db, world.bookings_db, world.search_db))
        super().__init__(world, n_replicas)

    def _mongo_url(self, name, database):
        return database.url

    def kill_everything(self):
        for service in self.services:
            self.kill(service)
        self.kill_members(self.replica_set.members)

    def kill_members(self, members):
        for member in members:
            member.kill()
            self.kills += 1

    def start_everything(self):
        self.replica_set.start()
        self.replica_set.await_whole()
        for service in self.services:
            service.start()


def stepped_down(town, _):
    "the primary steps down"
    town.replica_set.primary().command({"replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 2, "force": True})
    yield
    yield
    town.replica_set.await_whole()


def primary_killed(town, _):
    "kill -9 of the primary"
    town.kill_members([town.replica_set.primary()])
    yield
    yield
    town.replica_set.start()
    town.replica_set.await_whole()


def primary_frozen(town, _):
    "SIGSTOP of the primary"
    primary = town.replica_set.primary()
    primary.signal(signal.SIGSTOP)
    yield
    yield
    # It wakes in the belief that it holds its office.
    primary.signal(signal.SIGCONT)
    town.replica_set.await_whole()


def majority_frozen(town, chance):
    "two members are frozen"
    secondaries = town.replica_set.secondaries()
    for member in secondaries:
        member.signal(signal.SIGSTOP)
    hold(chance, 1, 5)
    for member in secondaries:
        member.signal(signal.SIGCONT)
    yield
    yield
    town.replica_set.await_whole()


def majority_killed(town, chance):
    "kill -9 of two members"
    town.kill_members(chance.sample(town.replica_set.members, 2))
    hold(chance, 0.5, 3)
    town.replica_set.start()
    yield
    yield
    town.replica_set.await_whole()


def all_killed(town, _):
    "kill -9 of all members"
    town.kill_members(town.replica_set.members)
    town.replica_set.start()
    yield
    yield
    town.replica_set.await_whole()


def writes_rolled_back(town, chance):
    "the primary dies with writes that nobody else has"
    primary, secondaries = town.replica_set.primary(), town.replica_set.secondaries()
    before = town.replica_set.rolled_back()
    # Frozen ones would still read what lies in their sockets.
    town.kill_members(secondaries)
    # Less than it takes the primary to see that it is alone: what clients ask for meanwhile is written by it.
    hold(chance, 0.4, 1)
    town.kill_members([primary])
    town.replica_set.start(secondaries)
    yield
    yield
    town.replica_set.start()
    town.replica_set.await_whole()
    town.seen["writes rolled back"] += town.replica_set.rolled_back() - before


class SetRound(Round):
    town_class = SetTown
    cards = [stepped_down, primary_killed, primary_frozen, majority_frozen, majority_killed, all_killed, writes_rolled_back,
             service_paused]
    must_see = ("writes rolled back",)


def main():
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    servers = Servers()
    with tempfile.TemporaryDirectory(prefix="myevents-set.", dir=os.environ.get("MYEVENTS_TEST_FOLDER")) as folder:
        began = time.monotonic()
        with ReplicaSet(folder) as replica_set:
            print(f"three members after {time.monotonic() - began:.1f} s")
            servers.mongo_url = replica_set.url()
            SetTown.replica_set = replica_set
            status = campaign(SetRound, servers, options)
    sys.exit(status)


if __name__ == "__main__":
    main()
