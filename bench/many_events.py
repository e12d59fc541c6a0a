"""How many bookings of many events a second: all events alike, and a few of them hot."""
import ceilings
from run import check_stored, require_clean, wait_heard

from harness import at_once, eventually

WANTED_RATE = 10000
MAKERS = 8
HEATS = {"uniform": 0, "Zipf, exponent 1": 1}


def make_events(world, events, n):
    """Ids of n new events, all of which can be booked."""
    query = {"count": "ledger", "query": {"_id.s": 0}}
    known_before = world.bookings_db.command(query)["n"]

    def make(maker):
        client = events.client()
        made = [client.post("/events", {"Name": f"Evening {number}"}).json()["ID"] for number in range(maker, n, MAKERS)]
        client.close()
        return made

    ids = [event for made in at_once(MAKERS, make) for event in made]

    def known():
        """every event has its ledger"""
        return world.bookings_db.command(query)["n"] >= known_before + n

    eventually(known, 120, pause=0.1)
    return ids


def measure(run):
    events, bookings = run.start_services()
    ids = make_events(run.world, events, run.options.events)
    answered = 0
    for heat, exponent in HEATS.items():
        with run.usage(events, bookings) as usage:
            result = run.load(bookings, events=ids, zipf=exponent).result()
            require_clean(result, 201)
            answered += result["answered"]
            wait_heard(run.world, events, answered, sold=answered)
        check_stored(run, run.world, answered)
        run.show_load(heat, result)
        run.show_usage(usage, result["answered"], result["processor_s"])
        rate = result["per_second"]
        run.wanted(f"S3 bookings of {len(ids)} events a second, {heat}", f">= {WANTED_RATE}", rate, rate >= WANTED_RATE)
        insert = ceilings.raw_insert(run.world, min(run.options.seconds, 3), batch=4, entries=min(len(ids), 64), in_flight=2)
        ceilings.compare(run, heat, rate, {"raw insert, 64 entries of 4": insert["per_second"]})
