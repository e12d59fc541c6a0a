"""
How soon a new event can be booked while another one sells, and how fast sales are heard.

For some seconds bookings of one event arrive at an even rate; meanwhile other events are created one after the other,
and each is asked for at the booking service until it knows it. Then the event service stops, bookings are made, and it
is started again: how many `event.booked` a second it takes from its queue.
"""
import time

from run import n_heard

from harness import eventually
from harness.steps import make_bookable, wait_published, wait_subscribed

BOOKABLE_P99_MS = 100
HEARD_PER_SECOND = 10000
CONNECTIONS = 64


def bookable_after(events, bookings):
    """Milliseconds from the answer that an event was created until it can be booked."""
    created = events.post("/events", {"Name": "News", "Capacity": 10})
    assert created.status == 201, created
    began = time.monotonic()
    path = f"/events/{created.json()['ID']}/availability"
    while bookings.get(path).status != 200:
        assert time.monotonic() < began + 30, "never bookable"
    return (time.monotonic() - began) * 1000


def measure_bookable(run, events, bookings):
    event = make_bookable(events, bookings, 1000000)
    load = run.load(bookings, events=[event], connections=CONNECTIONS)
    to_events, to_bookings = events.client(), bookings.client()
    waits = []
    while load.is_running():
        waits.append(bookable_after(to_events, to_bookings))
    run.show_load("sale beside", load.result())
    waits.sort()
    p50, p99 = waits[len(waits) // 2], waits[int((len(waits) - 1) * 0.99)]
    run.say("bookable", f"{len(waits)} new events, p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {waits[-1]:.1f} ms after their 201",
            p50_ms=p50, p99_ms=p99, max_ms=waits[-1])
    run.wanted("p99 until a new event can be booked, ms", f"<= {BOOKABLE_P99_MS}", p99, p99 <= BOOKABLE_P99_MS)


def measure_heard(run, events, bookings):
    world = run.world
    event = make_bookable(events, bookings, 1000000)
    wait_published(world)
    eventually(lambda: world.management.messages("event") == 0, 60)
    events.stop()
    result = run.load(bookings, events=[event], connections=CONNECTIONS, requests=run.options.messages, rate=0,
                      seconds=600).result()
    answered = result["answered"]
    wait_published(world)
    eventually(lambda: world.management.messages("event") >= answered, 60)
    events.start()
    eventually(lambda: n_heard(events) > 0, 60, pause=0.005)
    first, began = n_heard(events), time.monotonic()
    eventually(lambda: n_heard(events) >= answered, 120, pause=0.005)
    rate = (answered - first) / (time.monotonic() - began)
    run.say("heard", f"{answered} event.booked that waited: {rate:.0f}/s", per_second=rate)
    run.wanted("event.booked heard a second", f">= {HEARD_PER_SECOND}", rate, rate >= HEARD_PER_SECOND)


def measure(run):
    events, bookings = run.start_services()
    for queue in ("event", "booking"):
        wait_subscribed(run.world, queue)
    measure_bookable(run, events, bookings)
    measure_heard(run, events, bookings)
