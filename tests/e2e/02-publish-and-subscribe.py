"""Publisher and subscribers do not know each other."""
import subprocess

from harness import eventually, run
from harness.steps import make_event, messages_by_id, wait_bookable, wait_published, wait_subscribed
from harness.world import BUILD


def a_publisher_needs_no_subscriber(world):
    "P1 P33: with no booking service and no queue of its own the request succeeds, and the message is kept in the log"
    events = world.start_eventservice()
    event = make_event(events, 5)
    wait_published(world)
    assert world.management.queue("booking") is None

    with world.amqp() as amqp:
        amqp.start_consumer("catalogue.log", prefetch=100, arguments={"x-stream-offset": "first"})
        logged = amqp.receive(30)
    assert logged and logged.id == f"{event}:1", logged


def neither_links_the_other(world):
    "P1 P11: no program holds code of the other one"
    def symbols(program):
        lines = subprocess.run(["nm", f"{BUILD}/{program}/{program}"], capture_output=True, text=True, check=True).stdout
        return {line.split()[-1] for line in lines.splitlines()}

    assert "ledger_book" in symbols("bookingservice") and "ledger_book" not in symbols("eventservice")
    assert "event_create" in symbols("eventservice") and "event_create" not in symbols("bookingservice")


def every_bound_queue_gets_every_message(world):
    "P2 P8 P21: a queue bound by a foreign client receives every message, readable in any language"
    world.observe("foreign", routing_key="event.*")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    made = {make_event(events, 1, name=f"E{i}") for i in range(50)}
    for event in made:
        wait_bookable(bookings, event)
    wait_published(world)

    seen, _ = messages_by_id(world.observed("foreign"))
    assert {message.json()["id"] for message in seen.values()} == made
    assert all(message.json()["capacity"] == 1 for message in seen.values())


def a_foreign_publisher_is_understood(world):
    "P3: a third program publishes event.created, in either spelling; the booking service accepts it"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    ids = [f"00000000000000000000000{digit}" for digit in "123"]
    with world.amqp("foreign") as amqp:
        amqp.confirm_select()
        amqp.publish("events", "event.created",
                     {"id": ids[0], "version": 1, "name": "A", "capacity": 3, "closed": False, "surprise": [1]},
                     message_id="a")
        amqp.publish("events", "eventCreated", {"id": ids[1], "name": "B", "capacity": 4}, message_id="b")
        amqp.publish("events", "event.created", {"id": ids[2], "name": "C", "capacity": 5},
                     headers={"x-event-name": "eventCreated"})
        amqp.wait_for_confirms()
    for event, capacity in zip(ids, (3, 4, 5)):
        wait_bookable(bookings, event)
        assert bookings.get(f"/events/{event}/availability").json()["SeatsLeft"] == capacity


def structured_events_are_understood(world):
    "P3 P19: a third program publishes structured CloudEvents; the booking service accepts them, and parks what is none"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    event = "000000000000000000000001"
    good = {"specversion": "1.0", "type": "event.created", "id": "a", "source": "https://shop.example/", "extra": [1],
            "datacontenttype": "application/json", "data": {"id": event, "version": 1, "name": "A", "capacity": 3}}
    bad = {
        "other-version": {**good, "specversion": "2.0"},
        "no-type": {key: value for key, value in good.items() if key != "type"},
        "no-data": {key: value for key, value in good.items() if key != "data"},
        "base64": {**{key: value for key, value in good.items() if key != "data"}, "data_base64": "e30="},
        "text-data": {**good, "data": "{}"},
        "unknown-name": {**good, "type": "event.exploded"},
        "no-json": b"{",
        "not-structured": good["data"],
    }
    with world.amqp("foreign") as amqp:
        amqp.confirm_select()
        for name, body in bad.items():
            amqp.publish("events", "event.created", body, content_type="application/cloudevents+json", message_id=name)
        amqp.publish("events", "event.created", good, content_type="application/cloudevents+json; charset=utf-8")
        amqp.wait_for_confirms()
    wait_bookable(bookings, event)
    assert bookings.get(f"/events/{event}/availability").json()["SeatsLeft"] == 3

    with world.amqp() as amqp:
        eventually(lambda: amqp.count("booking.dead") == len(bad))
        parked = {message.id: message for message in amqp.take("booking.dead")}
    for name in bad:
        message = parked[name]
        assert message.headers["x-parked-reason"], (name, message.headers)
        assert message.properties["content_type"] == "application/cloudevents+json", message.properties
    assert "2.0" in parked["other-version"].headers["x-parked-reason"], parked["other-version"].headers


def backends_swap_by_configuration(world):
    "P20: the same programs serve from other backends that the configuration names, without any server"
    memory = {"databasetype": "memory", "message_broker_type": "memory"}
    events, bookings, search = (start(memory) for start in (
        world.start_eventservice, world.start_bookingservice, world.start_searchservice))
    event = make_event(events, 5, name="In memory")
    assert events.get(f"/events/{event}").json()["Name"] == "In memory"
    assert bookings.get("/events").json() == search.get("/search").json() == []
    assert world.events_db.collections() == [] and world.management.queues() == {}
    assert [service.stop() for service in (events, bookings, search)] == [0, 0, 0]


if __name__ == "__main__":
    run(a_publisher_needs_no_subscriber, neither_links_the_other, every_bound_queue_gets_every_message,
        a_foreign_publisher_is_understood, structured_events_are_understood, backends_swap_by_configuration)
