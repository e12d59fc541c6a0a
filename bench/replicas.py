"""What several replicas make of one event, and of many."""
import ceilings
from hot_event import sell
from many_events import make_events
from run import check_stored, require_clean, wait_heard

from harness.steps import make_event, wait_bookable

WANTED_RATIO = 0.9
HOT, MANY = (1, 3), (1, 2, 4)


def start(run, n):
    """A world with so many booking services."""
    world = run.new_world()
    return world, run.start_eventservice(world), [run.start_bookingservice(world) for _ in range(n)]


def stop(services):
    for service in services:
        service.kill()


def hot(run, n):
    world, events, replicas = start(run, n)
    event = make_event(events)
    for replica in replicas:
        wait_bookable(replica, event)
    result, usage = sell(run, world, events, replicas, event)
    check_stored(run, world, result["answered"])
    run.show_load(f"one event over {n}", result)
    run.show_usage(usage, result["answered"], result["processor_s"])
    stop((events, *replicas))
    return result["per_second"]


def many(run, n):
    world, events, replicas = start(run, n)
    ids = make_events(world, events, run.options.events)
    with run.usage(events, *replicas) as usage:
        result = run.load(*replicas, events=ids).result()
        require_clean(result, 201)
        wait_heard(world, events, result["answered"], sold=result["answered"])
    check_stored(run, world, result["answered"])
    run.show_load(f"{len(ids)} events over {n}", result)
    run.show_usage(usage, result["answered"], result["processor_s"])
    stop((events, *replicas))
    return result["per_second"]


def measure(run):
    hot_rates = {n: hot(run, n) for n in HOT}
    ratio = hot_rates[3] / hot_rates[1]
    many_rates = {n: many(run, n) for n in MANY}
    run.say("many events", ", ".join(f"{n} replicas {rate:.0f}/s" for n, rate in many_rates.items()))
    ceilings.compare(run, "bookings of one event over 3", hot_rates[3], ceilings.of_bookings(run))
    run.wanted("S9 3 replicas on one event against one", f">= {WANTED_RATIO}", ratio, ratio >= WANTED_RATIO)
