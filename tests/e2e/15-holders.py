"""Bookings and who holds them: given back, found by code, counted by user."""
import collections

from harness import at_once, eventually, run
from harness.steps import (book, book_until_known, check_ledger, known, ledger_of, make_bookable, make_event,
                           messages_by_id, new_key, wait_bookable, wait_published)


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
    booking = book(bookings, event, 3, "key-1").json()
    assert book(bookings, event).status == 409
    heard = lambda seats: lambda: events.get(f"/events/{event}").json()["SeatsLeft"] == seats  # noqa: E731
    eventually(heard(0))

    first, again = cancel(bookings, booking["ID"]), cancel(bookings, booking["ID"])
    assert first.status == again.status == 200, (first, again)
    assert first.json() == again.json() == {**booking, "Status": "cancelled"}, first
    assert bookings.get(f"/bookings/{booking['ID']}").json() == first.json()
    repeat = book(bookings, event, 3, "key-1")
    assert repeat.status == 201 and repeat.json() == first.json(), "a repeat shows the booking as it is now"
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
    ids = [book_until_known(replicas[0], event, 2).json()["ID"] for _ in range(20)]

    answers = at_once(16, lambda i: [known(lambda: cancel(replicas[(i + n) % 2], id)) for n, id in enumerate(ids)])
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
            answer = book_until_known(replicas[(i + n) % 2], event, 1 + n % 3)
            assert answer.status in (201, 409), answer
            if answer.status == 409:
                continue
            if n % 4 == 3:
                kept.append(answer.json())
            else:
                assert known(lambda: cancel(replicas[(i + n + 1) % 2], answer.json()["ID"])).status == 200
        return kept

    kept = {booking["ID"]: booking for some in at_once(32, come_and_go) for booking in some}
    entries = ledger_of(world, event)
    check_ledger(entries, capacity=50)
    assert entries[-1]["sold"] == sum(booking["Seats"] for booking in kept.values())
    listed = replicas[0].get(f"/events/{event}/bookings").json()
    assert {row["ID"]: row for row in listed if row["Status"] == "booked"} == kept

    statuses = collections.Counter(book_until_known(replicas[n % 2], event).status for n in range(51))
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


def make_user(service, first="Ada", key=None, **members):
    headers = {"Idempotency-Key": key or new_key()}
    answer = known(lambda: service.post("/users", {"First": first, **members}, headers))
    assert answer.status == 201, answer
    return answer


def hold(service, event, user, seats=1, key=None):
    return service.post(f"/events/{event}/bookings", {"seats": seats, "UserID": user},
                        {"Idempotency-Key": key} if key else None)


def hold_until_known(service, event, user, seats):
    key = new_key()
    return known(lambda: hold(service, event, user, seats, key))


def people_hold_bookings(world):
    "P38: people are registered once per key, hold what names them, and are seen by every replica"
    events, (first, second) = start(world)
    answer = make_user(first, key="key-1", Last="Lovelace", Age=36)
    ada = answer.json()
    assert ada == {"ID": ada["ID"], "First": "Ada", "Last": "Lovelace", "Age": 36}, ada
    assert answer.headers["Location"] == f"/users/{ada['ID']}" and "Idempotency-Replayed" not in answer.headers
    repeats = at_once(8, lambda i: make_user((first, second)[i % 2], key="key-1", Last="Lovelace", Age=36))
    assert all(repeat.json() == ada and repeat.headers["Idempotency-Replayed"] == "true" for repeat in repeats)
    assert first.post("/users", {"First": "Bo"}, {"Idempotency-Key": "key-1"}).status == 422
    bo = make_user(second, "Bo").json()
    assert second.get(f"/users/{ada['ID']}").json() == ada
    assert first.get("/users").json() == sorted((ada, bo), key=lambda user: user["ID"])

    one, two = make_bookable(events, first, 10), make_bookable(events, first, 10)
    held = [hold(service, event, ada["ID"]).json() for service in (first, second) for event in (one, two)]
    assert all(booking["UserID"] == ada["ID"] for booking in held), held
    assert book(first, one).json()["UserID"] is None
    cancel(first, held[0]["ID"])
    held[0]["Status"] = "cancelled"
    listed = second.get(f"/users/{ada['ID']}/bookings").json()
    assert sorted(listed, key=lambda row: row["ID"]) == sorted(held, key=lambda row: row["ID"]), listed
    assert second.get(f"/users/{bo['ID']}/bookings").json() == []
    for nobody in ("f" * 24, "ada", 5):
        answer = hold(first, one, nobody)
        assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == "/UserID", answer
    assert first.get("/users/" + "f" * 24).status == first.get("/users/x/bookings").status == 404
    assert hold(first, one, ada["ID"], 1, "k").json()["ID"] != book(first, one, 1, "k").json()["ID"]


def a_users_limit_holds(world):
    "P38: users who book on two replicas at once never hold more than they may; what they give back they may book"
    events, replicas = start(world, seats_per_user=4)
    event = make_event(events, 10000)
    for replica in replicas:
        wait_bookable(replica, event)
    users = [make_user(replicas[0], f"user {n}").json()["ID"] for n in range(8)]

    def greedy(i):
        return [hold_until_known(replicas[(i + n) % 2], event, users[i % 8], 1 + (i // 8 + n) % 2) for n in range(6)]

    for answer in (answer for some in at_once(32, greedy) for answer in some):
        assert answer.status == 201 or answer.json()["type"] == "/problems/user-limit", answer
    entries = ledger_of(world, event)
    check_ledger(entries, capacity=10000)
    seats = collections.Counter()
    for entry in entries:
        for booking in entry.get("b", []):
            seats[str(booking["u"])] += booking["n"]
            assert seats[str(booking["u"])] <= 4, "a user holds too much"
    assert seats == {user: 4 for user in users}, seats

    booking = replicas[1].get(f"/users/{users[0]}/bookings").json()[0]
    assert hold(replicas[0], event, users[0]).status == 409
    assert cancel(replicas[1], booking["ID"]).status == 200
    assert hold(replicas[0], event, users[0], booking["Seats"]).status == 201
    assert hold(replicas[1], event, users[0]).status == 409
    assert book(replicas[0], event, 10).status == 201, "guests have no limit"


def seats_of_one_booking(world):
    "P38: how many seats one booking may have is configured"
    events = world.start_eventservice()
    bookings = world.start_bookingservice({"seats_per_booking": 3})
    event = make_bookable(events, bookings, 100)
    booked = book(bookings, event, 3, "kept")
    assert booked.status == 201
    answer = book(bookings, event, 4)
    assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == "/seats", answer
    stricter = world.start_bookingservice({"seats_per_booking": 2})
    assert book(stricter, event, 3, "another").status == 400
    again = book(stricter, event, 3, "kept")
    assert again.status == 201 and again.json() == booked.json(), "what is booked stands, whatever the limit is now"


if __name__ == "__main__":
    run(a_cancelled_booking_comes_back, cancelled_once_however_often, no_seat_is_lost, found_by_code, people_hold_bookings,
        a_users_limit_holds, seats_of_one_booking)
