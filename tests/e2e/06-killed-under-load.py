"""kill -9 under load: nothing that was acknowledged is missing, nothing is there twice."""
import functools
import http.client
import itertools

from harness import Background, run, wait_for_more
from harness.steps import (book, check_ledger, ledger_of, make_bookable, messages_by_id, new_key, wait_bookable,
                           wait_published)

CLIENTS = 12


class Buyers(Background):
    """Clients that book with fresh keys, one request after the other, and repeat a key until they know."""

    def __init__(self, replicas, event):
        turns = (itertools.cycle(replicas[i % len(replicas):] + replicas[:i % len(replicas)]) for i in range(CLIENTS))
        super().__init__(*(functools.partial(self._buy, turn) for turn in turns))
        self.event = event
        self.acknowledged = {}
        self.asked = set()
        self.giving_up = False

    def __exit__(self, failure, *cause):
        self.giving_up = failure is not None
        super().__exit__(failure, *cause)

    def _once(self, replica, key):
        try:
            return book(replica, self.event, 1, key)
        except (OSError, http.client.HTTPException):
            return None

    def _buy(self, replicas):
        self.slow_down(len(self.acknowledged))
        key = new_key()
        self.asked.add(key)
        answer = None
        while answer is None or answer.status >= 500:
            if self.giving_up:
                return
            answer = self._once(next(replicas), key)
        assert answer.status == 201, answer
        self.acknowledged[key] = answer.json()["ID"]


def judge(world, event, buyers):
    """What was acknowledged against what is stored and what was said."""
    stored = check_ledger(ledger_of(world, event))
    assert set(stored) == set(buyers.acknowledged.values())
    assert len(set(buyers.acknowledged.values())) == len(buyers.acknowledged), "two keys, one booking"
    assert set(buyers.acknowledged) == buyers.asked, "a client never learned its outcome"
    wait_published(world, 90)
    seen, _ = messages_by_id(world.observed())
    assert sorted(message.json()["bookingId"] for message in seen.values()) == sorted(stored)


def nothing_is_lost(world, event, acknowledged):
    stored = check_ledger(ledger_of(world, event))
    missing = acknowledged - set(stored)
    assert not missing, f"I3: {len(missing)} acknowledged bookings are not in the ledger"


def the_booking_service_is_killed(world):
    "P12 P13 P14: kill -9 of the replicas under load, ten times: nothing is missing, nothing is there twice"
    world.observe(routing_key="event.booked")
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_bookable(events, replicas[0])
    wait_bookable(replicas[1], event)
    with Buyers(replicas, event) as buyers:
        for round_number in range(10):
            wait_for_more(buyers.acknowledged, 30)
            replicas[round_number % 2].restart()
        wait_for_more(buyers.acknowledged, 30)
    judge(world, event, buyers)


def the_database_is_killed(world):
    "P12 P13 P14: kill -9 of the database under load, three times: nothing is missing, and service resumes by itself"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings)
    with Buyers([bookings], event) as buyers:
        for _ in range(3):
            wait_for_more(buyers.acknowledged, 30)
            world.kill_server("mongod")
            acknowledged = set(buyers.acknowledged.values())
            world.start_server("mongod")
            nothing_is_lost(world, event, acknowledged)
        wait_for_more(buyers.acknowledged, 30)
    judge(world, event, buyers)


def the_broker_is_killed(world):
    "P29: kill -9 of the broker under load, twice: every booking's message is seen"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings)
    with Buyers([bookings], event) as buyers:
        for _ in range(2):
            wait_for_more(buyers.acknowledged, 100)
            world.kill_server("rabbitmq")
            wait_for_more(buyers.acknowledged, 100)
            world.start_server("rabbitmq")
    judge(world, event, buyers)


if __name__ == "__main__":
    run(the_booking_service_is_killed, the_database_is_killed, the_broker_is_killed)
