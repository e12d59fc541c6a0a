"""How many bookings of one event a second can be kept up for long, when every message is to be heard."""
import statistics
import time

import ceilings
from run import check_stored, n_heard, n_unpublished, require_clean, wait_heard

from harness.steps import make_event, wait_bookable

WANTED_RATE = 10000
# A second's bookings more or less are no trend.
STEADY_PART = 0.01
TAIL_PART = 0.02  # what the last second adds to the time


def booked(bookings):
    return bookings.metric("myevents_bookings_total") or 0


def sample(run, events, bookings, load):
    """[(seconds, booked and not yet heard, entries not yet published)], once a second while the load runs."""
    began, samples = time.monotonic(), []
    while load.is_running():
        heard = n_heard(events)
        samples.append((time.monotonic() - began, booked(bookings) - heard, n_unpublished(run.world)))
        time.sleep(max(0, began + len(samples) - time.monotonic()))
    return samples


def slope(samples):
    """By how much the backlog grows in a second, over the second half."""
    half = samples[len(samples) // 2:]
    if len(half) < 3:
        return 0
    return statistics.linear_regression([row[0] for row in half], [row[1] for row in half]).slope


def show_backlog(run, samples):
    for seconds, waiting, unpublished in samples[::max(1, len(samples) // 12)]:
        run.say("backlog", f"{seconds:6.1f} s: {waiting:8.0f} booked and not heard, {unpublished:6} entries not published",
                seconds=seconds, waiting=waiting, unpublished=unpublished)


def measure(run):
    events, bookings = run.start_services()
    event = make_event(events)
    wait_bookable(bookings, event)
    with run.usage(events, bookings) as usage:
        load = run.load(bookings, events=[event])
        samples = sample(run, events, bookings, load)
        result = load.result()
        ended = time.monotonic()
        wait_heard(run.world, events, result["answered"], sold=result["answered"])
        heard_s = time.monotonic() - ended
    require_clean({**result, "unsent": 0}, 201)
    check_stored(run, run.world, result["answered"])
    run.show_load("one event", result)
    show_backlog(run, samples)
    run.say("heard", f"all of it {heard_s:.1f} s after the load had ended", heard_s=heard_s)
    run.show_usage(usage, result["answered"], result["processor_s"])
    heard_rate, growth = result["answered"] / (result["seconds"] + heard_s), slope(samples)
    ceilings.compare(run, "bookings until all are heard", heard_rate, ceilings.of_bookings(run))
    run.wanted("S2 bookings a second, until all are heard", f">= {WANTED_RATE}, less {TAIL_PART:.0%} for the end", heard_rate,
               heard_rate >= (1 - TAIL_PART) * WANTED_RATE)
    run.wanted("S2 growth of the backlog, bookings a second", "none", growth, growth <= STEADY_PART * WANTED_RATE)
