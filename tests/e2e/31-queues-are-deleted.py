"""Bindings, queue and exchange are deleted under load: declared again, and what was missed comes from the log."""
import time

from harness import eventually, run
from harness.load import Organiser
from harness.steps import make_event, wait_bookable, wait_published, wait_subscribed

CATALOGUE = ("event.created", "event.updated", "event.removed", "location.*", "eventCreated", "locationCreated")


def harm_under_load(events, bookings, harm):
    """Do harm while events are made: all of them arrive."""
    with Organiser(events) as organiser:
        organiser.wait_for_more(5)
        harm()
        harmed = time.monotonic()
        organiser.wait_for_more(20)
    for event in organiser.made:
        wait_bookable(bookings, event, timeout=60)
    print(f"       {len(organiser.made)} events, good again after {time.monotonic() - harmed:.1f} s")
    # The figure is 15 s.
    assert time.monotonic() - harmed < 45


def recovered(bookings):
    return bookings.metric("myevents_log_recovered_total")


def make_good(world, harm, shows=recovered):
    """Do harm to a queue until the metric shows it: where nothing was said before the queue was whole again, nothing
    was missed."""
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    wait_subscribed(world, "booking")
    for _ in range(4):
        harm_under_load(events, bookings, harm)
        if shows(bookings) > 0:
            break
    assert shows(bookings) > 0
    wait_published(world)
    eventually(lambda: {("events", key, "booking") for key in CATALOGUE} <= world.management.bindings())


def a_binding_is_deleted(world):
    "P33: the bindings of a queue are deleted under load: made good from the log, and the metric says so"
    def harm():
        with world.amqp() as amqp:
            for key in CATALOGUE:
                amqp.unbind("booking", "events", key)

    make_good(world, harm)


def the_queue_is_deleted(world):
    "P33: the queue is deleted under load, with what was in it: declared again, made good, nothing is lost"
    def harm():
        with world.amqp() as amqp:
            amqp.delete_queue("booking")

    make_good(world, harm, lambda bookings: bookings.metric("myevents_listener_connects_total") - 1)


def the_exchange_is_deleted(world):
    "P33: the exchange is deleted under load, and all bindings with it: declared again, made good, nothing is lost"
    def harm():
        with world.amqp() as amqp:
            amqp.delete_exchange("events")

    make_good(world, harm)


def nobody_takes_a_message(world):
    "P33: no queue takes what is published: it stays with its publisher, and comes when there are queues again"
    events = world.start_eventservice()
    # Both connections declare, and would bind again what is taken away too soon.
    for connection in ("emitter", "listener"):
        eventually(lambda: events.metric(f"myevents_{connection}_connected") == 1)
    with world.amqp() as amqp:
        for key in CATALOGUE:
            amqp.unbind("catalogue.log", "events", key)
    event = make_event(events, 1)

    def is_over():
        """the message was returned, or the log was bound again just before it"""
        waits = world.events_db.find("events", {"outbox": {"$ne": []}})
        return not waits or events.metric("myevents_messages_returned_total") > 0

    def is_bound():
        return "catalogue.log" in {queue for _, _, queue in world.management.bindings()}

    eventually(is_over)
    assert world.events_db.find("events", {"outbox": {"$ne": []}}) or is_bound(), \
        "I8: marked as published although no queue took it"
    bookings = world.start_bookingservice()
    wait_bookable(bookings, event)
    wait_published(world)


if __name__ == "__main__":
    run(a_binding_is_deleted, the_queue_is_deleted, the_exchange_is_deleted, nobody_takes_a_message)
