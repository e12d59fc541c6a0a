"""
What a campaign does to a town. A fault is a function that is given the town and a source of chance; it injects, yields
while the fault holds, and ends it: what stands behind the `yield` is what heals. Where there is a second `yield`, what
stands behind it waits for what nobody else waits for, when bookings and messages are well again. Its docstring is how
the report calls it. OFTEN and SLOW are the lists; SLOW are those that take servers down.
"""
import random
import time

from harness import at_once, eventually
from harness.copies import tool
from harness.messages import LOGS, messages_of_log
from harness.steps import new_key
from lives import short_hail

# More than a replica reads the head for first after it has met another at an event.
BATCHES_ALONE = 20
# Of one card that kills over and over, all replicas together.
KILLS = 60
# Spellings that are understood beside those of today.
OLDER = {"event.created": "eventCreated", "location.created": "locationCreated", "event.booked": "eventBooked"}
# What is parked when it is malformed, by its queue; and what has to be bound for messages to be heard.
WAYS = (("event.created", "booking"), ("event.booked", "event"))
BOUND = WAYS + (("event.created", "catalogue.log"), ("event.booked", "bookings.log"))
# Nobody who was going to die of a message takes longer.
CALM_S = 5
# More than any machine has.
DISK_BYTES = str(1 << 60)


def hold(chance, least, most):
    """How long a fault holds is part of what it is."""
    time.sleep(chance.uniform(least, most))


def booking_service_killed(town, chance):
    "kill -9 of a replica"
    replica = chance.choice(town.replicas)
    town.kill(replica)
    yield
    town.start_again(replica)


