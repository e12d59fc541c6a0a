"""When an event takes no bookings any more, what was booked remains."""
import time

from harness import eventually, run, wait_for_more
from harness.load import Bookings
from harness.steps import book, check_ledger, ledger_of, make_bookable, make_event, messages_by_id, wait_published


def announce(world, kind, event, version, **members):
    """What the event service would say: event.updated or event.removed."""
    body = {"id": event, "version": version, **members}
    with world.amqp("announcer") as amqp:
        amqp.confirm_select()
        amqp.publish("events", kind, body, message_id=f"{event}:{version}")
        amqp.wait_for_confirms()


def update(world, service, event, version, capacity, closed=False):
    announce(world, "event.updated", event, version, name="Opera", capacity=capacity, closed=closed)

    def taken_over():
        """the ledger has the new version"""
        return service.get(f"/events/{event}/availability").json()["Version"] == version

    eventually(taken_over)


def remove(world, service, event, version):
    announce(world, "event.removed", event, version)

    def gone():
        """the ledger knows of the removal"""
        return service.get(f"/events/{event}/availability").status == 410

    eventually(gone)


def gone(answer):
    return answer.status == 410 and answer.json()["type"] == "/problems/gone"


def an_event_that_is_over(world):
    "P39: nobody books after the known end of an event; what was booked before it is given back as ever"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    now = int(time.time())
    past = make_bookable(events, bookings, 10, StartDate=now - 20, EndDate=now - 10)
    unknown = make_bookable(events, bookings, 10, StartDate=now - 20, EndDate=0)
    soon = make_bookable(events, bookings, 10)
    early = book(bookings, soon, key="early")
    assert early.status == 201, early
    assert events.request("PATCH", f"/events/{soon}", {"EndDate": int(time.time()) + 2}).status == 200
    assert gone(book(bookings, past))
    assert book(bookings, unknown).status == 201
    assert bookings.metric("myevents_bookings_rejected_total", reason="gone") == 1

    def over():
        """the event is over"""
        return gone(book(bookings, soon))

    eventually(over)
    repeat = book(bookings, soon, key="early")
    assert repeat.status == 201 and repeat.json() == early.json(), "a repeat is no new booking"
    assert bookings.get(f"/bookings/{early.json()['ID']}").json() == early.json()
    assert bookings.request("DELETE", f"/bookings/{early.json()['ID']}").json()["Status"] == "cancelled"


def an_event_that_is_closed(world):
    "P39: an event that its organiser closed takes no bookings, and takes them again when it is opened"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    booking = book(bookings, event, 2).json()
    update(world, bookings, event, 2, 10, closed=True)
    assert gone(book(bookings, event))
    shown = bookings.get(f"/events/{event}").json()
    assert shown["Closed"] is True and shown["SeatsLeft"] == 8, shown
    assert bookings.request("DELETE", f"/bookings/{booking['ID']}").status == 200
    update(world, bookings, event, 3, 10)
    assert book(bookings, event, 10).status == 201
    assert bookings.get(f"/events/{event}/availability").json()["SeatsLeft"] == 0

    closed = make_bookable(events, bookings, 10, Closed=True)
    assert gone(book(bookings, closed)), "closed from the start"


def less_room_than_was_sold(world):
    "P39: a capacity below what is sold sells nothing more and takes nothing back"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    ids = [book(bookings, event, 2).json()["ID"] for _ in range(4)]
    update(world, bookings, event, 2, 5)
    assert bookings.get(f"/events/{event}").json()["SeatsLeft"] == 0
    refused = book(bookings, event)
    assert refused.status == 409 and refused.json()["seatsLeft"] == 0, refused
    for id, left in zip(ids, (0, 1)):
        bookings.request("DELETE", f"/bookings/{id}")
        assert bookings.get(f"/events/{event}/availability").json()["SeatsLeft"] == left
    assert book(bookings, event, 2).status == 409
    assert book(bookings, event, 1).status == 201
    check_ledger(ledger_of(world, event))


def an_event_that_is_removed(world):
    "P39: a removed event is gone, its bookings are readable and can be given back, on every replica"
    world.observe(routing_key="booking.cancelled")
    events = world.start_eventservice()
    first, second = world.start_bookingservice(), world.start_bookingservice()
    event = make_bookable(events, first, 10)
    booking = book(first, event, 2, "key-1").json()
    remove(world, second, event, 2)
    for replica in (first, second):
        assert gone(replica.get(f"/events/{event}"))
        assert gone(replica.get(f"/events/{event}/availability"))
        assert gone(book(replica, event))
        assert replica.get(f"/bookings/{booking['ID']}").json() == booking
        assert replica.get(f"/events/{event}/bookings").json() == [booking]
        assert replica.get(f"/events/{event}/bookings/{booking['Code']}").json() == booking
        assert event not in [row["ID"] for row in replica.get("/events").json()]

    cancelled = first.request("DELETE", f"/bookings/{booking['ID']}")
    assert cancelled.status == 200 and cancelled.json()["Status"] == "cancelled", cancelled
    assert ledger_of(world, event)[-1]["sold"] == 0
    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    assert [message.json()["bookingId"] for message in seen.values()] == [booking["ID"]], seen


def closed_while_many_book(world):
    "P12, P39: an event is closed while 32 clients book on two replicas: nothing lands after the closing entry"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_event(events, 100000)
    for replica in replicas:
        eventually(lambda: replica.get(f"/events/{event}/availability").status == 200)  # noqa: B023

    with Bookings(replicas, event, clients=32) as load:
        load.wait_for_more(64)
        update(world, replicas[0], event, 2, 100000, closed=True)
        wait_for_more(load.failures, 64)
    assert all(gone(answer) for answer in load.failures), load.failures[:3]
    entries = ledger_of(world, event)
    assert set(check_ledger(entries, capacity=100000)) == set(load.booked)
    closing = next(entry["_id"]["s"] for entry in entries if entry["closed"])
    assert closing > 1 and not any(entry.get("b") for entry in entries[closing + 1:]), closing


if __name__ == "__main__":
    run(an_event_that_is_over, an_event_that_is_closed, less_room_than_was_sold, an_event_that_is_removed,
        closed_while_many_book)
