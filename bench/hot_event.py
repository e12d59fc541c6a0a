"""
How many seats of one event are sold in a second, each booking durable on a majority before it is answered; beside it
what the parts can do alone, and PostgreSQL.
"""
import ceilings
import postgres
from run import check_stored, require_clean, wait_heard

from harness.steps import make_event, wait_bookable

WANTED_RATE = 20000
WANTED_P99_MS = 50
WANTED_PEER = 8
WANTED_MB = 20
WANTED_US = 50


def sell(run, world, events, replicas, event, **flags):
    """Book over all replicas, until all of it was heard: the load's result, and who used what."""
    with run.usage(events, *replicas) as usage:
        result = run.load(*replicas, events=[event], **flags).result()
        require_clean(result, 201)
        wait_heard(world, events, result["answered"], sold=result["answered"])
    return result, usage


def show_ours(run, usage, n):
    """S7: what our processes took."""
    for name, (used_us, _, peak_mb) in usage.rows(n).items():
        if "service" in name:
            run.wanted(f"S7 memory of {name}, MB", f"<= {WANTED_MB}", peak_mb, peak_mb <= WANTED_MB)
    used_us = sum(row[0] for name, row in usage.rows(n).items() if "service" in name)
    run.wanted("S7 processor time of ours for a booking, us", f"<= {WANTED_US}", used_us, used_us <= WANTED_US)


def measure(run):
    events, bookings = run.start_services()
    event = make_event(events)
    wait_bookable(bookings, event)
    result, usage = sell(run, run.world, events, [bookings], event)
    check_stored(run, run.world, result["answered"])
    run.show_load("one event", result)
    run.show_usage(usage, result["answered"], result["processor_s"])
    rate, p99_ms = result["per_second"], result["latency_us"]["p99"] / 1000
    events.stop()
    bookings.stop()
    ceilings.compare(run, "bookings", rate, ceilings.of_bookings(run))
    peer = postgres.of_one_event(run, min(run.options.seconds, ceilings.CEILING_S))
    run.wanted("S1 bookings of one event a second", f">= {WANTED_RATE}", rate, rate >= WANTED_RATE)
    run.wanted("S1 p99, ms", f"<= {WANTED_P99_MS}", p99_ms, p99_ms <= WANTED_P99_MS)
    run.wanted("S1 against PostgreSQL in this run", f">= {WANTED_PEER} x", rate / peer, rate >= WANTED_PEER * peer)
    show_ours(run, usage, result["answered"])
