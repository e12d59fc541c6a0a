"""Bookings, refusals, reads and cancellations of some hot and many cool events at once, and the checker at the end."""
from many_events import make_events
from run import check_stored, require_clean, wait_heard
from sold_out import judge

from harness.steps import book, make_bookable

MIX = "book:6,refuse:1,read:2,cancel:1"


def measure(run):
    events, bookings = run.start_services()
    sold_out = make_bookable(events, bookings, 1)
    ids = make_events(run.world, events, run.options.events)
    assert book(bookings, sold_out).status == 201
    path = f"{run.folder}/history"
    with run.usage(events, bookings) as usage:
        result = run.load(bookings, events=ids, zipf=1, mix=MIX, sold_out=sold_out, keys=True, history=path).result()
        require_clean(result, 200, 201, 204, 409)
        booked = result["status"]["201"] + 1
        cancelled = result["operations"].get("cancel", {"answered": 0})["answered"]
        wait_heard(run.world, events, booked + cancelled)
    with open(path, "a") as file:
        file.write(f'{{"op":"book","start":0,"end":0,"outcome":"info","event":"{sold_out}","seats":1}}\n')
    check_stored(run, run.world, booked)
    judge(run, path)
    run.show_load(MIX, result)
    for name, operation in result["operations"].items():
        latency = operation["latency_us"]
        run.say(f"  {name}", f"{operation['answered']}, {operation['status']}: " +
                ", ".join(f"{part} {latency[part] / 1000:.1f}" for part in latency) + " ms")
    run.show_usage(usage, result["answered"], result["processor_s"])
