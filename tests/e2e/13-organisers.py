"""Organisers change and remove what they have announced, and the booking service follows."""
import json
import random
import secrets

from harness import at_once, eventually, run
from harness.steps import (book, check_ledger, known, ledger_of, make_bookable, make_event, messages_by_id, new_key,
                           wait_published, wait_subscribed)


def availability(bookings, event):
    return bookings.get(f"/events/{event}/availability")


def wait_version(bookings, event, version):
    """Until ledger and copy have at least that version."""
    def taken_over():
        """the change is taken over"""
        answer = availability(bookings, event)
        return answer if answer.status == 410 or answer.json()["Version"] >= version else None

    return eventually(taken_over)


def capacity_reaches_the_ledger(world):
    "P9 P42: a new capacity reaches the ledger; below what is sold nothing more is sold"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10, Duration=90)
    assert book(bookings, event, 6).status == 201

    changed = events.request("PATCH", f"/events/{event}", {"Capacity": 4})
    assert changed.status == 200 and changed.json()["Version"] == 2, changed
    assert changed.json()["Duration"] == 90, "a partial change leaves the rest alone"
    now = wait_version(bookings, event, 2).json()
    assert (now["Capacity"], now["SeatsLeft"]) == (4, 0), now
    refused = book(bookings, event, 1)
    assert refused.status == 409 and refused.json()["seatsLeft"] == 0, refused

    assert events.post(f"/events/id/{event}", {"Capacity": 8}).json()["Version"] == 3
    assert wait_version(bookings, event, 3).json()["SeatsLeft"] == 2
    assert book(bookings, event, 2).status == 201
    check_ledger(ledger_of(world, event))
    assert [entry["cap"] for entry in ledger_of(world, event)][-1] == 8


def closing_and_opening(world):
    "P42: an event that is closed takes no bookings, and sells again when it is opened"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)

    assert events.request("PATCH", f"/events/{event}", {"Closed": True}).status == 200
    wait_version(bookings, event, 2)
    assert book(bookings, event).status == 410
    assert events.request("PATCH", f"/events/{event}", {"Closed": None}).json()["Closed"] is False
    wait_version(bookings, event, 3)
    assert book(bookings, event).status == 201


def removal_closes_the_sale(world):
    "P43: a removed event answers 410 to a booking; its bookings stay readable; its id is not used again"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    booking = book(bookings, event, 2).json()

    removed = events.request("DELETE", f"/events/{event}")
    assert removed.status == 204 and removed.body == b"", removed
    assert events.request("DELETE", f"/events/{event}").status == 404
    assert events.get(f"/events/{event}").status == 404
    assert events.get("/events").json() == []
    assert events.request("PATCH", f"/events/{event}", {"Name": "b"}).status == 404
    assert events.request("PUT", f"/events/{event}", {"Name": "b"}).status == 410
    assert events.post("/events", {"ID": event, "Name": "b"}).status == 410

    def closed():
        """the booking service refuses"""
        return book(bookings, event).status == 410

    eventually(closed)
    assert availability(bookings, event).status == 410
    assert bookings.get(f"/bookings/{booking['ID']}").json() == booking
    check_ledger(ledger_of(world, event), capacity=10)


