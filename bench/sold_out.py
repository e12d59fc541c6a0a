"""How long the seats of one event last when everybody wants one, and whether all of them are told."""
import ceilings
from run import check_stored, require_clean, wait_heard

from harness.history import History
from harness.steps import make_event, wait_bookable

WANTED_S = 4
WANTED_SEATS = 50000


def judge(run, path):
    """`myevents check` on the calls of the load and both databases."""
    with History(f"{run.folder}/final") as history:
        with open(path) as file:
            for line in file:
                history.file.write(line)
        history.read_databases(run.world)
        checked = history.check()
    assert checked.status == 0, checked
    run.say("judged", f"{checked.summary['calls']} calls by myevents check: no promise broken")


def measure(run):
    options = run.options
    losers = max(options.seats // 10, options.connections)
    events, bookings = run.start_services()
    event = make_event(events, options.seats)
    wait_bookable(bookings, event)
    path = f"{run.folder}/history"
    with run.usage(events, bookings) as usage:
        result = run.load(bookings, events=[event], seats=1, requests=options.seats + losers, history=path).result()
        require_clean(result, 201, 409)
        wait_heard(run.world, events, options.seats, sold=options.seats)
    seconds = result["last_s"]["201"]
    assert result["status"] == {"201": options.seats, "409": losers}, result["status"]
    left = bookings.get(f"/events/{event}/availability").json()["SeatsLeft"]
    assert left == 0, f"{left} seats are stranded"
    check_stored(run, run.world, options.seats)
    judge(run, path)
    run.show_load("until sold out", result)
    run.show_usage(usage, options.seats, result["processor_s"])
    wanted_s = WANTED_S * options.seats / WANTED_SEATS
    run.say("sold out", f"{options.seats} seats after {seconds:.2f} s, {options.seats / seconds:.0f}/s; {losers} were told, "
            "none stranded", seconds=seconds)
    ceilings.compare(run, "bookings until sold out", options.seats / seconds, ceilings.of_bookings(run))
    run.wanted(f"S4 seconds until {options.seats} seats are sold", f"<= {wanted_s:g}", seconds, seconds <= wanted_s)
