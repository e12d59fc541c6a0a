"""What people see at the broker, and what a restart of it does."""
from harness import PATIENCE_S, eventually, run
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
        wait_bookable(bookings, event)


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


def another_queue_of_that_name_stays(world):
    "P32: a queue with other arguments is named with the way to migrate, never touched, and taken over once it is gone"
    world.management.declare_queue("booking", {"x-queue-type": "quorum", "x-max-length": 7})
    with world.amqp() as amqp:
        amqp.confirm_select()
        amqp.publish("", "booking", {"precious": True})
        amqp.wait_for_confirms()
    events, bookings = world.start_eventservice(), world.start_bookingservice()

    def named():
        """the log names queue, argument and page"""
        text = bookings.log_text()
        return all(part in text for part in ("declaring queue booking", "inequivalent arg", "A queue with other arguments"))

    eventually(named)
    event = make_event(events, 1)
    assert bookings.is_ready(), "bookings can go on"
    assert world.management.queue("booking")["arguments"] == {"x-queue-type": "quorum", "x-max-length": 7}
    eventually(lambda: world.management.messages("booking") == 1)
    # The operator's part. Nobody can declare it in between: the arguments differ.
    bookings.stop()
    with world.amqp() as amqp:
        amqp.delete_queue("booking")
    bookings.start()
    wait_bookable(bookings, event)
    eventually(lambda: world.management.bindings() == TOPOLOGY)
    assert "x-delivery-limit" in world.management.queue("booking")["arguments"]


def operators_may_limit(world):
    "P32: an operator's policy limits deliveries of our queues; it takes effect at once and disturbs no declaring"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    world.management.call("PUT", "/operator-policies/{vhost}/limit", {
        "pattern": "^booking$", "apply-to": "queues", "definition": {"delivery-limit": 2, "max-length": 1000}})
    eventually(lambda: world.management.queue("booking").get("effective_policy_definition", {}).get("delivery-limit") == 2)
    bookings.restart()
    wait_subscribed(world, "booking")
    eventually(lambda: bookings.metric("myevents_listener_connected") == 1)
    bookings.stop()
    with world.amqp() as amqp:
        amqp.confirm_select()
        amqp.publish("events", "event.created", {"id": "a" * 24, "name": "E", "capacity": 1}, message_id="often")
        amqp.wait_for_confirms()
    for _ in range(3):
        with world.amqp() as amqp:
            amqp.start_consumer("booking")
            assert amqp.receive(PATIENCE_S)
    eventually(lambda: world.management.messages("booking.dead") == 1)
    with world.amqp() as amqp:
        dead, = amqp.browse("booking.dead")
    assert dead.headers["x-death"][0]["reason"] == "delivery_limit", dead.headers


def the_management_ui_shows_it(world):
    "P35: queues, one consumer per worker with its name, connections by role, dead letters, through the management API"
    events = world.start_eventservice()
    workers = [world.start_bookingservice(), world.start_bookingservice()]

    def consumers():
        queue = world.management.queue("booking")  # a service is ready before it has declared it
        return [row["consumer_tag"] for row in queue["consumer_details"]] if queue else []

    eventually(lambda: len(consumers()) == 2)
    assert all(tag.startswith("bookingservice@") and tag.endswith("#consumer") for tag in consumers()), consumers()

    def each_has_its_connections():
        """a relay and a consumer of each service"""
        names = [row["client_properties"].get("connection_name", "") for row in world.management.connections()]
        assert sum(name.endswith("#relay") for name in names) == 3, names
        assert sum(name.endswith("#consumer") for name in names) >= 3, names
        return True

    eventually(each_has_its_connections)

    event = make_event(events, 5)
    wait_bookable(workers[0], event)
    assert book(workers[0], event).status == 201
    eventually(lambda: world.management.queue("booking")["message_stats"]["ack"] >= 1)
    eventually(lambda: world.management.messages("booking") == 0)


if __name__ == "__main__":
    run(a_restart_loses_nothing, clients_make_the_topology, another_queue_of_that_name_stays, operators_may_limit,
        the_management_ui_shows_it)
