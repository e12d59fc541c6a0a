"""What people see at the broker, and what a restart of it does."""
from harness import eventually, run
from harness.steps import book, make_event, wait_bookable, wait_published, wait_subscribed

CATALOGUE = {"event.created", "event.updated", "event.removed", "location.*", "eventCreated", "locationCreated"}
TOPOLOGY = (
    {("events", key, queue) for key in CATALOGUE for queue in ("booking", "catalogue.log")}
    | {("events", key, "event") for key in ("event.booked", "booking.cancelled", "eventBooked")}
    | {("events", key, "bookings.log") for key in ("event.booked", "booking.*", "eventBooked")}
    | {("events.dead", queue, f"{queue}.dead") for queue in ("booking", "event")})


def a_restart_loses_nothing(world):
    "P29: messages wait in the queue while the broker is restarted; all of them are delivered"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    assert bookings.stop() == 0
    made = [make_event(events, 1, name=f"E{i}") for i in range(100)]
    wait_published(world)
    assert world.management.queue("booking") is not None
    world.kill_server("rabbitmq")
    world.start_server("rabbitmq")
    bookings.start()
    for event in made:
        wait_bookable(bookings, event, timeout=30)


def clients_make_the_topology(world):
    "P32: on an empty broker exchange, queues and bindings appear; a second start changes nothing"
    assert not world.management.queues()
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    eventually(lambda: world.management.bindings() == TOPOLOGY)

    def picture():
        queues = {name: (queue["type"], queue["durable"], queue["arguments"])
                  for name, queue in world.management.queues().items()}
        kinds = {name: exchange["type"] for name, exchange in world.management.exchanges().items()
                 if name.startswith("events")}
        return queues, kinds, world.management.bindings()

    first = picture()
    queues, kinds, _ = first
    assert kinds == {"events": "topic", "events.dead": "direct"}, kinds
    assert {name: kind for name, (kind, _, _) in queues.items()} == {
        "booking": "quorum", "event": "quorum", "booking.dead": "quorum", "event.dead": "quorum",
        "catalogue.log": "stream", "bookings.log": "stream"}
    assert queues["booking"][2] == {
        "x-queue-type": "quorum", "x-dead-letter-exchange": "events.dead", "x-dead-letter-routing-key": "booking",
        "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish", "x-max-length": 1000000,
        "x-delivery-limit": 1000}, queues["booking"]
    for service in (events, bookings):
        service.stop()
        service.start()
    wait_subscribed(world, "booking")
    assert picture() == first


def the_management_ui_shows_it(world):
    "P35: queues, one consumer per worker with its name, connections by role, dead letters, through the management API"
    events = world.start_eventservice()
    workers = [world.start_bookingservice(), world.start_bookingservice()]

    def consumers():
        return [row["consumer_tag"] for row in world.management.queue("booking")["consumer_details"]]

    eventually(lambda: len(consumers()) == 2)
    assert all(tag.startswith("bookingservice@") and tag.endswith("#consumer") for tag in consumers()), consumers()
    names = eventually(lambda: (found := [row["client_properties"].get("connection_name", "")
                                          for row in world.management.connections()]) and len(found) >= 6 and found)
    assert sum(name.endswith("#relay") for name in names) == 3, names
    assert sum(name.endswith("#consumer") for name in names) >= 3, names

    event = make_event(events, 5)
    wait_bookable(workers[0], event)
    assert book(workers[0], event).status == 201
    eventually(lambda: world.management.queue("booking")["message_stats"]["ack"] >= 1)
    eventually(lambda: world.management.queue("booking")["messages"] == 0)


def a_lost_binding_is_made_good(world):
    "P33: the binding is deleted while events are made; they arrive from the log, and the metric says so"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    # It consumes once its first look into the log is over; the next one, which binds again, is ten seconds away.
    wait_subscribed(world, "booking")
    with world.amqp() as amqp:
        for key in CATALOGUE:
            amqp.unbind("booking", "events", key)
    made = [make_event(events, 1, name=f"E{i}") for i in range(20)]
    for event in made:
        wait_bookable(bookings, event, timeout=45)
    eventually(lambda: world.management.bindings() == TOPOLOGY)
    assert bookings.metric("myevents_log_recovered_total") > 0


if __name__ == "__main__":
    run(a_restart_loses_nothing, clients_make_the_topology, the_management_ui_shows_it, a_lost_binding_is_made_good)
