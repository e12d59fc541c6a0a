"""Poison: parked with its reason, while the good messages around it are processed."""
import os

from harness import PATIENCE_S, eventually, pages, run
from harness.copies import update_one
from harness.steps import book, make_event, wait_bookable, wait_published, wait_subscribed
from harness.world import BUILD
from mongo_command import Int64, ObjectId

# Whoever preloads it dies, as of kill -9, of parsing a body that holds these words.
DIES_READING = {"LD_PRELOAD": os.path.join(BUILD, "tests", "e2e", "preload", "libdies_reading.so"),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}
DEADLY = {"id": "d" * 24, "name": "deadly to read", "capacity": 1}
DEATHS_MAX = 40


def good(number):
    return {"id": f"{number:024x}", "version": 1, "name": f"E{number}", "capacity": 1, "closed": False}


def a_bad_message_does_not_stop_a_consumer(world):
    "P19: malformed messages are parked in booking.dead with their reason; the good ones around them are processed"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    bad = [
        b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"id": "' + b"a" * 24 + b'"} x', b"[" * 100000,
        b'{"id": 5, "name": "x"}', b'{"id": "xyz", "name": "x"}', b'{"name": "x"}',
        b'{"id": "' + b"a" * 24 + b'"}', b'{"id": "' + b"a" * 24 + b'", "name": "x", "version": -1}',
        b'{"id": "' + b"a" * 24 + b'", "name": "x", "capacity": "many"}',
        b'{"id": "' + b"a" * 24 + b'", "name": "x\\u0000y"}',
        b'{"id": "' + b"a" * 24 + b'", "name": "' + b"n" * 1000 + b'"}', b" " * (1 << 20),
    ]
    with world.amqp() as amqp:
        amqp.confirm_select()
        for number, body in enumerate(bad):
            amqp.publish("events", "event.created", body, message_id=f"bad-{number}")
            amqp.publish("events", "event.created", good(number + 1), message_id=f"good-{number}")
        amqp.publish("events", "location.exploded", {"id": "1"}, message_id="unknown")
        amqp.publish("events", "event.created", good(1), headers={"x-event-name": "event.unheard"}, message_id="name")
        amqp.wait_for_confirms()

    for number in range(len(bad)):
        wait_bookable(bookings, good(number + 1)["id"])
    eventually(lambda: world.management.messages("booking.dead") == len(bad) + 2)
    assert bookings.metric("myevents_messages_parked_total") == len(bad) + 2
    with world.amqp() as amqp:
        parked = amqp.browse("booking.dead")
    assert {message.id for message in parked} == {f"bad-{n}" for n in range(len(bad))} | {"unknown", "name"}
    for message in parked:
        assert message.headers["x-parked-reason"], message
        assert message.headers["x-parked-by"].startswith("bookingservice"), message.headers
        assert message.headers["x-parked-at"], message.headers
        assert message.headers["x-parked-count"] == 1, message.headers
    bodies = {message.id: message.body for message in parked}
    assert all(bodies[f"bad-{number}"] == body for number, body in enumerate(bad)), "a body was changed"
    eventually(lambda: world.management.messages("booking") == 0)
    assert [row["Name"] for row in bookings.get("/events").json()], "nothing was taken over"


def the_event_service_parks_as_well(world):
    "P19: the same at the event service; a message about an unknown event is counted and acknowledged"
    events = world.start_eventservice()
    wait_subscribed(world, "event")
    booked = {"eventId": "a" * 24, "userId": None, "bookingId": "b" * 24, "seats": 1,
              "bookedAt": "2026-11-21T09:30:00Z", "seatsSold": 1, "seatsLeft": None, "entry": 1}
    with world.amqp() as amqp:
        amqp.confirm_select()
        amqp.publish("events", "event.booked", b"{", message_id="bad")
        amqp.publish("events", "event.booked", {**booked, "seats": "two"}, message_id="worse")
        amqp.publish("events", "event.booked", booked, message_id="unknown")
        amqp.wait_for_confirms()
    eventually(lambda: world.management.messages("event.dead") == 2)
    eventually(lambda: events.metric("myevents_messages_unknown_event_total") == 1)
    eventually(lambda: world.management.messages("event") == 0)