def replicas_killed_often(town, chance):
    "kill -9 of each replica over and over"
    chances = [random.Random(chance.getrandbits(32)) for _ in town.replicas]

    def lives(n):
        for _ in range(KILLS // len(town.replicas)):
            hold(chances[n], 0.2, 1)
            town.kill(town.replicas[n])
            town.start_again(town.replicas[n])

    at_once(len(town.replicas), lives)
    yield


def all_replicas_killed(town, chance):
    "kill -9 of all replicas"
    for replica in town.replicas:
        town.kill(replica)
    yield
    for replica in town.replicas:
        town.start_again(replica)


def event_service_killed(town, chance):
    "kill -9 of the event service"
    town.kill(town.eventservice)
    yield
    town.start_again(town.eventservice)


def stop_in_order(town, service):
    town.sightings.look(service)
    status = service.stop()
    assert status == 0, f"{service.name} ended with {status}"


def service_stopped_in_order(town, chance):
    "SIGTERM of a replica under load"
    replica = chance.choice(town.replicas)
    stop_in_order(town, replica)
    yield
    replica.start()


def version_changed(town, chance):
    "a service is replaced by one of another version"
    service = chance.choice(town.services)
    stop_in_order(town, service)
    town.change_version(service)
    yield
    service.start()
    town.seen["versions changed"] += 1


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
    town.kill_server("mongod")
    hold(chance, 0, 1)
    town.world.start_server("mongod")
    yield


def broker_killed(town, chance):
    "kill -9 of the broker"
    town.kill_server("rabbitmq")
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


def lose_reply(town, replica, link):
    # Without a key nothing is looked up, and who had an event to himself for some batches reads its head no more: the next
    # booking is one insert.
    for _ in range(BATCHES_ALONE):
        town.recorder.book(replica, town.probe_event)
    link.proxy.down.stall()
    town.recorder.book(replica, town.probe_event)


def end_silence(link):
    link.proxy.cut()
    link.heal()


def replies_lost(town, chance):
    "a commit lands and its reply is lost"
    replica = chance.choice(town.replicas)
    link = town.link(replica, "mongod")
    found_before = replica.metric("myevents_ledger_own_found_total")

    def found():
        """a replica finds what it had written itself"""
        if replica.metric("myevents_ledger_own_found_total") > found_before:
            return True
        # Over a connection that was only being made nothing was sent, so nothing landed: once more.
        lose_reply(town, replica, link)
        end_silence(link)
        town.await_booking(replica)
        return False

    lose_reply(town, replica, link)
    yield
    end_silence(link)
    yield
    eventually(found, 60)


def confirms_lost(town, chance):
    "a message lands and its confirm is lost"
    replica = chance.choice(town.replicas)
    link = town.link(replica, "rabbitmq")
    failed_before = replica.metric("myevents_messages_failed_total")

    def failed():
        """a replica does not know of a message whether it landed"""
        eventually(lambda: replica.metric("myevents_emitter_connected") == 1)
        link.proxy.down.stall()
        town.await_booking(replica)
        eventually(lambda: replica.metric("myevents_outbox_in_hand") > 0)
        end_silence(link)
        return replica.metric("myevents_messages_failed_total") > failed_before

    eventually(failed, 60)
    yield


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
    town.kill(replica)
    link.proxy.cut()
    link.heal()
    orphans = unpublished(town)
    # Whoever is left publishes what it sees lying there: nobody else can.
    eventually(lambda: not orphans & unpublished(town), 60)
    yield
    town.start_again(replica)


def queues_unbound(town, chance):
    "the bindings of queues are removed"
    with town.world.amqp() as amqp:
        for queue, key in (("booking", "event.updated"), ("event", "event.booked")):
            amqp.unbind(queue, "events", key)
    # Of this one the log alone will tell.
    town.await_booking(town.replicas[0])
    yield


def queue_deleted(town, chance):
    "a queue is deleted"
    with town.world.amqp() as amqp:
        amqp.delete_queue(chance.choice(("booking", "event")))
    yield


def exchange_emptied(town, chance):
    "the exchange is deleted, and there again without a binding"
    def n_returned():
        return town.replicas[0].metric("myevents_messages_returned_total")

    def returned():
        """a message comes back"""
        with town.world.amqp() as amqp:
            amqp.delete_exchange("events")
            amqp.declare_exchange("events")
        # Bound to nothing, it gives back what is published. Who publishes while it is not there binds all to it again.
        n_before = n_returned()
        town.await_booking(town.replicas[0])
        return eventually(lambda: n_returned() > n_before, 2)

    eventually(returned)
    hold(chance, 0.2, 1)
    yield
    yield
    # Not before the logs are bound: what an observer takes is not given back, and then nobody else would have it.
    eventually(lambda: {("events", key, queue) for key, queue in BOUND} <= town.world.management.bindings(), 60)
    with town.world.amqp() as amqp:
        amqp.bind("observer", "events", "#")
    for log in LOGS:
        town.hear(messages_of_log(town.world.amqp_url, log))


def poison(town, chance):
    "malformed messages"
    bodies = [b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"id": 5}', b'{"id": "' + b"a" * 24 + b'", "name": "x\\u0000"}']
    # What comes while its queue is unbound is in the log alone, where what cannot be handled is left out.
    eventually(lambda: {("events", name, queue) for name, queue in WAYS} <= town.world.management.bindings(), 60)
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        for body in chance.sample(bodies, 3):
            name, queue = chance.choice(WAYS)
            identity = f"poison-{new_key()}"
            amqp.publish("events", name, body, message_id=identity)
            town.planted[queue].add(identity)
        amqp.wait_for_confirms()
    yield
    yield
    # A queue that is deleted next would take them along.
    eventually(town.is_poison_parked, 60)


def deadly_message(town, chance):
    "a message that kills its consumers"
    identity = f"poison-{new_key()}"
    for replica in town.replicas:
        replica.expected_end = True
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        amqp.publish("events", "event.created", {"id": "d" * 24, "name": "deadly to read"}, message_id=identity)
        amqp.wait_for_confirms()
    town.planted["booking"].add(identity)

    restless = time.monotonic()

    def quarantined():
        """the deadly message is parked, and nobody dies any more"""
        nonlocal restless
        for replica in town.replicas:
            if not replica.is_alive():
                replica.start(wait=False)
                replica.expected_end = True
                restless = time.monotonic()
            elif not replica.metric("myevents_listener_connected"):
                restless = time.monotonic()
        # Who is connected reads the log first, where the message lies as well.
        return time.monotonic() - restless > CALM_S and identity in town.parked("booking")

    eventually(quarantined, 90)
    town.seen["quarantine entered"] += 1
    for replica in town.replicas:
        replica.wait_ready()
        replica.expected_end = False
    yield


def parked_redriven(town, chance):
    "what is parked is brought back to its queue"
    # Of two that are parked one is well by now, the other is parked again.
    message = chance.choice([message for message in town.observed() if message.name == "event.created"])
    good, bad = f"other-{new_key()}", f"poison-{new_key()}"
    town.planted["booking"].add(bad)
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        for identity, body in ((good, message.body), (bad, b"{")):
            amqp.publish("", "booking.dead", body, message_id=identity,
                         headers={"x-event-name": message.name, "x-parked-reason": "it was bad"})
        amqp.wait_for_confirms()
    status, _ = tool(town.world, "dead", "redrive", "booking", "--reason", "it was bad")
    assert status == 0, f"redrive ended with {status}"
    town.seen["redrive used"] += 1
    yield
    yield
    eventually(lambda: town.is_poison_parked() and good not in town.parked("booking"), 60)


def other_versions(town, chance):
    "messages of an older and a newer version"
    known = [message for message in town.observed()[-3000:] if message.name in OLDER]
    with town.world.amqp() as amqp:
        amqp.confirm_select()
        for message in chance.sample(known, min(50, len(known))):
            newer = {**message.json(), "memberOfTomorrow": {"deep": [1, None]}}
            older = {key: value for key, value in message.json().items() if key not in ("version", "entry")}
            for name, body in ((message.name, newer), (OLDER[message.name], older)):
                amqp.publish("events", name, body, message_id=f"other-{new_key()}", headers={"x-event-name": name})
        amqp.wait_for_confirms()
    yield


def _alarm(town, chance, begin, end):
    control = town.world.servers.rabbitmqctl
    try:
        control(*begin)
        eventually(lambda: any(replica.metric("myevents_emitter_blocked_seconds") for replica in town.replicas), 30)
        # Nobody who books waits for the broker.
        at_once(len(town.replicas), lambda n: town.await_booking(town.replicas[n], 5))
        hold(chance, 0.5, 2)
    finally:
        control(*end)
    yield


def memory_alarm(town, chance):
    "memory alarm of the broker"
    yield from _alarm(town, chance, ("set_vm_memory_high_watermark", "0"),
                      ("set_vm_memory_high_watermark", "absolute", "1GiB"))


def disk_alarm(town, chance):
    "disk alarm of the broker"
    yield from _alarm(town, chance, ("set_disk_free_limit", DISK_BYTES), ("set_disk_free_limit", "50MB"))


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
         link_slow, link_sliced, link_refused, replies_lost, confirms_lost, outbox_orphaned, queues_unbound, queue_deleted,
         exchange_emptied, poison, deadly_message, parked_redriven, messages_replayed, other_versions, clocks_jump, retry_storm,
         lost_race]
SLOW = [replicas_killed_often, short_hail, database_paused, broker_paused, database_killed, broker_killed, memory_alarm,
        disk_alarm, everything_killed]
# A rolling change there and back, as often as there are services.
ROLLING = [version_changed] * 4
