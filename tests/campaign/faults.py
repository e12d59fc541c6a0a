"""
What a campaign does to a town. A fault is a function that is given the town and a source of chance; it injects, yields
while the fault holds, and ends it: what stands behind the `yield` is what heals. Its docstring is how the report calls
it. FAULTS is the list; SLOW are those that take servers down.
"""
import time

from harness import at_once, eventually
from harness.steps import new_key


def hold(chance, least, most):
    """How long a fault holds is part of what it is."""
    time.sleep(chance.uniform(least, most))


def booking_service_killed(town, chance):
    "kill -9 of a replica"
    replica = chance.choice(town.replicas)
    town.sightings.look(replica)
    replica.kill()
    yield
    replica.start()


def all_replicas_killed(town, chance):
    "kill -9 of all replicas"
    for replica in town.replicas:
        replica.kill()
    yield
    for replica in town.replicas:
        replica.start()


def event_service_killed(town, chance):
    "kill -9 of the event service"
    town.eventservice.kill()
    yield
    town.eventservice.start()


def service_stopped_in_order(town, chance):
    "SIGTERM of a replica under load"
    replica = chance.choice(town.replicas)
    town.sightings.look(replica)
    status = replica.stop()
    assert status == 0, f"{replica.name} ended with {status}"
    yield
    replica.start()


def service_paused(town, chance):
    "SIGSTOP of a service"
    service = chance.choice(town.services)
    service.pause()
    hold(chance, 0.2, 3)
    yield
    service.resume()


def database_paused(town, chance):
    "SIGSTOP of the database"
    town.stop_server("mongod")
    hold(chance, 0.2, 3)
    yield
    town.continue_server("mongod")


def broker_paused(town, chance):
    "SIGSTOP of the broker"
    town.stop_server("rabbitmq")
    hold(chance, 0.2, 3)
    yield
    town.continue_server("rabbitmq")


def database_killed(town, chance):
    "kill -9 of the database"
    town.world.kill_server("mongod")
    hold(chance, 0, 1)
    town.world.start_server("mongod")
    yield


def broker_killed(town, chance):
    "kill -9 of the broker"
    town.world.kill_server("rabbitmq")
    hold(chance, 0, 1)
    town.world.start_server("rabbitmq")
    yield


def everything_killed(town, chance):
    "kill -9 of everything"
    town.look()
    town.kill_everything()
    town.start_everything()
    yield


def link_cut(town, chance):
    "a link is cut"
    chance.choice(town.links).proxy.cut(reset=chance.random() < 0.5)
    yield


def link_cut_after_bytes(town, chance):
    "a link is cut at a byte"
    link = chance.choice(town.links)
    chance.choice((link.proxy.up, link.proxy.down)).cut_after(chance.randint(1, 3000))
    hold(chance, 0.2, 1)
    yield
    link.heal()


def link_stalled(town, chance):
    "a link is a black hole"
    link = chance.choice(town.links)
    link.proxy.stall()
    hold(chance, 0.2, 3)
    if chance.random() < 0.5:
        link.proxy.cut(reset=True)
    yield
    link.heal()


def link_one_way(town, chance):
    "a link is silent one way"
    link = chance.choice(town.links)
    chance.choice((link.proxy.up, link.proxy.down)).stall()
    hold(chance, 0.2, 2)
    if chance.random() < 0.5:
        link.proxy.cut()
    yield
    link.heal()


def link_delayed(town, chance):
    "a link is late"
    link = chance.choice(town.links)
    link.proxy.up.delay_s = link.proxy.down.delay_s = chance.uniform(0.01, 0.15)
    hold(chance, 0.5, 2)
    yield
    link.heal()


def link_slow(town, chance):
    "a link is slow"
    link = chance.choice(town.links)
    link.proxy.up.bytes_per_s = link.proxy.down.bytes_per_s = chance.choice((2000, 20000))
    hold(chance, 0.5, 2)
    yield
    link.heal()


def link_sliced(town, chance):
    "a link is sliced"
    link = chance.choice(town.links)
    link.proxy.up.piece_bytes = link.proxy.down.piece_bytes = chance.randint(1, 7)
    hold(chance, 0.5, 1)
    yield
    link.heal()


