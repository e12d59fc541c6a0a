#!/usr/bin/python3
"""
How soon a new event can be booked while another one sells, and how fast sales are heard.

    bench/messages.py [--seconds S] [--rate R] [--messages N]

Starts a private mongod and broker and both services from build/release (or MYEVENTS_BUILD). For S seconds bookings of
one event arrive at an even rate; meanwhile other events are created one after the other, and each is asked for at the
booking service until it knows it. Then the event service stops, N bookings are made, and it is started again: how many
`event.booked` a second it takes from its queue. Ends with 1 when it was slower than wanted. Everything runs on this
machine, the load included.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time

from machine import BUILD, machine, versions

from harness import eventually
from harness.client import Client
from harness.servers import Servers
from harness.steps import make_bookable, wait_published, wait_subscribed
from harness.world import World

BOOKABLE_P99_MS = 100
HEARD_PER_SECOND = 10000
CONNECTIONS = 64


def start_load(service, event, seconds, rate=None):
    command = [f"{BUILD}/bench/load", "127.0.0.1", str(service.port), "POST", f"/events/{event}/bookings",
               '{"seats": 1}', str(CONNECTIONS), str(seconds)]
    return subprocess.Popen(command + ([str(rate)] if rate else []), stdout=subprocess.PIPE, text=True)


def bookable_after(events, bookings):
    """Milliseconds from the answer that an event was created until it can be booked."""
    created = events.post("/events", {"Name": "News", "Capacity": 10})
    assert created.status == 201, created
    began = time.monotonic()
    path = f"/events/{created.json()['ID']}/availability"
    while bookings.get(path).status != 200:
        assert time.monotonic() < began + 30, "never bookable"
    return (time.monotonic() - began) * 1000


def measure_bookable(events, bookings, options):
    event = make_bookable(events, bookings, 1000000)
    load = start_load(bookings, event, options.seconds, options.rate)
    to_events, to_bookings = Client(events.host, events.port), Client(bookings.host, bookings.port)
    waits = []
    while load.poll() is None:
        waits.append(bookable_after(to_events, to_bookings))
    result = json.loads(load.stdout.read())
    waits.sort()
    p50, p99 = waits[len(waits) // 2], waits[int((len(waits) - 1) * 0.99)]
    print(f"load         {result['per_second']:.0f} bookings/s, by status {result['status']}, "
          f"p99 {result['latency_us']['p99'] / 1000:.1f} ms, {result['unsent']} unsent")
    print(f"bookable     {len(waits)} new events, p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {waits[-1]:.1f} ms after their 201")
    return p99


def heard(service):
    return service.metric("myevents_messages_acknowledged_total") or 0


def measure_heard(world, events, bookings, options):
    event = make_bookable(events, bookings, 1000000)
    wait_published(world)
    eventually(lambda: world.management.queue("event")["messages"] == 0, 60)
    events.stop()
    answered = 0
    while answered < options.messages:
        load = start_load(bookings, event, 1)
        answered += json.loads(load.communicate()[0])["answered"]
    wait_published(world)
    eventually(lambda: world.management.queue("event")["messages"] >= answered, 60)
    events.start()
    eventually(lambda: heard(events) > 0, 60, pause=0.005)
    first, began = heard(events), time.monotonic()
    eventually(lambda: heard(events) >= answered, 120, pause=0.005)
    rate = (answered - first) / (time.monotonic() - began)
    print(f"heard        {answered} event.booked that waited: {rate:.0f}/s")
    return rate


def measure(world, options):
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    for queue in ("event", "booking"):
        wait_subscribed(world, queue)
    print(f"machine      {machine()}")
    print(f"versions     {versions(world)}")
    p99 = measure_bookable(events, bookings, options)
    rate = measure_heard(world, events, bookings, options)
    return p99 <= BOOKABLE_P99_MS and rate >= HEARD_PER_SECOND


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--seconds", type=int, default=10, help="of bookings at an even rate (default 10)")
    parser.add_argument("--rate", type=int, default=2000, help="of these bookings, a second (default 2000)")
    parser.add_argument("--messages", type=int, default=50000, help="that wait for the event service (default 50000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        world = World(Servers(), folder)
        try:
            is_fast = measure(world, options)
        finally:
            world.close()
    sys.exit(not is_fast)


if __name__ == "__main__":
    main()
