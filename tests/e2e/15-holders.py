"""Bookings and who holds them: given back, found by code, counted by user."""
import collections

from harness import at_once, eventually, run
from harness.steps import (book, check_ledger, ledger_of, make_bookable, make_event, messages_by_id, wait_bookable,
                           wait_published)


def cancel(service, booking):
    return service.request("DELETE", f"/bookings/{booking}")


def start(world, **options):
    """The event service and two replicas of the booking service."""
    return world.start_eventservice(), [world.start_bookingservice(options), world.start_bookingservice(options)]


def a_cancelled_booking_comes_back(world):
    "P36: a booking is given back: its seats are sold again, everybody hears of it, and a repeat answers the same"
    world.observe(routing_key="booking.cancelled")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 3)
    booking = book(bookings, event, 3).json()
    assert book(bookings, event).status == 409
    heard = lambda seats: lambda: events.get(f"/events/{event}").json()["SeatsLeft"] == seats  # noqa: E731
    eventually(heard(0))

    first, again = cancel(bookings, booking["ID"]), cancel(bookings, booking["ID"])
    assert first.status == again.status == 200, (first, again)
    assert first.json() == again.json() == {**booking, "Status": "cancelled"}, first
    assert bookings.get(f"/bookings/{booking['ID']}").json() == first.json()
    assert bookings.get(f"/events/{event}/bookings").json() == [first.json()]
    assert bookings.get(f"/events/{event}/availability").json()["SeatsLeft"] == 3
    assert book(bookings, event, 3).status == 201
    eventually(heard(0))
    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    assert [message.json()["bookingId"] for message in seen.values()] == [booking["ID"]], seen
    for unknown in ("0123456789abcdef01234567", "opera"):
        assert cancel(bookings, unknown).status == 404
    assert bookings.metric("myevents_bookings_cancelled_total") == 1


def cancelled_once_however_often(world):
    "P36: many cancel the same bookings at once on both replicas: each comes back once"
    events, replicas = start(world)
    event = make_event(events, 40)
    for replica in replicas:
        wait_bookable(replica, event)
    ids = [book(replicas[0], event, 2).json()["ID"] for _ in range(20)]

    answers = at_once(16, lambda i: [cancel(replicas[(i + n) % 2], id) for n, id in enumerate(ids)])
    for some in zip(*answers):
        assert all(answer.status == 200 for answer in some), some
        assert len({answer.body for answer in some}) == 1, some
    entries = ledger_of(world, event)
    check_ledger(entries, capacity=40)
    gone = [str(gone["id"]) for entry in entries for gone in entry.get("x", [])]
    assert sorted(gone) == sorted(ids)
    assert entries[-1]["sold"] == 0


def no_seat_is_lost(world):
    "P12, P36: booked and given back under load on two replicas: what is sold adds up, and every seat can be sold"
    events, replicas = start(world)
    event = make_event(events, 50)
    for replica in replicas:
        wait_bookable(replica, event)

    def come_and_go(i):
        kept = []
        for n in range(12):
            answer = book(replicas[(i + n) % 2], event, 1 + n % 3)
            assert answer.status in (201, 409), answer
            if answer.status == 409:
                continue
            if n % 4 == 3:
                kept.append(answer.json())
            else:
                assert cancel(replicas[(i + n + 1) % 2], answer.json()["ID"]).status == 200
        return kept

    kept = {booking["ID"]: booking for some in at_once(32, come_and_go) for booking in some}
    entries = ledger_of(world, event)
    check_ledger(entries, capacity=50)
    assert entries[-1]["sold"] == sum(booking["Seats"] for booking in kept.values())
    listed = replicas[0].get(f"/events/{event}/bookings").json()
    assert {row["ID"]: row for row in listed if row["Status"] == "booked"} == kept

    statuses = collections.Counter(book(replicas[n % 2], event).status for n in range(51))
    assert statuses[201] == 50 - entries[-1]["sold"], statuses
    eventually(lambda: events.get(f"/events/{event}").json()["SeatsLeft"] == 0)


def found_by_code(world):
    "P37: a booking is found by the code that was read aloud, in any case of letters, at its event only"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event, other = make_bookable(events, bookings, 100), make_bookable(events, bookings, 100)
    made = [book(bookings, event, 1 + n % 4).json() for n in range(20)]
    assert cancel(bookings, made[3]["ID"]).status == 200
    made[3]["Status"] = "cancelled"
    for booking in made:
        for code in (booking["Code"], booking["Code"].lower()):
            assert bookings.get(f"/events/{event}/bookings/{code}").json() == booking
        assert bookings.get(f"/events/{other}/bookings/{booking['Code']}").status == 404
    code = made[0]["Code"]
    for wrong in (code[:-1], code + "2", code[1] + code[0] + code[2:], "O0I1L", "%24gt"):
        answer = bookings.get(f"/events/{event}/bookings/{wrong}")
        assert answer.status == 404 or code[0] == code[1], (wrong, answer)


if __name__ == "__main__":
    run(a_cancelled_booking_comes_back, cancelled_once_however_often, no_seat_is_lost, found_by_code)
