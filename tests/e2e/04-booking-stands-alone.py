"""The booking service needs its own database and the broker, and for booking not even that."""
import os

from harness import eventually, run
from harness.steps import book, make_bookable, wait_published, wait_subscribed


def booking_goes_on_without_the_event_service(world):
    "P10: the event service is killed; bookings go on, and it hears of them when it is back"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 100)
    events.kill()
    for _ in range(20):
        assert book(bookings, event).status == 201
    events.start()
    eventually(lambda: events.get(f"/events/{event}").json()["SeatsLeft"] == 80)


def remote_ports(process):
    """Ports that a process is connected to, itself not listening there."""
    inodes = set()
    for name in os.listdir(f"/proc/{process.pid}/fd"):
        try:
            target = os.readlink(f"/proc/{process.pid}/fd/{name}")
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    listening = {row[1].split(":")[1] for row in rows if row[9] in inodes and row[3] == "0A"}
    return {int(row[2].split(":")[1], 16) for row in rows
            if row[9] in inodes and row[3] == "01" and row[1].split(":")[1] not in listening}


def no_call_to_another_service(world):
    "P11: while it books, the booking service is connected to broker and own database only"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 10)
    assert book(bookings, event).status == 201
    own = {int(world.bookings_db.address.split(":")[1]), int(world.servers.amqp_url.split(":")[-1].strip("/"))}
    assert remote_ports(bookings.process) <= own, (remote_ports(bookings.process), own)


def booking_goes_on_without_the_broker(world):
    "F4: the broker is killed; no booking fails meanwhile, and the messages follow when it is back"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 100)
    wait_subscribed(world, "booking")
    wait_subscribed(world, "event")
    wait_published(world)
    world.kill_server("rabbitmq")
    for _ in range(20):
        assert book(bookings, event).status == 201
    eventually(lambda: b"broker away" in bookings.health("/readyz?verbose").body)
    assert bookings.is_ready()
    assert events.post("/events", {"Name": "Meanwhile", "Capacity": 1}).status == 201
    world.start_server("rabbitmq")
    wait_published(world)
    eventually(lambda: events.get(f"/events/{event}").json()["SeatsLeft"] == 80)


if __name__ == "__main__":
    run(booking_goes_on_without_the_event_service, no_call_to_another_service, booking_goes_on_without_the_broker)
