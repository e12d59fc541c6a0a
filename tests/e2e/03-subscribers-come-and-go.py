"""Messages wait for a subscriber, survive its death, and are shared by several."""
from harness import run
from harness.steps import make_event, wait_bookable, wait_subscribed


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
        wait_bookable(second, event, timeout=30)


def workers_share_the_load(world):
    "P7: each message is handled by one of the workers, about evenly"
    events = world.start_eventservice()
    workers = [world.start_bookingservice() for _ in range(3)]
    wait_subscribed(world, "booking", 3)
    made = [make_event(events, 1, name=f"E{i}") for i in range(300)]
    for event in made:
        wait_bookable(workers[0], event)

    handled = [worker.metric("myevents_messages_acknowledged_total") for worker in workers]
    assert sum(handled) >= 300, handled
    assert min(handled) >= 50, f"not shared: {handled}"


if __name__ == "__main__":
    run(messages_wait, a_late_subscriber_misses_nothing, a_message_outlives_its_consumer,
        another_worker_takes_over, workers_share_the_load)
