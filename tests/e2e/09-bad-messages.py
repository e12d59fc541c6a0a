"""Poison: parked with its reason, while the good messages around it are processed."""
from harness import eventually, run
from harness.steps import wait_bookable, wait_subscribed


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
    eventually(lambda: world.management.queue("booking.dead")["messages"] == len(bad) + 2)
    assert bookings.metric("myevents_messages_parked_total") == len(bad) + 2
    with world.amqp() as amqp:
        parked = list(amqp.consume("booking.dead", prefetch=100))
    assert {message.id for message in parked} == {f"bad-{n}" for n in range(len(bad))} | {"unknown", "name"}
    for message in parked:
        assert message.headers["x-parked-reason"], message
        assert message.headers["x-parked-by"].startswith("bookingservice"), message.headers
        assert message.headers["x-parked-at"], message.headers
    bodies = {message.id: message.body for message in parked}
    assert all(bodies[f"bad-{number}"] == body for number, body in enumerate(bad)), "a body was changed"
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
    eventually(lambda: world.management.queue("event.dead")["messages"] == 2)
    eventually(lambda: events.metric("myevents_messages_unknown_event_total") == 1)
    eventually(lambda: world.management.queue("event")["messages"] == 0)


if __name__ == "__main__":
    run(a_bad_message_does_not_stop_a_consumer, the_event_service_parks_as_well)
