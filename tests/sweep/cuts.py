"""
F3: a connection is cut after n bytes, in one direction, while an operation runs over it. The boundaries of what the two
sides say to each other are found by recording one such operation; each is tried, with its neighbours, and some bytes
in between, or every byte. Every byte takes hours, so these come in an order that the seed decides: a run that is ended
early has looked everywhere, and another can go on where it ended.
"""
import random
import struct
import time

from harness import eventually
from harness.steps import new_key

OTHERS = 4  # bytes in between, for each direction, unless every one is asked for


def mongo_boundaries(data):
    """Offsets at which a message of MongoDB's protocol ends."""
    at, ends = 0, []
    while at + 4 <= len(data):
        at += struct.unpack_from("<i", data, at)[0]
        ends.append(at)
    return ends


def amqp_boundaries(data):
    """Offsets at which a frame ends."""
    at, ends = 0, []
    while at + 7 <= len(data):
        at += struct.unpack_from(">I", data, at + 3)[0] + 8
        ends.append(at)
    return ends


class Place:
    """A link of the booking service, one of its directions, and an operation that uses both."""

    link = "mongod"
    direction = "up"
    boundaries = staticmethod(mongo_boundaries)

    def __init__(self, stage):
        self.stage = stage
        self.proxy = stage.links[self.link]
        self.way = getattr(self.proxy, self.direction)

    def act(self):
        """A booking, until its outcome is known, and its message."""
        stage, key = self.stage, new_key()
        answer = stage.client.until_known(lambda service: stage.client.book(service, stage.event, 1, key), [stage.bookings])
        assert answer.status == 201, answer
        again = stage.client.book(stage.bookings, stage.event, 1, key)
        assert again is None or again.status == 503 or again.json()["ID"] == answer.json()["ID"], again

    def await_calm(self):
        """Both connections to the broker are there, and nothing is waiting."""
        bookings = self.stage.bookings
        connected = ("myevents_emitter_connected", "myevents_listener_connected")
        eventually(lambda: all(bookings.metric(name) == 1 for name in connected))
        eventually(lambda: bookings.metric("myevents_outbox_in_hand") == 0)


class BookUp(Place):
    "from the booking service to the database, in a booking"


class BookDown(Place):
    "from the database to the booking service, in a booking"
    direction = "down"


class PublishUp(Place):
    "from the booking service to the broker, in a booking"
    link = "rabbitmq"
    boundaries = staticmethod(amqp_boundaries)


class PublishDown(PublishUp):
    "from the broker to the booking service, in a booking"
    direction = "down"


class ConsumeDown(PublishDown):
    "from the broker to the booking service, in a change of an event"

    def act(self):
        stage = self.stage
        version = stage.change_event(10**6 - int(new_key()[:4], 16))
        eventually(lambda: stage.is_in_ledger(version))


class ConsumeUp(ConsumeDown):
    "from the booking service to the broker, in a change of an event"
    direction = "up"


class TakeOverUp(ConsumeUp):
    "from the booking service to the database, in a change of an event"
    link = "mongod"
    boundaries = staticmethod(mongo_boundaries)


class TakeOverDown(TakeOverUp):
    "from the database to the booking service, in a change of an event"
    direction = "down"


PLACES = (BookUp, BookDown, PublishUp, PublishDown, ConsumeDown, ConsumeUp, TakeOverUp, TakeOverDown)


def points_of(place, options):
    """After how many bytes to cut."""
    chance = random.Random(f"{options.seed} {type(place).__name__}")
    place.act()
    place.await_calm()
    record = place.way.record()
    place.act()
    place.await_calm()
    data = bytes(record)
    if options.every:
        return chance.sample(range(1, len(data) + 1), len(data))
    near = {end + step for end in place.boundaries(data) for step in (-1, 0, 1)}
    others = chance.sample(range(1, len(data) + 1), min(OTHERS, len(data)))
    return sorted(n for n in near | set(others) if 1 <= n <= len(data))


def sweep(stage, kind, options, deadline):
    """Where it was cut before the deadline, and where it is to be."""
    place = kind(stage)
    points = points_of(place, options)
    done = 0
    for n in points[options.skip:]:
        if time.monotonic() >= deadline:
            break
        place.way.cut_after(n)
        place.act()
        place.way.cut_after(None)
        place.await_calm()
        done += 1
    return done, len(points)
