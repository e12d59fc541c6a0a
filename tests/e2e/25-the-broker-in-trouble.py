"""The broker in trouble: full, alarmed, or cut off without a word. Bookings go on, and no message is lost."""
import contextlib
import threading
import time

from harness import PATIENCE_S, eventually, run
from harness.load import Bookings
from harness.proxy import Proxy
from harness.steps import (check_ledger, ledger_of, make_bookable, make_event, messages_by_id, wait_bookable,
                           wait_published, wait_subscribed)

SET_ALARM = "rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []})."
CLEAR_ALARM = "rabbit_alarm:clear_alarm({resource_limit, memory, node()})."


def judge(world, event, bookings):
    """Every booking was acknowledged, stands in the ledger, and was told of by one message."""
    bookings.stop()
    bookings.check()
    stored = check_ledger(ledger_of(world, event))
    assert set(stored) == set(bookings.booked)
    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    assert sorted(message.json()["bookingId"] for message in seen.values()) == sorted(stored)


@contextlib.contextmanager
def policy(world, pattern, **definition):
    """An operator policy for queues of this name."""
    path = "/operator-policies/{vhost}/test"
    world.management.call("PUT", path, {"pattern": pattern, "apply-to": "queues", "definition": definition})
    try:
        yield
    finally:
        world.management.call("DELETE", path)


def kept(world):
    """Events with a message that is not yet published."""
    return world.events_db.find("events", {"outbox": {"$ne": []}})


def a_full_queue_refuses(world):
    "P33: an operator limits a queue, it is full and refuses: the publisher keeps its messages and backs off, none is lost"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    wait_subscribed(world, "booking")
    assert bookings.stop() == 0
    with policy(world, "^booking$", **{"max-length": 5}):
        eventually(lambda: world.management.queue("booking")["effective_policy_definition"].get("max-length") == 5)
        made = [make_event(events, 1, name=f"E{i}") for i in range(30)]
        eventually(lambda: events.metric("myevents_messages_refused_total") > 0 or not kept(world))
        assert kept(world), "I8: marked as published although a queue refused them"
        eventually(lambda: events.metric("myevents_outbox_oldest_seconds") > 1)
        refused, began = events.metric("myevents_messages_refused_total"), time.monotonic()
        eventually(lambda: events.metric("myevents_outbox_oldest_seconds") > 3)
        per_second = (events.metric("myevents_messages_refused_total") - refused) / (time.monotonic() - began)
        print(f"       {per_second:.0f} refusals a second")
        assert per_second < 200, "it does not back off"
        # The redeclaring of a start does not mind the policy.
        bookings.start()
        for event in made:
            wait_bookable(bookings, event)
    wait_published(world)


def an_alarm_blocks_publishers(world):
    "P33: a memory alarm for some seconds: bookings are unaffected, and publishing resumes at once when it is over"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings)
    with Bookings([bookings], event, clients=1) as load, world.amqp() as witness, world.amqp() as blocked:
        witness.start_consumer("observer", no_ack=True)
        blocked.confirm_select()
        assert witness.receive(PATIENCE_S)
        heard = []
        try:
            # An alarm comes and goes before the command is through.
            setting = threading.Thread(target=world.servers.rabbitmqctl, args=["eval", SET_ALARM])
            setting.start()
            eventually(lambda: bookings.metric("myevents_emitter_blocked_seconds") > 0)
            # What was sent before the broker said so lies in its socket, and is no sign of life of ours.
            n_before = len(load.booked)
            eventually(lambda: bookings.metric("myevents_emitter_blocked_seconds") > 3)
            load.wait_for_more(20)
            # Published by a test that is blocked as well: confirmed in the moment in which the alarm ends.
            blocked.publish("events", "nobody.hears", {})
            while message := witness.receive(0.1):
                heard.append(message)
        finally:
            setting.join()
            clearing = threading.Thread(target=world.servers.rabbitmqctl, args=["eval", CLEAR_ALARM])
            clearing.start()
        blocked.wait_for_confirms()
        over = time.monotonic()
        new = set(load.booked[n_before:])
        while not heard or heard[-1].json()["bookingId"] not in new:
            message = witness.receive(PATIENCE_S)
            assert message, "publishing does not resume"
            heard.append(message)
        print(f"       first new message {time.monotonic() - over:.2f} s after the alarm")
        # The figure is 1 s.
        assert time.monotonic() - over < 3
        clearing.join()
        assert bookings.metric("myevents_emitter_blocked_seconds") == 0
        load.stop()
        load.check()
        wait_published(world)
        while message := witness.receive(1):
            heard.append(message)
    seen, _ = messages_by_id(heard)
    assert len(seen) <= len(load.booked)
    assert set(check_ledger(ledger_of(world, event))) == set(load.booked)


def the_cable_is_pulled(world):
    "P33: the connections to the broker fall silent and nobody is told: given up in time, and at work again soon after"
    world.observe(routing_key="event.booked")
    address = world.servers.amqp_url.rsplit("@", 1)[1]
    host, port = address.rsplit(":", 1)
    with Proxy((host, int(port))) as proxy:
        url = world.amqp_url.replace(address, f"{host}:{proxy.port}")
        events = world.start_eventservice()
        bookings = world.start_bookingservice(environment={"AMQP_BROKER_URL": url})
        event = make_bookable(events, bookings)
        wait_subscribed(world, "booking")
        with Bookings([bookings], event, clients=1) as load:
            load.wait_for_more(20)
            connects = bookings.metric("myevents_emitter_connects_total")
            began = time.monotonic()
            assert proxy.silence() >= 2
            eventually(lambda: bookings.metric("myevents_emitter_connected") == 0
                       or bookings.metric("myevents_emitter_connects_total") > connects)
            dead = time.monotonic()
            eventually(lambda: bookings.metric("myevents_emitter_connects_total") > connects)
            eventually(lambda: bookings.metric("myevents_listener_connected") == 1)
            recovered = time.monotonic()
            print(f"       declared dead after {dead - began:.1f} s, at work {recovered - dead:.1f} s later")
            # The figures are 12 s and 5 s.
            assert dead - began < 25 and recovered - dead < 15
            new = make_event(events, 1)
            wait_bookable(bookings, new)
            judge(world, event, load)


if __name__ == "__main__":
    run(a_full_queue_refuses, an_alarm_blocks_publishers, the_cable_is_pulled)