def put_is_the_whole_event(world):
    "P45: PUT makes, replaces and leaves alone: what GET answered changes nothing and is not announced"
    events = world.start_eventservice()
    world.observe(routing_key="*.*")
    event = secrets.token_hex(12)
    body = {"Name": "Aida", "Duration": 90, "Location": {"Name": "Opera", "Halls": [
        {"name": "Main", "capacity": 500}, {"name": "Small", "capacity": 60}]}, "Hall": "Small"}

    made = events.request("PUT", f"/events/{event}", body)
    assert made.status == 201 and made.headers["Location"] == f"/events/{event}", made
    assert made.json()["Capacity"] == 60 and made.json()["Version"] == 1, made
    elsewhere = {**body, "Location": {**body["Location"], "Name": "Arena"}}
    taken = events.post("/events", {"ID": event, **elsewhere})
    assert taken.status == 409 and taken.json()["type"] == "/problems/exists", taken
    other = events.request("PUT", f"/events/{event}", elsewhere)
    assert other.status == 400 and other.json()["errors"][0]["pointer"] == "/Location", other
    shown = events.get(f"/events/{event}")
    again = events.request("PUT", f"/events/id/{event}", shown.json())
    assert again.status == 200 and again.json() == shown.json(), again
    assert again.headers["ETag"] == shown.headers["ETag"]

    renamed = events.request("PUT", f"/events/{event}", {"Name": "Tosca"}).json()
    assert (renamed["Name"], renamed["Duration"], renamed["Hall"], renamed["LocationID"]) == ("Tosca", 0, "", "")
    assert renamed["Capacity"] == 60, "nothing that decides the capacity was named"
    assert renamed["Version"] == 2
    other = events.request("PUT", f"/events/{event}", {"ID": secrets.token_hex(12), "Name": "x"})
    assert other.status == 400 and other.json()["errors"][0]["pointer"] == "/ID", other

    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    names = sorted((message.name, message.json()["version"]) for message in seen.values())
    assert names == [("event.created", 1), ("event.updated", 2), ("location.created", 1)], names


def hall_and_location_decide(world):
    "P42: the capacity is decided when the event is written: by a hall that is named, else by the sum of the halls"
    events = world.start_eventservice()
    location = events.post("/locations", {"Name": "Opera", "Halls": [
        {"name": "Main", "capacity": 500}, {"name": "Small", "capacity": 60}]}).json()["ID"]
    event = make_event(events, 7, LocationID=location)

    def patch(**members):
        return events.request("PATCH", f"/events/{event}", members)

    assert patch(Name="x").json()["Capacity"] == 7
    assert patch(Hall="Main").json()["Capacity"] == 500
    assert patch(Hall=None).json()["Capacity"] == 560
    halls = [{"name": "Tent", "capacity": 20}]
    assert events.request("PATCH", f"/locations/{location}", {"Halls": halls}).json()["Name"] == "Opera"
    assert events.get(f"/events/{event}").json()["Capacity"] == 560, "decided when the event was written"
    assert patch(Duration=5).json()["Capacity"] == 560
    assert patch(Capacity=None).json()["Capacity"] == 20
    refused = patch(Hall="Main")
    assert refused.status == 400 and refused.json()["errors"][0]["pointer"] == "/Hall", refused
    alone = patch(LocationID=None)
    assert (alone.json()["LocationID"], alone.json()["Capacity"]) == ("", None), alone


def one_location_brought_by_many(world):
    "P42: events bring a location under one id at once: one is stored, and all of them have the seats of its halls"
    replicas = [world.start_eventservice(), world.start_eventservice()]
    for n in range(10):
        place = secrets.token_hex(12)
        answers = at_once(8, lambda i: known(lambda: replicas[i % 2].post("/events", {
            "Name": f"{n} by {i}",
            "Location": {"ID": place, "Name": f"N{i}", "Halls": [{"name": "Main", "capacity": 5 + i}]}})))
        stored = replicas[0].get(f"/locations/{place}").json()
        for answer in answers:
            assert answer.status == 201, answer
            assert answer.json()["Location"]["Name"] == stored["Name"], (answer, stored)
            assert answer.json()["Capacity"] == stored["Halls"][0]["capacity"], (answer, stored)


