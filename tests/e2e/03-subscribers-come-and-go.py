"""Messages wait for a subscriber, survive its death, and are shared by several."""
import time

from harness import eventually, run
from harness.load import Organiser
from harness.steps import make_event, wait_bookable, wait_subscribed

HEARTBEAT_S = 10


def messages_wait(world):
    "P4: messages wait while the booking service is down"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    assert bookings.stop() == 0
    made = [make_event(events, 1, name=f"E{i}") for i in range(200)]
    bookings.start()
    for event in made:
        wait_bookable(bookings, event)


def a_late_subscriber_misses_nothing(world):
    "P4 P17: a booking service that was never there before gets what was said before it came"
    events = world.start_eventservice()
    made = [make_event(events, 1, name=f"E{i}") for i in range(50)]
    bookings = world.start_bookingservice()
    for event in made:
        wait_bookable(bookings, event)


def a_message_outlives_its_consumer(world):
    "P5: killed between receipt and store, again and again: every event still arrives"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    made = []
    for round_number in range(8):
        made += [make_event(events, 1, name=f"E{round_number}-{i}") for i in range(15)]
        bookings.restart()
    for event in made:
        wait_bookable(bookings, event)


def another_worker_takes_over(world):
    "P6: two workers on one queue, one killed in the middle of a batch: all events are stored"
    events = world.start_eventservice()
    first, second = world.start_bookingservice(), world.start_bookingservice()
    made = [make_event(events, 1, name=f"E{i}") for i in range(100)]
    first.kill()
    made += [make_event(events, 1, name=f"F{i}") for i in range(50)]
    for event in made:
        wait_bookable(second, event)


def numbered(number):
    return f"{number:024x}"


def publish_events(world, numbers):
    with world.amqp() as amqp:
        amqp.confirm_select()
        for number in numbers:
            event = {"id": numbered(number), "version": 1, "name": f"E{number}", "capacity": 1}
            amqp.publish("events", "event.created", event, message_id=f"{numbered(number)}:1")
        amqp.wait_for_confirms()


def workers_share_the_load(world):
    "P7: each message is handled once, by one of the workers, about evenly; the broker's own statistics say so"
    workers = [world.start_bookingservice() for _ in range(3)]
    wait_subscribed(world, "booking", 3)
    publish_events(world, range(1, 601))

    def acknowledged():
        """the broker has counted an acknowledgement for each message"""
        channels = world.management.call("GET", "/channels")
        stats = [row["message_stats"] for row in channels
                 if row["vhost"] == world.id and row["name"] and row.get("message_stats", {}).get("deliver")]
        # A stream is read with acknowledgements too, but over channels that are gone by now.
        return len(stats) == 3 and sum(row.get("ack", 0) for row in stats) >= 600 and stats

    stats = eventually(acknowledged)
    assert sum(row["deliver"] for row in stats) == 600, stats
    assert sum(row.get("redeliver", 0) for row in stats) == 0, stats
    assert min(row["ack"] for row in stats) >= 100, f"not shared: {stats}"
    assert sum(worker.metric("myevents_messages_acknowledged_total") for worker in workers) == 600
    wait_bookable(workers[0], numbered(600))


def a_stopped_worker_is_replaced(world):
    "P6: one of three workers is stopped with messages in hand; after two heartbeats the others have them, and it does no harm"
    workers = [world.start_bookingservice() for _ in range(3)]
    wait_subscribed(world, "booking", 3)
    workers[0].pause()
    began = time.monotonic()
    publish_events(world, range(1, 301))
    wait_subscribed(world, "booking", 3)
    eventually(lambda: world.management.queue("booking")["messages_unacknowledged"] > 0)
    # The log brings them to the others even sooner; the queue is empty when the broker has given up the first.
    for number in range(1, 301):
        wait_bookable(workers[1], numbered(number), timeout=60)
    known = time.monotonic()
    eventually(lambda: world.management.messages("booking") == 0, 90)
    print(f"       all known after {known - began:.1f} s, queue empty after {time.monotonic() - began:.1f} s")
    # The figure is two heartbeats.
    assert time.monotonic() - began < 7 * HEARTBEAT_S
    workers[0].resume()
    wait_subscribed(world, "booking", 3)
    wait_bookable(workers[0], numbered(300))
    assert world.waiting("booking.dead") == 0


def rolling_restart(world):
    "P6 P24: workers are stopped and started one after the other while events are made: all of them arrive"
    events = world.start_eventservice()
    workers = [world.start_bookingservice({"drain_ms": 100}) for _ in range(3)]
    wait_subscribed(world, "booking", 3)
    with Organiser(events) as organiser:
        for worker in workers:
            assert worker.stop() == 0
            worker.start()
    for event in organiser.made:
        wait_bookable(workers[0], event)
    assert len(organiser.made) > 10, organiser.made
    eventually(lambda: world.management.messages("booking") == 0)


if __name__ == "__main__":
    run(messages_wait, a_late_subscriber_misses_nothing, a_message_outlives_its_consumer,
        another_worker_takes_over, workers_share_the_load, a_stopped_worker_is_replaced, rolling_restart)
