"""Bad input at both services: a 4xx problem that names the member; nothing stored, nothing said."""
from harness import run, send_raw
from harness.steps import book, ledger_of, make_bookable, wait_published

EVENT = "/events/{event}/bookings"
LONG = "x" * 10000


def problem(answer, status, pointer=None):
    assert answer.status == status, (answer, status)
    assert answer.headers["Content-Type"] == "application/problem+json", answer.headers
    body = answer.json()
    assert body["status"] == status and body["type"].startswith("/problems/") and body["title"], body
    if pointer is not None:
        assert pointer in [row["pointer"] for row in body["errors"]], body
        assert all(row["detail"] for row in body["errors"]), body


BAD_BOOKINGS = [
    (b'{"seats": 0}', "/seats"), (b'{"seats": -1}', "/seats"), (b'{"seats": 1.5}', "/seats"),
    (b'{"seats": 2147483648}', "/seats"), (b'{"seats": 9007199254740993}', "/seats"), (b'{"seats": 11}', "/seats"),
    (b'{"seats": "1"}', "/seats"), (b'{"seats": null}', "/seats"), (b'{"seats": [1]}', "/seats"),
    (b'{"seats": {"$gt": ""}}', "/seats"), (b"{}", "/seats"), (b'{"seats": true}', "/seats"),
    (b'{"seats": 1, "Seats": 2}', None), (b'{"seats": 1e400}', None), (b'{"seats": 01}', None),
    (b'{"seats": 1', None), (b'{"seats": 1} x', None), (b"", None), (b"[1]", None), (b"null", None),
    (b'{"seats": 1, "x": "\xff"}', None), (b'{"seats": 1, "x": "a\\u0000b"}', None),
    (b'{"seats": 1, "x": "\\ud800"}', None), (b"[" * 10000, None), (b'\xef\xbb\xbf{"seats": 1}', None),
]

BAD_EVENTS = [
    (b"{}", "/Name"), (b'{"Name": ""}', "/Name"), (b'{"Name": 5}', "/Name"), (b'{"Name": {"$ne": 1}}', "/Name"),
    (b'{"Name": "' + LONG.encode() + b'"}', "/Name"), (b'{"Name": "a\\u0000b"}', None), (b'{"Name": "\xc0\x80"}', None),
    (b'{"Name": "a", "Capacity": -1}', "/Capacity"), (b'{"Name": "a", "Capacity": 1000001}', "/Capacity"),
    (b'{"Name": "a", "Capacity": 1.5}', "/Capacity"), (b'{"Name": "a", "StartDate": "soon"}', "/StartDate"),
    (b'{"Name": "a", "StartDate": 9999999999999}', "/StartDate"),
    (b'{"Name": "a", "StartDate": 20, "EndDate": 10}', "/EndDate"), (b'{"Name": "a", "ID": "short"}', "/ID"),
    (b'{"Name": "a", "Closed": "no"}', "/Closed"), (b'{"Name": "a", "Location": 5}', "/Location"),
    (b'{"Name": "a", "Location": {"Address": "b"}}', "/Location/Name"),
    (b'{"Name": "a", "Location": {"Name": "b", "Halls": [{"name": "h", "capacity": -1}]}}',
     "/Location/Halls/0/capacity"),
    (b'{"Name": "a", "name": "b"}', None), (b'{"Name": "a"', None), (b'"a"', None),
]

BAD_LOCATIONS = [
    (b"{}", "/Name"), (b'{"Name": "a", "OpenTime": 25}', "/OpenTime"), (b'{"Name": "a", "Halls": 1}', "/Halls"),
    (b'{"Name": "a", "Halls": [{"capacity": 1}]}', "/Halls/0/name"), (b'{"Name": "a", "ID": 7}', "/ID"),
]


def bad_bookings(world):
    "P12: bad bookings are refused with the member named; nothing is stored, no message is sent, the process lives"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    path = EVENT.format(event=event)
    for body, pointer in BAD_BOOKINGS:
        problem(bookings.post(path, body), 400, pointer)
    problem(bookings.post(path, b'{"seats": 1}' + b" " * 17000), 413)
    problem(bookings.post(path, b"<seats/>", {"Content-Type": "application/xml"}), 415)
    problem(bookings.post(path, {"seats": 1}, {"Idempotency-Key": "k" * 256}), 400)
    problem(bookings.post(path, {"seats": 1}, {"Idempotency-Key": ""}), 400)
    for unknown in ("f" * 24, "opera", "%24gt", "x" * 100, "..%2f..", "%00"):
        answer = bookings.post(EVENT.format(event=unknown), {"seats": 1})
        assert answer.status in (400, 404), (unknown, answer)
        for part in (f"/events/{unknown}", f"/events/{unknown}/availability", f"/bookings/{unknown}"):
            assert bookings.get(part).status in (400, 404), part
    problem(bookings.get("/nothing/here"), 404)
    not_allowed = bookings.request("DELETE", "/events")
    problem(not_allowed, 405)
    assert "GET" in not_allowed.headers["Allow"], not_allowed.headers
    assert len(ledger_of(world, event)) == 1
    assert book(bookings, event).status == 201
    wait_published(world)
    assert len(world.observed()) == 1


def bad_events_and_locations(world):
    "P1: the same for events and locations at the event service"
    world.observe()
    events = world.start_eventservice()
    for body, pointer in BAD_EVENTS:
        problem(events.post("/events", body), 400, pointer)
    for body, pointer in BAD_LOCATIONS:
        problem(events.post("/locations", body), 400, pointer)
    problem(events.post("/events", b'{"Name": "a"}' + b" " * 17000), 413)
    problem(events.post("/locations", b'{"Name": "a"}' + b" " * 66000), 413)
    for unknown in ("/events/xyz", "/events/id/" + "f" * 24, "/events/name/nobody", "/locations/1"):
        problem(events.get(unknown), 404)
    assert events.get("/events").json() == [] and events.get("/locations").json() == []
    assert world.observed() == []


def bad_bytes(world):
    "P12: requests that are no HTTP are answered or cut, and the process lives"
    bookings = world.start_bookingservice()
    for data in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"A" * 100000 + b"\r\n\r\n",
                 b"POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                 b"POST /events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        answer = send_raw(bookings.host, bookings.port, data)
        assert not answer or answer.startswith(b"HTTP/1.1 4"), (data[:40], answer[:100])
    assert bookings.get("/events").status == 200


if __name__ == "__main__":
    run(bad_bookings, bad_events_and_locations, bad_bytes)
