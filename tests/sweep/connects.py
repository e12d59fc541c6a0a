"""
F17: socket(), connect() or accept() fails by itself at the n-th call, once or some times in a row, while a service starts
or comes back after its connections were cut. It is never helped: it has to be ready again by its own, and what it
was asked meanwhile has to become known. How many calls there are is found by doing the same with none failing.
"""
import errno
import random
import time

from harness import eventually
from harness.steps import new_key

from cuts import Place

SHARE_CONNECTS, SHARE_OTHERS = 4, 1  # points of each operation, unless all are asked for
ACCEPTED_MAX = 8  # who waits asks again and again, so there is no last accept()
IN_A_ROW = (1, 1, 3)
# (call, errno, late)
TROUBLES = (("socket", errno.EMFILE, False), ("connect", errno.ECONNREFUSED, False), ("connect", errno.ECONNREFUSED, True),
            ("connect", errno.ETIMEDOUT, True), ("connect", errno.ENETUNREACH, False), ("connect", errno.EINTR, False),
            ("accept", errno.EMFILE, False), ("accept", errno.EINTR, False))


class Start:
    "the start of the booking service"
    service = "bookings"

    def __init__(self, stage):
        self.stage = stage
        self.victim = getattr(stage, self.service)
        self.countdown = stage.countdowns[self.service]

    def prepare(self):
        """Before calls are counted."""
        self.victim.kill()

    def act(self):
        """All of it, until the service is at work as before."""
        self.victim.start()
        connected = ("myevents_emitter_connected", "myevents_listener_connected")
        eventually(lambda: all(self.victim.metric(name) == 1 for name in connected))


class StartEvents(Start):
    "the start of the event service"
    service = "events"


class Book(Start):
    "a booking after the connections to the database were cut"
    links = ("mongod",)

    def prepare(self):
        pass

    def act(self):
        for link in self.links:
            self.stage.links[link].cut()
        place = Place(self.stage)
        place.act()
        place.await_calm()


class Relay(Book):
    "a booking and its message after the connections to the broker were cut"
    links = ("rabbitmq",)


class Reconnect(Book):
    "a booking and a change of its event after all connections were cut"
    links = ("mongod", "rabbitmq")

    def act(self):
        super().act()
        stage = self.stage
        version = stage.change_event(10**6 - int(new_key()[:4], 16))
        eventually(lambda: stage.is_in_ledger(version))


OPERATIONS = (Start, StartEvents, Book, Relay, Reconnect)


def share_of(points):
    """Different calls, each failing in the way that comes first; most of them connect(), which fails most in life."""
    ways = {}
    for point in points:
        ways.setdefault(point[:2], point)
    connects = [point for point in ways.values() if point[0] == "connect"]
    others = [point for point in ways.values() if point[0] != "connect"]
    return connects[:SHARE_CONNECTS] + others[:SHARE_OTHERS]


def points_of(operation, options):
    """(call, n, errno, late, how many in a row), in an order that the seed decides."""
    chance = random.Random(f"{options.seed} {type(operation).__name__}")
    operation.prepare()
    operation.countdown.count_calls()
    operation.act()
    points = []
    for call, number, late in TROUBLES:
        made = operation.countdown.made(call)
        points += [(call, n, number, late, chance.choice(IN_A_ROW))
                   for n in range(1, (min(made, ACCEPTED_MAX) if call == "accept" else made) + 1)]
    points = chance.sample(points, len(points))
    return points if options.every else share_of(points)


def groups(options):
    """The operations by the stage that they share: a stage costs more than a few points."""
    return [[kind] for kind in OPERATIONS] if options.every else [OPERATIONS]


def told(kinds):
    return kinds[0].__doc__ if len(kinds) == 1 else "starts, and when connections were cut"


def sweep_one(operation, options, deadline):
    points = points_of(operation, options)
    tried = 0
    for call, n, number, late, times in points:
        if time.monotonic() >= deadline:
            break
        operation.prepare()
        operation.countdown.fail(call, n, number, late, times)
        operation.act()
        tried += operation.countdown.made(call) >= n
        operation.countdown.count_calls()
    return tried, len(points)


def sweep(stage, kinds, options, deadline):
    """How many calls were made to fail, and how many were to be."""
    results = [sweep_one(kind(stage), options, deadline) for kind in kinds]
    return tuple(map(sum, zip(*results)))
