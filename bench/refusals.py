"""How many refusals and reads a second while another event sells."""
import ceilings
from run import check_stored, require_clean, wait_heard

from harness.steps import book, make_bookable, make_event, wait_bookable

WANTED_RATE = 20000
WANTED_P99_MS = 10
SALE_CONNECTIONS = 64


def measure(run):
    options = run.options
    events, bookings = run.start_services()
    event = make_event(events)
    wait_bookable(bookings, event)
    sold_out = make_bookable(events, bookings, 1)
    assert book(bookings, sold_out).status == 201
    with run.usage(events, bookings) as usage:
        sale = run.load(bookings, events=[event], connections=SALE_CONNECTIONS)
        others = run.load(bookings, events=[event], mix="refuse:1,read:1", sold_out=sold_out, rate=0)
        result, sold = others.result(), sale.result()
    require_clean(result, 200, 409)
    require_clean({**sold, "unsent": 0}, 201)
    wait_heard(run.world, events, sold["answered"] + 1)
    check_stored(run, run.world, sold["answered"] + 1)
    run.show_load(f"sale at {options.rate}/s", sold)
    run.show_load("refusals and reads", result)
    for name, operation in result["operations"].items():
        latency = operation["latency_us"]
        run.say(f"  {name}", f"{operation['answered']}: " +
                ", ".join(f"{part} {latency[part] / 1000:.1f}" for part in latency) + " ms")
    run.show_usage(usage, result["answered"] + sold["answered"], result["processor_s"] + sold["processor_s"])
    rate, p99_ms = result["per_second"], result["latency_us"]["p99"] / 1000
    answer = ceilings.answer_to(bookings, "POST", f"/events/{sold_out}/bookings", '{"seats":1}')
    events.stop()
    bookings.stop()
    bare = ceilings.bare_http(run, answer, ceilings.CEILING_S, options.connections)
    ceilings.compare(run, "refusals and reads", rate, {"bare civetweb": bare["per_second"]})
    run.wanted(f"S5 refusals and reads a second, {options.rate} bookings a second beside", f">= {WANTED_RATE}", rate,
               rate >= WANTED_RATE)
    run.wanted("S5 p99, ms", f"< {WANTED_P99_MS}", p99_ms, p99_ms < WANTED_P99_MS)
