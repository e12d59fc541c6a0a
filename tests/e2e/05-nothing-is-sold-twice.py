"""Many clients, several replicas, one event."""
import collections

from harness import at_once, run
from harness.steps import (book, book_until_known, check_ledger, ledger_of, make_bookable, make_event, messages_by_id,
                           new_key, wait_bookable, wait_published)


def exactly_what_is_there_is_sold(world):
    "P12: 64 clients fight for 500 single seats on two replicas: exactly 500 are sold, every 201 is found again"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_event(events, 500)
    for replica in replicas:
        wait_bookable(replica, event)

    def buy(i):
        client = replicas[i % 2].client()
        answers = [book_until_known(client, event) for _ in range(12)]
        client.close()
        return answers

    answers = [answer for some in at_once(64, buy) for answer in some]
    statuses = collections.Counter(answer.status for answer in answers)
    assert statuses == {201: 500, 409: 64 * 12 - 500}, statuses
    sold = {answer.json()["ID"]: answer.json() for answer in answers if answer.status == 201}
    assert len(sold) == 500

    stored = check_ledger(ledger_of(world, event), capacity=500)
    assert set(stored) == set(sold)
    for replica in replicas:
        assert replica.get(f"/events/{event}/availability").json()["SeatsLeft"] == 0
        listed = replica.get(f"/events/{event}/bookings").json()
        assert {row["ID"]: row for row in listed} == sold
    assert sum(replica.metric("myevents_bookings_total") for replica in replicas) == 500


def larger_bookings_never_oversell(world):
    "P12: bookings of one to four seats fill an event without ever going above its capacity"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_event(events, 101)
    for replica in replicas:
        wait_bookable(replica, event)

    at_once(24, lambda i: [book_until_known(replicas[i % 2], event, 1 + (i + n) % 4) for n in range(10)])
    entries = ledger_of(world, event)
    check_ledger(entries, capacity=101)
    assert entries[-1]["sold"] == 101


def one_booking_per_key(world):
    "P13: the same key, many times at once on both replicas: one booking"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_event(events, 1000)
    for replica in replicas:
        wait_bookable(replica, event)
    keys = [new_key() for _ in range(20)]

    answers = at_once(40, lambda i: [(key, book_until_known(replicas[i % 2], event, 2, key)) for key in keys])
    by_key = collections.defaultdict(set)
    for key, answer in (pair for some in answers for pair in some):
        assert answer.status == 201, answer
        by_key[key].add(answer.json()["ID"])
    assert all(len(ids) == 1 for ids in by_key.values()), by_key
    assert len(check_ledger(ledger_of(world, event), capacity=1000)) == len(keys)

    repeat = book(replicas[0], event, 2, keys[0])
    assert repeat.status == 201 and repeat.headers["Idempotency-Replayed"] == "true", repeat
    other = book(replicas[1], event, 3, keys[0])
    assert other.status == 422 and other.json()["type"] == "/problems/key-reused", other


def one_message_per_booking(world):
    "P14: each booking is told of by exactly one logical message, whatever the batches were"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 1000)
    answers = [answer for some in at_once(16, lambda i: [book_until_known(bookings, event) for _ in range(10)])
               for answer in some]
    ids = {answer.json()["ID"] for answer in answers}
    assert len(ids) == 160
    wait_published(world)

    seen, _ = messages_by_id(world.observed())
    assert sorted(message.json()["bookingId"] for message in seen.values()) == sorted(ids)
    last = max(seen.values(), key=lambda message: message.json()["entry"])
    assert last.json()["seatsSold"] == 160 and last.json()["seatsLeft"] == 840, last


def instances_hold_no_state(world):
    "P23: booked on one replica, seen on the other; a restart of both loses nothing"
    events = world.start_eventservice()
    first, second = world.start_bookingservice(), world.start_bookingservice()
    event = make_bookable(events, first, 10)
    booking = book(first, event, 2, "key-1").json()
    assert second.get(f"/bookings/{booking['ID']}").json() == booking
    assert book(second, event, 2, "key-1").json() == booking
    first.restart()
    second.restart()
    for replica in (first, second):
        assert replica.get(f"/bookings/{booking['ID']}").json() == booking
        assert replica.get(f"/events/{event}/availability").json()["SeatsLeft"] == 8


if __name__ == "__main__":
    run(exactly_what_is_there_is_sold, larger_bookings_never_oversell, one_booking_per_key, one_message_per_booking,
        instances_hold_no_state)
