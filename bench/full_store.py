"""What many bookings and events in the store cost, against an empty one."""
import statistics
import subprocess

import ceilings
from machine import BUILD
from many_events import make_events
from pages import multiply
from run import check_stored, require_clean, wait_heard

from harness import eventually
from harness.steps import make_bookable, make_event, wait_bookable, wait_published

BATCH = 256
PER_LEDGER = 10000 // BATCH * BATCH
WANTED_PART = 0.9


def fill_ledger(world, event, n_bookings):
    """Continue the ledger of an event, as the services would have, with so many bookings; whole entries of them."""
    command = [f"{BUILD}/bench/bench_insert", world.bookings_db.url, "--event", event, "--batch", str(BATCH), "--seconds",
               "3600", "--inserts", str(n_bookings // BATCH)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def mark_published(world):
    """What was filled in is not told to anybody."""
    world.bookings_db.command({"update": "ledger", "updates": [
        {"q": {"pub": False}, "u": {"$set": {"pub": True}}, "multi": True}]})


def fill(world, events, bookings, options):
    """Ledgers of some thousand bookings each, and a catalogue of many events in both stores."""
    one = make_bookable(events, bookings, 100, StartDate=1800000000, Location={"Name": "Opera House"})
    eventually(lambda: bookings.get(f"/events/{one}").json()["Location"]["Name"])
    wait_published(world)
    multiply(world.events_db, "events", one, options.events)
    multiply(world.bookings_db, "copied_events", one, options.events)
    n_bookings = -(-options.bookings // BATCH) * BATCH
    ledgers = make_events(world, events, -(-n_bookings // PER_LEDGER))
    bookings.stop()  # its sweep would publish what it finds
    for number, event in enumerate(ledgers):
        fill_ledger(world, event, min(PER_LEDGER, n_bookings - number * PER_LEDGER))
    mark_published(world)
    bookings.start()
    return n_bookings


class Side:
    """One of the two: its services, and what it sold."""

    def __init__(self, run, is_full):
        self.world = run.new_world()
        self.events, self.bookings = run.start_services(self.world)
        self.answered = 0
        self.n_filled = fill(self.world, self.events, self.bookings, run.options) if is_full else 0
        self.event = make_event(self.events)
        wait_bookable(self.bookings, self.event)
        self.rates, self.reads = [], []

    def sell(self, run):
        result = run.load(self.bookings, events=[self.event]).result()
        require_clean(result, 201)
        self.answered += result["answered"]
        wait_heard(self.world, self.events, self.answered)
        self.rates.append(result["per_second"])
        return result

    def read(self, run):
        result = run.load(self.bookings, events=[self.event], mix="read:1", connections=64, rate=0).result()
        require_clean(result, 200)
        self.reads.append(result["per_second"])


def measure(run):
    sides = {name: Side(run, name == "full") for name in ("empty", "full")}
    run.say("full", f"{sides['full'].n_filled} bookings in ledgers of {PER_LEDGER}, {run.options.events} events")
    for _ in range(run.options.rounds):
        for name, side in sides.items():
            run.show_load(name, side.sell(run))
            side.read(run)
    for side in sides.values():
        check_stored(run, side.world, side.n_filled + side.answered)
    full_rate = statistics.median(sides["full"].rates)
    ceilings.compare(run, "bookings, full store", full_rate, ceilings.of_bookings(run))
    for what, rows in (("bookings of one event", "rates"), ("reads", "reads")):
        empty, full = (statistics.median(getattr(sides[name], rows)) for name in ("empty", "full"))
        run.say(what, f"empty {empty:.0f}/s, full {full:.0f}/s, medians of {run.options.rounds}", empty=empty, full=full)
        run.wanted(f"S10 {what}, full store against empty", f">= {WANTED_PART}", full / empty, full >= WANTED_PART * empty)
