"""
Demo data over HTTP, as any client would bring them: locations, events, and bookings of the first two. Ids and
keys are fixed, so that loading them again changes nothing; what somebody removed since stays removed.
"""
import json
import time
import urllib.error
import urllib.request

from local.process import wait_until

DAY_S = 86400

LOCATIONS = [
    {"ID": "100000000000000000000001", "Name": "Opera House", "Address": "1 Quay Street", "Country": "Norway",
     "OpenTime": 10, "CloseTime": 23, "Halls": [{"name": "Main Hall", "location": "ground floor", "capacity": 1400},
                                                {"name": "Studio", "location": "second floor", "capacity": 90}]},
    {"ID": "100000000000000000000002", "Name": "Old Mill", "Address": "7 River Lane", "Country": "Austria",
     "OpenTime": 17, "CloseTime": 24, "Halls": [{"name": "Mill Room", "location": "back yard", "capacity": 60}]},
]

EVENTS = [
    {"ID": "200000000000000000000001", "Name": "The Magic Flute", "LocationID": "100000000000000000000001",
     "Hall": "Main Hall", "Duration": 165},
    {"ID": "200000000000000000000002", "Name": "An evening of trios", "LocationID": "100000000000000000000001",
     "Hall": "Studio", "Duration": 90},
    {"ID": "200000000000000000000003", "Name": "Open stage", "LocationID": "100000000000000000000002",
     "Capacity": 40, "Duration": 120},
]

BOOKINGS = [("200000000000000000000001", 2), ("200000000000000000000001", 4), ("200000000000000000000002", 1)]


class Refused(Exception):
    """A service did not take what it should."""


def request(method, url, body=None, headers=None):
    """Status and decoded body."""
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(call, timeout=10) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def expect(statuses, method, url, body=None, headers=None):
    """The status. A 503 says that the outcome is not known, or that nothing was done: the same request again
    settles it."""
    answers = []

    def has_outcome():
        answers.append(request(method, url, body, headers))
        return answers[-1][0] != 503

    wait_until(has_outcome, 20, pause=0.5)
    status, answer = answers[-1]
    if status not in statuses:
        raise Refused(f"{method} {url}: {status} {answer}")
    return status


def make(url, body):
    """Whether it is there; not when it was removed after an earlier load, for its id is never used again."""
    return expect((201, 409, 410), "POST", url, body) != 410


def load(event_url, booking_url):
    there = {location["ID"] for location in LOCATIONS if make(f"{event_url}/locations", location)}
    for number, event in enumerate(EVENTS, 1):
        start = int(time.time()) // DAY_S * DAY_S + (30 * number * DAY_S) + 20 * 3600
        times = {"StartDate": start, "EndDate": start + event["Duration"] * 60}
        if event["LocationID"] in there and make(f"{event_url}/events", {**event, **times}):
            there.add(event["ID"])
            await_event(booking_url, event["ID"])
    for number, (event_id, seats) in enumerate(BOOKINGS, 1):
        if event_id in there:
            expect((201,), "POST", f"{booking_url}/events/{event_id}/bookings", {"seats": seats},
                   {"Idempotency-Key": f"demo-{number}"})


def await_event(booking_url, event_id):
    """The booking service hears of an event through the broker."""
    if not wait_until(lambda: request("GET", f"{booking_url}/events/{event_id}")[0] == 200, 20):
        raise Refused(f"the booking service has not heard of event {event_id} within 20 s")
