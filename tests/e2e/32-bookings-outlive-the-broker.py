"""The broker goes and comes back under load. Nobody who books notices."""
import time

from harness import run
from harness.load import Bookings
from harness.steps import check_ledger, ledger_of, make_bookable, messages_by_id, wait_published

SOON_S = 90  # the figure is 10 s


def bookings_do_not_notice(world):
    "P29: the broker is restarted and then killed under load: no booking fails, and the backlog is gone soon after"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings)
    with Bookings([bookings], event, clients=1) as load:
        load.wait_for_more(50)
        world.restart_server("rabbitmq")
        world.kill_server("rabbitmq")
        load.wait_for_more(200)
        world.start_server("rabbitmq")
        back = time.monotonic()
    load.check()
    wait_published(world, SOON_S)
    print(f"       {len(load.booked)} bookings, backlog gone {time.monotonic() - back:.1f} s after the broker's return")
    assert time.monotonic() - back < SOON_S
    stored = check_ledger(ledger_of(world, event))
    seen, _ = messages_by_id(world.observed())
    assert set(stored) == set(load.booked) == {message.json()["bookingId"] for message in seen.values()}


if __name__ == "__main__":
    run(bookings_do_not_notice)
