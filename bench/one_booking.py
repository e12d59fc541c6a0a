"""What one booking takes when nobody else wants anything, against the insert that it cannot do without."""
import ceilings
from run import check_stored, require_clean

from harness.steps import make_event, wait_bookable

WANTED_RATIO = 1.3
ROUNDS = 3


def measure(run):
    times = run.options.times
    events, bookings = run.start_services()
    event = make_event(events)
    wait_bookable(bookings, event)
    ours, raw = [], []
    for _ in range(ROUNDS):
        result = run.load(bookings, events=[event], connections=1, requests=times, seconds=600).result()
        require_clean(result, 201)
        ours.append(result["latency_us"])
        raw.append(ceilings.raw_insert(run.world, 600, batch=1, in_flight=1, inserts=times)["latency_us"])
    check_stored(run, run.world, ROUNDS * times)
    middle = [sorted(rows, key=lambda row: row["p50"])[ROUNDS // 2] for rows in (ours, raw)]
    for name, latency in zip(("one booking", "raw insert"), middle):
        run.say(name, f"p50 {latency['p50']} us, p90 {latency['p90']} us, p99 {latency['p99']} us; {times} one after the other, "
                f"the middle of {ROUNDS} rounds", latency_us=latency)
    ratio = middle[0]["p50"] / middle[1]["p50"]
    run.wanted("S6 p50 of a booking alone against the raw insert", f"<= {WANTED_RATIO}", ratio, ratio <= WANTED_RATIO)
