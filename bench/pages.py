"""
What a page far down a list costs, against the first one.

So many events are put into the stores of both services; the links are followed to the last page of 100, which is asked
for in turn with the first.
"""
import re
import statistics
import time

from harness import eventually
from harness.steps import make_bookable, wait_published

LIMIT = 100
STRIDE = 9 * LIMIT  # in whole pages from the last one: 100 more events than a multiple of this
WANTED_RATIO = 1.2


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


def compare(run, service):
    client = service.client()
    first, (last, number) = f"/events?limit={LIMIT}", last_page(client)
    durations = [(duration_ms(client, first), duration_ms(client, last)) for _ in range(run.options.times)]
    client.close()
    medians = [statistics.median(column) for column in zip(*durations)]
    run.say(service.name, f"page 1: {medians[0]:.2f} ms, page {number}: {medians[1]:.2f} ms", first_ms=medians[0],
            last_ms=medians[1])
    ratio = medians[1] / medians[0]
    run.wanted(f"page {number} against page 1, {service.name}", f"<= {WANTED_RATIO}", ratio, ratio <= WANTED_RATIO)


def measure(run):
    world, n = run.world, run.options.events
    events, bookings = run.start_services()
    event = make_bookable(events, bookings, 100, StartDate=1800000000, Location={"Name": "Opera House"})
    eventually(lambda: bookings.get(f"/events/{event}").json()["Location"]["Name"])
    wait_published(world)
    multiply(world.events_db, "events", event, n)
    multiply(world.bookings_db, "copied_events", event, n)
    run.say("pages", f"of {LIMIT} among {n} events, medians of {run.options.times} each in turn")
    for service in (events, bookings):
        compare(run, service)