def locations_change_and_go(world):
    "P9: a location in use is kept; one that is removed is gone for new events"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    world.observe(routing_key="location.*")
    made = events.post("/locations", {"Name": "Opera", "Address": "Square 1", "Country": "A"})
    location = made.json()["ID"]
    event = make_bookable(events, bookings, 5, LocationID=location)
    before = events.get(f"/events/{event}").headers["ETag"]

    changed = events.request("PATCH", f"/locations/{location}", {"Name": "New opera", "Country": None})
    assert changed.status == 200 and changed.json()["Version"] == 2, changed
    assert (changed.json()["Address"], changed.json()["Country"]) == ("Square 1", ""), changed
    assert events.request("PUT", f"/locations/{location}", changed.json()).json()["Version"] == 2
    assert events.get("/locations/name/New%20opera").json() == changed.json()
    assert events.get("/locations/name/Opera").status == 404
    shown = events.get(f"/events/{event}", {"If-None-Match": before})
    assert shown.status == 200 and shown.json()["Location"]["Name"] == "New opera", shown

    def followed():
        """the booking service shows the new name"""
        return bookings.get(f"/events/{event}").json()["Location"]["Name"] == "New opera"

    eventually(followed)
    kept = events.request("DELETE", f"/locations/{location}")
    assert kept.status == 409 and kept.json()["type"] == "/problems/in-use", kept
    assert events.request("PATCH", f"/events/{event}", {"LocationID": None}).status == 200
    assert events.request("DELETE", f"/locations/{location}").status == 204
    assert events.request("DELETE", f"/locations/{location}").status == 404
    assert events.post("/events", {"Name": "x", "LocationID": location}).status == 400
    brought = events.post("/events", {"Name": "x", "Location": {"ID": location, "Name": "Opera"}})
    assert brought.status == 410, brought
    assert events.post("/locations", {"ID": location, "Name": "x"}).status == 410

    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    names = sorted((message.json()["version"], message.name) for message in seen.values())
    assert names == [(1, "location.created"), (2, "location.updated"), (3, "location.removed")], names


def two_editors(world):
    "P44: two editors race over two replicas: with If-Match one wins, without all changes are there"
    replicas = [world.start_eventservice(), world.start_eventservice()]
    event = make_event(replicas[0], 5)

    for n in range(10):
        tag = replicas[0].get(f"/events/{event}").headers["ETag"]
        answers = at_once(2, lambda i: replicas[i].client().request(
            "PATCH", f"/events/{event}", {"Name": f"{n} by {i}"}, {"If-Match": tag}))
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200, 412], answers
        winner = next(answer for answer in answers if answer.status == 200)
        assert replicas[1].get(f"/events/{event}").json() == winner.json()

    before = replicas[0].get(f"/events/{event}").json()["Version"]
    members = ["Duration", "StartDate", "Capacity"]
    answers = at_once(3, lambda i: [known(lambda n=n: replicas[i % 2].request(
        "PATCH", f"/events/{event}", {members[i]: 100 + n})).status for n in range(5)])
    assert answers == [[200] * 5] * 3, answers
    now = replicas[1].get(f"/events/{event}").json()
    assert [now[member] for member in members] == [104] * 3, now
    assert now["Version"] == before + 15


def conditions(world):
    "P41 P44: strong tags: 304 when nothing that is shown changed, 412 for a change over another version"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 5)
    path = f"/events/{event}"
    tag = events.get(path).headers["ETag"]

    same = events.get(path, {"If-None-Match": tag})
    assert same.status == 304 and same.body == b"" and same.headers["ETag"] == tag, same
    assert book(bookings, event).status == 201

    def moved():
        """the sale shows in the tag"""
        return events.get(path, {"If-None-Match": tag}).status == 200

    eventually(moved)
    assert events.request("PATCH", path, {"Duration": 7}, {"If-Match": tag}).status == 200, "the version is the same"
    for method, body in (("PUT", {"Name": "x"}), ("PATCH", {"Name": "x"}), ("DELETE", None)):
        late = events.request(method, path, body, {"If-Match": tag})
        assert late.status == 412 and late.json()["type"] == "/problems/precondition", late
        weak = events.request(method, path, body, {"If-Match": "W/" + events.get(path).headers["ETag"]})
        assert weak.status == 412, weak
    fresh = f"/events/{secrets.token_hex(12)}"
    assert events.request("PUT", fresh, {"Name": "x"}, {"If-Match": "*"}).status == 412
    assert events.request("PUT", fresh, {"Name": "x"}, {"If-None-Match": "*"}).status == 201
    assert events.request("PUT", fresh, {"Name": "x"}, {"If-None-Match": "*"}).status == 412
    assert events.request("DELETE", fresh, None, {"If-Match": "*"}).status == 204

    for kind in ("/events", "/locations"):
        first = events.post(kind, {"Name": "Norma"}).json()["ID"]
        tag = events.get(f"{kind}/name/Norma").headers["ETag"]
        assert events.get(f"{kind}/name/Norma", {"If-None-Match": tag}).status == 304
        assert events.request("DELETE", f"{kind}/{first}", None, {"If-Match": tag}).status == 204
        second = events.post(kind, {"Name": "Norma"}).json()["ID"]
        assert events.get(f"{kind}/name/Norma", {"If-None-Match": tag}).json()["ID"] == second