def link_refused(town, chance):
    "a server refuses connections"
    link = chance.choice(town.links)
    link.proxy.refuse()
    link.proxy.cut(reset=True)
    hold(chance, 0.2, 2)
    yield
    link.heal()


def replies_lost(town, chance):
    "a commit lands and its reply is lost"
    replica = chance.choice(town.replicas)
    link = town.link(replica, "mongod")
    # Without a key nothing is looked up, and after the first one it knows the head: the second is one insert.
    town.recorder.book(replica, town.probe_event)
    link.proxy.down.stall()
    town.recorder.book(replica, town.probe_event)
    yield
    link.proxy.cut()
    link.heal()


def unpublished(town):
    """Event and entry of what is in a ledger and not marked as published."""
    return {(str(entry["_id"]["e"]), entry["_id"]["s"]) for entry in town.world.bookings_db.find("ledger", {"pub": False})}


def outbox_orphaned(town, chance):
    "a replica dies with unpublished messages"
    replica = chance.choice(town.replicas)
    link = town.link(replica, "rabbitmq")
    link.proxy.stall()
    town.await_booking(replica)
    eventually(lambda: replica.metric("myevents_outbox_in_hand") > 0)
    replica.kill()
    link.proxy.cut()
    link.heal()
    orphans = unpublished(town)
    # Whoever is left publishes what it sees lying there: nobody else can.
    eventually(lambda: not orphans & unpublished(town), 30)
    yield
    replica.start()


def queue_unbound(town, chance):
    "the binding of a queue is removed"
    queue, key = chance.choice((("booking", "event.updated"), ("event", "event.booked")))
    with town.world.amqp() as amqp:
        amqp.unbind(queue, "events", key)
    yield


def queue_deleted(town, chance):
    "a queue is deleted"
    with town.world.amqp() as amqp:
        amqp.delete_queue(chance.choice(("booking", "event")))
    yield


def poison(town, chance):
    "malformed messages"
    bodies = [b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"id": 5}', b'{"id": "' + b"a" * 24 + b'", "name": "x\\u0000"}']
    ways = (("event.created", "booking"), ("event.booked", "event"))
    # What comes while its queue is unbound is in the log alone, where what cannot be handled is left out.
    eventually(lambda: {("events", name, queue) for name, queue in ways} <= town.world.management.bindings(), 30)
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        for body in chance.sample(bodies, 3):
            name, queue = chance.choice(ways)
            identity = f"poison-{new_key()}"
            amqp.publish("events", name, body, message_id=identity)
            town.planted[queue].add(identity)
        amqp.wait_for_confirms()
    yield
    # A queue that is deleted next would take them along.
    eventually(town.is_poison_parked, 30)


def messages_replayed(town, chance):
    "old messages again, shuffled"
    replayed = town.observed()[-3000:]
    chance.shuffle(replayed)
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        for message in replayed[:300]:
            amqp.publish("events", message.routing_key, message.body, headers=message.headers,
                         **message.properties)
        amqp.wait_for_confirms()
    yield


def clocks_jump(town, chance):
    "wall clocks jump, each its own way"
    day_s = 24 * 3600
    for service in town.services:
        town.shift_clock(service.name, chance.randint(-day_s, day_s))
    hold(chance, 0.5, 1)
    yield
    for service in town.services:
        town.shift_clock(service.name, 0)


def retry_storm(town, chance):
    "one request many times at once"
    seats = chance.randint(1, 4)
    for key in [new_key() for _ in range(5)]:
        at_once(12, lambda n: town.recorder.book(town.replicas[n % len(town.replicas)], town.probe_event, seats, key))
    yield


def lost_race(town, chance):
    "two replicas want the same entry"
    at_once(16, lambda n: [town.recorder.book(town.replicas[n % len(town.replicas)], town.probe_event, 1, new_key())
                           for _ in range(5)])
    yield


OFTEN = [booking_service_killed, all_replicas_killed, event_service_killed, service_stopped_in_order, service_paused,
         link_cut, link_cut, link_cut_after_bytes, link_cut_after_bytes, link_stalled, link_one_way, link_delayed,
         link_slow, link_sliced, link_refused, replies_lost, outbox_orphaned, queue_unbound, queue_deleted, poison,
         messages_replayed, clocks_jump, retry_storm, lost_race]
SLOW = [database_paused, broker_paused, database_killed, broker_killed, everything_killed]
