#!/usr/bin/python3
"""
What a page far down a list costs, against the first one.

    bench/pages.py [--events N] [--times N]

Starts a private mongod and broker and both services from build/release (or MYEVENTS_BUILD), puts N events into the
stores of both, follows the links to the last page of 100, and asks for it and the first page in turn.
"""
import argparse
import re
import statistics
import tempfile
import time

from machine import machine, versions

from harness import eventually
from harness.servers import Servers
from harness.steps import make_bookable, wait_published
from harness.world import World

LIMIT = 100
STRIDE = 9 * LIMIT


def multiply(database, collection, event, n):
    """Beside the one event that is stored, n - 1 more like it, a minute apart from each other."""
    number = {"$toString": {"$add": [1000000, "$number"]}}
    database.command({"aggregate": collection, "cursor": {}, "pipeline": [
        {"$match": {"$expr": {"$eq": [{"$toString": "$_id"}, event]}}},
        {"$set": {"number": {"$range": [1, n]}}},
        {"$unwind": "$number"},
        {"$set": {"_id": {"$toObjectId": {"$concat": ["a" * 17, number]}},
                  "start": {"$add": ["$start", {"$multiply": ["$number", 60]}]}}},
        {"$unset": "number"},
        {"$merge": {"into": collection, "whenMatched": "fail"}}]})


def last_page(client):
    """Its path, and which page it is; on the way nine pages are taken at a time."""
    path, number = f"/events?limit={STRIDE}", 1
    while link := client.get(path).headers.get("Link"):
        path, number = re.fullmatch(r'<(/[^>]*)>; rel="next"', link)[1], number + STRIDE // LIMIT
    return path.replace(f"limit={STRIDE}", f"limit={LIMIT}"), number


def duration_ms(client, path):
    began = time.perf_counter()
    answer = client.get(path)
    assert answer.status == 200 and len(answer.json()) == LIMIT, answer
    return 1000 * (time.perf_counter() - began)


def compare(service, times):
    client = service.client()
    first, (last, number) = f"/events?limit={LIMIT}", last_page(client)
    durations = [(duration_ms(client, first), duration_ms(client, last)) for _ in range(times)]
    client.close()
    medians = [statistics.median(column) for column in zip(*durations)]
    print(f"{service.name:17} page 1: {medians[0]:.2f} ms, page {number}: {medians[1]:.2f} ms; "
          f"ratio {medians[1] / medians[0]:.2f}", flush=True)


def measure(world, options):
    quiet = {"log_level": "warning"}
    events, bookings = world.start_eventservice(quiet), world.start_bookingservice(quiet)
    event = make_bookable(events, bookings, 100, StartDate=1800000000, Location={"Name": "Opera House"})
    eventually(lambda: bookings.get(f"/events/{event}").json()["Location"]["Name"])
    wait_published(world)
    multiply(world.events_db, "events", event, options.events)
    multiply(world.bookings_db, "copied_events", event, options.events)
    print(f"machine           {machine()}")
    print(f"versions          {versions(world)}")
    print(f"pages             of {LIMIT} among {options.events} events, medians of {options.times} each in turn")
    for service in (events, bookings):
        compare(service, options.times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--events", type=int, default=100000,
                        help="in the stores; 100 more than a multiple of 900 (default 100000)")
    parser.add_argument("--times", type=int, default=300, help="that each page is asked for (default 300)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        world = World(Servers(), folder)
        try:
            measure(world, options)
        finally:
            world.close()


if __name__ == "__main__":
    main()