def wait_while_it_dies(service, condition):
    """Start the service again as often as it dies, until the condition holds. Returns how often that was."""
    deaths = 0

    def settled():
        """the deadly message is settled"""
        nonlocal deaths
        if not service.is_alive():
            deaths += 1
            assert deaths <= DEATHS_MAX, "it dies and dies"
            service.start(wait=False)
            service.expected_end = True
        return condition()

    service.expected_end = True
    eventually(settled, 240)  # some fifteen starts
    service.wait_ready()
    service.expected_end = False
    return deaths


def a_deadly_message_is_quarantined(world):
    "P19: a message that kills its consumer is parked after five noted attempts; the others around it are handled"
    bookings = world.start_bookingservice(environment=DIES_READING)
    wait_subscribed(world, "booking")
    with world.amqp() as amqp:
        amqp.confirm_select()
        for number in range(1, 41):
            amqp.publish("events", "event.created", good(number), message_id=f"good-{number}")
            if number == 20:
                amqp.publish("events", "event.created", DEADLY, message_id="deadly")
        amqp.wait_for_confirms()

    def all_done():
        return (world.management.messages("booking.dead") == 1
                and all(bookings.get(f"/events/{good(n)['id']}/availability").status == 200 for n in (1, 20, 21, 40)))

    deaths = wait_while_it_dies(bookings, all_done)
    print(f"       {deaths} deaths")
    assert deaths >= 5, deaths
    for number in range(1, 41):
        wait_bookable(bookings, good(number)["id"])
    with world.amqp() as amqp:
        parked, = amqp.browse("booking.dead")
    assert parked.id == "deadly" and parked.json() == DEADLY, parked
    assert parked.headers["x-parked-reason"] == "quarantine", parked.headers
    assert parked.headers["x-parked-count"] == 5, parked.headers
    assert parked.headers["x-parked-by"].startswith("bookingservice@"), parked.headers
    assert parked.headers["x-parked-at"].endswith("Z"), parked.headers
    assert bookings.metric("myevents_messages_parked_total", kind="quarantine") == 1
    eventually(lambda: world.management.messages("booking") == 0)
    assert not [row for row in world.bookings_db.find("attempts") if row["_id"] != "message deadly"], \
        world.bookings_db.find("attempts")


def give_back(world, queue, times):
    """Take what a queue holds and end without an answer, so that it counts as delivered."""
    for _ in range(times):
        with world.amqp() as amqp:
            amqp.start_consumer(queue)
            assert amqp.receive(PATIENCE_S)


def trouble_quarantines_nothing(world):
    "P5: a message that came back often, its database away, its service killed again and again, is handled when all is well"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    bookings.kill()
    with world.amqp() as amqp:
        amqp.confirm_select()
        amqp.publish("events", "event.created", good(1), message_id="suspect")
        amqp.wait_for_confirms()
    give_back(world, "booking", 8)
    world.kill_server("mongod")
    for _ in range(7):
        bookings.start(wait=False)
        eventually(lambda: bookings.health("/livez").status == 200)
        bookings.kill()
    world.start_server("mongod")
    bookings.start()
    wait_bookable(bookings, good(1)["id"])
    eventually(lambda: world.management.messages("booking") == 0)
    assert world.waiting("booking.dead") == 0
    eventually(lambda: not world.bookings_db.find("attempts"))