def keys_of_organisers(world):
    "P46: a repeated key creates nothing again, on whichever replica, and says so"
    replicas = [world.start_eventservice(), world.start_eventservice()]
    for path, body in (("/events", {"Name": "Aida", "Capacity": 3, "Location": {"Name": "Opera"}}),
                       ("/events", {"ID": secrets.token_hex(12), "Name": "Aida", "Location": {"Name": "Opera"}}),
                       ("/locations", {"Name": "Opera", "Halls": [{"name": "A", "capacity": 3}]})):
        headers = {"Idempotency-Key": new_key()}
        answers = at_once(8, lambda i: known(lambda: replicas[i % 2].post(path, body, headers)))
        assert {answer.status for answer in answers} == {201}, answers
        ids = {answer.json()["ID"] for answer in answers}
        assert len(ids) == 1, ids
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
        one = f"{path}/{ids.pop()}"

        other_bytes = json.dumps({key.lower(): value for key, value in reversed(body.items())}, indent=1)
        repeat = replicas[0].post(path, other_bytes, headers)
        assert repeat.status == 201 and repeat.headers["Idempotency-Replayed"] == "true", repeat
        other = replicas[1].post(path, {**body, "Name": "Tosca"}, headers)
        assert other.status == 422 and other.json()["type"] == "/problems/key-reused", other
        assert replicas[0].request("PATCH", one, {"Name": "Fidelio"}).status == 200
        assert replicas[1].post(path, body, headers).json()["Name"] == "Fidelio", "as it is now"
        assert replicas[0].request("DELETE", one).status == 204
        assert replicas[1].post(path, body, headers).status == 410
    assert len(replicas[0].get("/locations").json()) == 2, "what came along with an event came once"


def disorder_is_harmless(world):
    "P9 P18 P34: messages shuffled and twice: the highest version counts, what is removed stays removed"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    kept, gone = secrets.token_hex(12), secrets.token_hex(12)

    def message(event, version, name):
        body = {"id": event, "version": version}
        if name != "event.removed":
            body.update(name=f"version {version}", location_id=None, location_name="", hall="", capacity=version,
                        closed=False, duration=0, start_date=None, end_date=None)
        return name, body

    messages = [message(event, version, "event.created" if version == 1 else "event.updated")
                for event in (kept, gone) for version in range(1, 9)]
    messages.append(message(gone, 9, "event.removed"))
    messages *= 2
    random.shuffle(messages)
    with world.amqp() as amqp:
        amqp.confirm_select()
        for name, body in messages:
            amqp.publish("events", name, body, message_id=f"{body['id']}:{body['version']}",
                         headers={"x-event-name": name})
        amqp.wait_for_confirms()

    assert wait_version_known(bookings, kept, 8)["Capacity"] == 8

    def removed():
        """the removal has arrived"""
        return availability(bookings, gone).status == 410

    eventually(removed)
    assert book(bookings, gone).status == 410
    versions = [entry["ev"] for entry in ledger_of(world, kept)]
    assert versions == sorted(set(versions)) and versions[-1] == 8, versions


def wait_version_known(bookings, event, version):
    def known():
        """that version is known"""
        answer = availability(bookings, event)
        return answer.json() if answer.status == 200 and answer.json()["Version"] == version else None

    return eventually(known)


if __name__ == "__main__":
    run(capacity_reaches_the_ledger, closing_and_opening, removal_closes_the_sale, put_is_the_whole_event,
        hall_and_location_decide, one_location_brought_by_many, locations_change_and_go, two_editors, conditions,
        keys_of_organisers, disorder_is_harmless)
