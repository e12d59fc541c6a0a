"""What the booking service shows: lists page by page, and 304 for who knows it already."""
import functools
import time

from harness import Background, at_once, eventually, run, walk
from harness.steps import book, known, ledger_of, make_bookable, make_event, new_key, wait_bookable


def bookings_while_others_book(world):
    "P40: a walk through the bookings of an event shows each that was there exactly once, while others book and cancel"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_event(events, 100000)
    for replica in replicas:
        wait_bookable(replica, event)
    user = replicas[0].post("/users", {"First": "Ada"}).json()["ID"]

    def book_as_user(client):
        key = {"Idempotency-Key": new_key()}
        return known(lambda: client.post(f"/events/{event}/bookings", {"seats": 1, "UserID": user}, key)).json()["ID"]

    before = [made for some in at_once(8, lambda i: [book_as_user(replicas[i % 2]) for _ in range(20)])
              for made in some]

    def disturb(client):
        client.request("DELETE", f"/bookings/{book_as_user(client)}")

    with Background(*(functools.partial(disturb, replica.client()) for replica in replicas)):
        walks = [walk(replicas[1].client(), f"{path}?limit=7")
                 for path in (f"/events/{event}/bookings", f"/users/{user}/bookings") for _ in range(3)]
    for items in walks:
        ids = [item["ID"] for item in items]
        assert len(set(ids)) == len(ids), "a booking was shown twice"
        assert set(before) <= set(ids), "a booking was left out"
    in_order = [str(booking["id"]) for entry in ledger_of(world, event) for booking in entry.get("b", [])]
    assert [item["ID"] for item in walk(replicas[0].client(), f"/events/{event}/bookings?limit=100")] == in_order


def events_with_what_is_left(world):
    "P40: /events shows what is left at each event, by page and filter, as the event service lists them"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    made = {make_event(events, 10, name=f"E{n % 3}", StartDate=1 + n % 5): 10 for n in range(150)}
    for event in made:
        wait_bookable(bookings, event)
    for n, event in enumerate(list(made)[:10]):
        assert book(bookings, event, 1 + n % 4).status == 201
        made[event] -= 1 + n % 4
    client = bookings.client()
    for limit in (1000, 70, 64, 50):
        items = walk(client, f"/events?limit={limit}")
        assert {item["ID"]: item["SeatsLeft"] for item in items} == made
        assert [(item["StartDate"], item["ID"]) for item in items] == sorted(
            (item["StartDate"], item["ID"]) for item in items)
    for query in ("name=E1", "from=2&to=4", "name=E2&from=3", "location=" + "0" * 24):
        ids = [[item["ID"] for item in service.get(f"/events?{query}").json()] for service in (events, bookings)]
        assert ids[0] == ids[1], query
    for bad in ("limit=0", "limit=1001", "limit=x", "cursor=x", "from=soon", "to=-1", "location=here", "name=%ff"):
        answer = bookings.get(f"/events?{bad}")
        assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == "?" + bad.split("=")[0], answer


def a_thousand_events_at_once(world):
    "P40: a page of 1 000 events with what is left of each comes within a second"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    for some in at_once(8, lambda i: [make_event(events, 10) for _ in range(125)]):
        assert len(some) == 125

    def all_there():
        """every event has its ledger"""
        rows = known(lambda: bookings.get("/events")).json()
        return len(rows) == 1000 and len(world.bookings_db.find("ledger")) == 1000

    eventually(all_there, pause=0.2)
    durations = []
    for _ in range(5):
        began = time.monotonic()
        rows = known(lambda: bookings.get("/events")).json()
        durations.append(time.monotonic() - began)
        assert len(rows) == 1000 and all(row["SeatsLeft"] == 10 for row in rows)
    assert min(durations) < 1, durations


def known_already(world):
    "P41: who has the current state is answered 304, and every booking, cancellation and change makes a new one"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    for path in (f"/events/{event}", f"/events/{event}/availability"):
        seen = set()

        def fresh():
            answer = bookings.get(path)  # noqa: B023
            tag = answer.headers["ETag"]
            assert tag not in seen, tag  # noqa: B023
            seen.add(tag)  # noqa: B023
            again = bookings.get(path, {"If-None-Match": tag})  # noqa: B023
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), again
            assert bookings.get(path, {"If-None-Match": f'"x", W/{tag}'}).status == 304  # noqa: B023
            assert bookings.get(path, {"If-None-Match": '"0.0"'}).status == 200  # noqa: B023

        fresh()
        booking = book(bookings, event, 2).json()
        fresh()
        bookings.request("DELETE", f"/bookings/{booking['ID']}")
        fresh()

    location = events.post("/locations", {"Name": "Old house"}).json()["ID"]
    shown = f"/events/{make_bookable(events, bookings, 10, LocationID=location)}"
    eventually(lambda: bookings.get(shown).json()["Location"]["Name"] == "Old house")
    tag = bookings.get(shown).headers["ETag"]
    assert events.request("PATCH", f"/locations/{location}", {"Name": "New house"}).status == 200
    changed = eventually(lambda: (answer := bookings.get(shown, {"If-None-Match": tag})).status == 200 and answer)
    assert changed.json()["Location"]["Name"] == "New house", changed


if __name__ == "__main__":
    run(bookings_while_others_book, events_with_what_is_left, a_thousand_events_at_once, known_already)
