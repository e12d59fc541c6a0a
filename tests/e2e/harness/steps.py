"""What tests do over and over: make an event, wait until it can be booked, book, and compare the books."""
import collections
import secrets

from harness.wait import PATIENCE_S, eventually, known


def limited(service, *limits, wait=True):
    """The same service, started under these limits of prlimit(1)."""
    service.argv = ["/usr/bin/prlimit", *limits, *service.argv]
    return service.start(wait)


def make_event(events, capacity=None, name="Opera", **members):
    """POST /events, with a key and until the outcome is known; the id of the new event."""
    body = {"Name": name, **members}
    if capacity is not None:
        body["Capacity"] = capacity
    headers = {"Idempotency-Key": new_key()}
    answer = known(lambda: events.post("/events", body, headers))
    assert answer.status == 201, answer
    assert answer.headers["Location"] == f"/events/{answer.json()['ID']}", answer.headers
    return answer.json()["ID"]


def make_location(events, name="Opera", **members):
    """POST /locations, as above."""
    headers = {"Idempotency-Key": new_key()}
    answer = known(lambda: events.post("/locations", {"Name": name, **members}, headers))
    assert answer.status == 201, answer
    return answer.json()["ID"]


def change(events, path, body):
    """PATCH, until the outcome is known: the same once more changes nothing."""
    answer = known(lambda: events.request("PATCH", path, body))
    assert answer.status == 200, answer


def remove(events, path):
    """DELETE, until the outcome is known: who asks again may find it gone."""
    answer = known(lambda: events.request("DELETE", path))
    assert answer.status in (204, 404, 410), answer


def wait_bookable(bookings, event, timeout=PATIENCE_S):
    """Until the booking service has a ledger for the event."""
    def known():
        """the event is bookable"""
        return bookings.get(f"/events/{event}/availability").status == 200

    eventually(known, timeout)


def wait_subscribed(world, queue, n=1):
    """Until so many consumers take from the queue; whoever publishes from now on is heard."""
    def consumed():
        """the queue has its consumers"""
        return len((world.management.queue(queue) or {}).get("consumer_details", [])) == n

    eventually(consumed)


def make_bookable(events, bookings, capacity=None, **members):
    event = make_event(events, capacity, **members)
    wait_bookable(bookings, event)
    return event


def new_key():
    return secrets.token_hex(16)


def book(service, event, seats=1, key=None):
    """POST /events/{event}/bookings over a new connection."""
    headers = {"Idempotency-Key": key} if key else None
    return service.post(f"/events/{event}/bookings", {"seats": seats}, headers)


def book_until_known(service, event, seats=1, key=None, timeout=PATIENCE_S):
    """Book as a careful client does: repeat with the same key until the outcome is known."""
    key = key or new_key()
    return known(lambda: book(service, event, seats, key), timeout)


def ledger_of(world, event):
    """All entries of an event's ledger, in order, as a majority has them."""
    entries = [entry for entry in world.bookings_db.find("ledger") if str(entry["_id"]["e"]) == event]
    return sorted(entries, key=lambda entry: entry["_id"]["s"])


def check_ledger(entries, capacity=None):
    """I1, I2, I5: no gap, sums that add up, never above the capacity, no booking twice. Returns the bookings by id."""
    sold = 0
    bookings = {}
    tokens = [str(entry["w"]) for entry in entries]
    assert [entry["_id"]["s"] for entry in entries] == list(range(len(entries))), "a gap in the ledger"
    assert len(set(tokens)) == len(tokens), "an attempt token stands twice"
    for entry in entries:
        for booking in entry.get("b", []):
            assert str(booking["id"]) not in bookings, f"booking {booking['id']} stands twice"
            bookings[str(booking["id"])] = booking
            sold += booking["n"]
        sold -= sum(gone["n"] for gone in entry.get("x", []))
        assert entry["sold"] == sold, f"entry {entry['_id']['s']} says {entry['sold']} sold, it is {sold}"
        if capacity is not None and entry.get("b"):
            assert sold <= capacity, f"{sold} of {capacity} seats are sold"
    return bookings


def is_taken_over(world):
    """the copy has the catalogue's versions, and each ledger its event's"""
    for kind in ("events", "locations"):
        source = {str(row["_id"]): row["version"] for row in world.events_db.find(kind)}
        if source != {str(row["_id"]): row["version"] for row in world.bookings_db.find(f"copied_{kind}")}:
            return False
    highest = collections.Counter()
    for entry in world.bookings_db.find("ledger"):
        event = str(entry["_id"]["e"])
        highest[event] = max(highest[event], entry["ev"])
    return all(highest[str(row["_id"])] >= row["version"] for row in world.events_db.find("events"))


def wait_published(world, timeout=PATIENCE_S):
    """Until no message waits in either database."""
    def empty():
        """every outbox is empty"""
        # One of them says enough: thousands may wait, and to read all would be the work of this wait.
        return not (world.bookings_db.find("ledger", {"pub": False}, limit=1)
                    or any(world.events_db.find(name, {"outbox.0": {"$exists": True}}, limit=1)
                           for name in ("events", "locations")))

    eventually(empty, timeout)


def messages_by_id(messages):
    """I8: equal id means equal name and body. One message of each id, and how often it came."""
    seen = {}
    times = collections.Counter()
    for message in messages:
        first = seen.setdefault(message.id, message)
        assert (first.name, first.body) == (message.name, message.body), f"{message.id} came with two bodies"
        times[message.id] += 1
    return seen, times