def damage_holds_up_nobody_else(world):
    "P19: what somebody has damaged in a database takes no other message with it, from the queue and from the log"
    kinds = {"booking": world.start_bookingservice(), "search": world.start_searchservice(),
             "event": world.start_eventservice()}
    for queue in kinds:
        wait_subscribed(world, queue)
    made = [make_event(kinds["event"], 9, f"E{number}") for number in range(9)]
    for event in made:
        wait_bookable(kinds["booking"], event)
        assert book(kinds["booking"], event).status == 201
        eventually(lambda: kinds["event"].get(f"/events/{event}").json()["SeatsLeft"] == 8)
    eventually(lambda: len(kinds["search"].get("/search").json()) == len(made))
    for service in kinds.values():
        assert service.stop() == 0

    hurt = {"_id": ObjectId(made[4])}
    for database in (world.bookings_db, world.search_db):
        update_one(database, "copied_events", hurt, {"$set": {"version": "two"}})
    update_one(world.events_db, "sales", hurt, {"$set": {"entry": "two"}})
    with world.amqp() as amqp:
        amqp.confirm_select()
        for number, event in enumerate(made):
            amqp.publish("events", "event.updated", {"id": event, "version": 2, "name": f"N{number}", "capacity": 9,
                                                     "closed": True}, message_id=f"closed-{number}")
            amqp.publish("events", "event.booked", {"eventId": event, "userId": None, "bookingId": f"{number + 1:024x}",
                                                    "seats": 4, "bookedAt": "2026-11-21T09:30:00Z", "seatsSold": 5,
                                                    "seatsLeft": 4, "entry": 2}, message_id=f"booked-{number}")
        amqp.wait_for_confirms()
    for service in kinds.values():
        service.start()

    for queue, service in kinds.items():
        eventually(lambda: service.metric("myevents_messages_parked_total", kind="other") == 1)
        lost = "booked-4" if queue == "event" else "closed-4"
        eventually(lambda: service.metric("myevents_log_left_out_total") >= 1)
        assert any("message of the log left out" in line and lost in line for line in service.log_text().splitlines())
        with world.amqp() as amqp:
            parked, = amqp.browse(f"{queue}.dead")
        assert parked.id == lost, parked
        assert "is no integer" in parked.headers["x-parked-reason"], parked.headers
    for number, event in enumerate(made):
        if number == 4:
            continue
        eventually(lambda: kinds["booking"].get(f"/events/{event}/availability").json()["Closed"])
        eventually(lambda: kinds["event"].get(f"/events/{event}").json()["SeatsLeft"] == 4)
        eventually(lambda: [row["ID"] for row in kinds["search"].get(f"/search?q=N{number}").json()] == [event])
    damage_hides_nothing_else(world, kinds, made)


def damage_hides_nothing_else(world, kinds, made):
    """Lists show all but what is damaged, and no seats where the ledger is."""
    last = {"_id": {"e": ObjectId(made[3]), "s": Int64(2)}}
    update_one(world.bookings_db, "ledger", last, {"$set": {"cap": "many"}})
    left = {*made} - {made[4]}
    for service, path in ((kinds["booking"], "/events"), (kinds["event"], "/events"), (kinds["search"], "/search")):
        answer = service.get(path)
        assert answer.status == 200 and {row["ID"] for row in answer.json()} == left, answer
        assert [len(page) for page in pages(service, f"{path}?limit=1")] == [1] * len(left), path
        assert any("left out of a list" in line and made[4] in line for line in service.log_text().splitlines())
    seats = {row["ID"]: row["SeatsLeft"] for row in kinds["booking"].get("/events").json()}
    assert seats.pop(made[3]) is None and set(seats.values()) == {8}, seats
    places = [kinds["event"].post("/locations", {"Name": name}).json()["ID"] for name in ("Opera", "Arena")]
    update_one(world.events_db, "locations", {"_id": ObjectId(places[0])}, {"$set": {"name": 7}})
    assert [row["ID"] for row in kinds["event"].get("/locations").json()] == places[1:]
    people = sorted(kinds["booking"].post("/users", {"First": name}).json()["ID"] for name in ("Ada", "Bo", "Cy"))
    update_one(world.bookings_db, "users", {"_id": ObjectId(people[0])}, {"$set": {"age": 1.5}})
    assert [page[0]["ID"] for page in pages(kinds["booking"], "/users?limit=1")] == people[1:]
    update_one(world.search_db, "found", {"_id": ObjectId(made[0])}, {"$unset": {"start": ""}})
    assert {row["ID"] for row in kinds["search"].get("/search").json()} == left - {made[0]}
    damage_hides_no_other_of_a_name(world, kinds["event"])


def damage_hides_no_other_of_a_name(world, events):
    """By name the first that can be read is shown, and a location is in use though one of its events cannot be."""
    halls = sorted(events.post("/locations", {"Name": "Hall"}).json()["ID"] for _ in range(2))
    shows = [make_event(events, name="Twice", StartDate=day, LocationID=halls[1]) for day in (1, 2)]
    wait_published(world)
    update_one(world.events_db, "locations", {"_id": ObjectId(halls[0])}, {"$set": {"open": "early"}})
    update_one(world.events_db, "events", {"_id": ObjectId(shows[0])}, {"$set": {"capacity": "many"}})
    assert events.get("/locations/name/Hall").json()["ID"] == halls[1]
    assert events.get("/events/name/Twice").json()["ID"] == shows[1]
    assert events.request("DELETE", f"/locations/{halls[1]}").status == 409


if __name__ == "__main__":
    run(a_bad_message_does_not_stop_a_consumer, the_event_service_parks_as_well, a_deadly_message_is_quarantined,
        trouble_quarantines_nothing, damage_holds_up_nobody_else)
