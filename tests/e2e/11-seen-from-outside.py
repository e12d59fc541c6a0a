"""Logs and metrics."""
import json
import re

from harness import eventually, run
from harness.metrics import parse
from harness.proxy import Proxy
from harness.steps import book, book_until_known, check_ledger, ledger_of, make_bookable, wait_subscribed

LINE = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) +\S.*')
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')


def logs_are_lines(world):
    "P28: one line per request and per message, each of them parseable, whatever clients send"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    wait_subscribed(world, "booking")
    event = make_bookable(events, bookings, 10, name='A "name"\nwith=everything\t\u00e9')
    assert book(bookings, event, 2, "a-key").status == 201
    bookings.get("/events/%0a%0d%22quoted%22", {"X-Request-Id": "my-own.id_1"})
    bookings.get("/nowhere?x=1\u0020y".replace(" ", "%20"), {"X-Request-Id": "not a good one"})

    def lines_of(service):
        lines = service.log_text().splitlines()
        assert all(LINE.match(line) for line in lines), [line for line in lines if not LINE.match(line)]
        return [dict(FIELD.findall(line)) for line in lines]

    def all_is_said():
        """the requests and the message have their lines"""
        lines = lines_of(bookings)
        posts = [line for line in lines if line.get("method") == "POST"]
        assert len(posts) == 1 and posts[0]["status"] == "201", posts
        # It may be read in the log as well, which is then said too.
        heard = [line for line in lines if line.get("id") == f"{event}:1" and line["from_log"] == "0"]
        assert len(heard) == 1 and heard[0]["name"] == "event.created", heard
        return any(line.get("request_id") == "my-own.id_1" for line in lines)

    eventually(all_is_said)


def logs_as_json(world):
    "P28: the same as JSON, an object a line"
    bookings = world.start_bookingservice({"log_format": "json"})
    bookings.get("/events")
    eventually(lambda: '"status"' in bookings.log_text())
    assert all(json.loads(line)["service"] for line in bookings.log_text().splitlines())


def metrics_on_their_own_port(world):
    "P26 P27: metrics are on a port of their own only, and their sums are what is stored"
    events = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    event = make_bookable(events, replicas[0], 20)
    for number in range(12):
        book_until_known(replicas[number % 2], event, 1 + number % 3)
    assert replicas[0].get("/metrics").status == 404

    entries = ledger_of(world, event)
    stored = check_ledger(entries, 20)
    assert sum(replica.metric("myevents_bookings_total") for replica in replicas) == len(stored)
    assert sum(replica.metric("myevents_seats_booked_total") for replica in replicas) == entries[-1]["sold"]
    assert sum(replica.metric("myevents_bookings_rejected_total", reason="sold-out") for replica in replicas) \
        == 12 - len(stored)
    for service in (events, *replicas):
        text = service.health("/metrics")
        assert text.status == 200 and parse(text.body.decode())
        assert service.health("/livez").status == 200


def counted_when_nobody_hears_of_it(world):
    "P27: a booking that lands after its caller has left is counted"
    events = world.start_eventservice()
    host, port = world.bookings_db.address.rsplit(":", 1)
    with Proxy((host, int(port))) as proxy:
        url = f"mongodb://127.0.0.1:{proxy.port}/{world.bookings_db.name}?directConnection=true"
        bookings = world.start_bookingservice(environment={"MONGO_URL": url})
        event = make_bookable(events, bookings, 20)
        assert book(bookings, event, 1).status == 201
        proxy.down.stall()
        # Without a key nothing is looked up before it is sent.
        answer = book(bookings, event, 3)
        assert answer.status == 503 and answer.json()["type"] == "/problems/outcome-unknown", answer
        proxy.down.resume()
        proxy.cut()
        booking = answer.json()["bookingId"]
        eventually(lambda: bookings.get(f"/bookings/{booking}").status == 200)

        stored = check_ledger(ledger_of(world, event), 20)
        assert len(stored) == 2 and booking in stored, stored
        eventually(lambda: bookings.metric("myevents_bookings_total") == 2)
        assert bookings.metric("myevents_seats_booked_total") == 4
        assert bookings.metric("myevents_seats_per_booking_count") == 2
        bookings.stop()


if __name__ == "__main__":
    run(logs_are_lines, logs_as_json, metrics_on_their_own_port, counted_when_nobody_hears_of_it)
