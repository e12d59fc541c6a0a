"""Any order of starting, a fast start, a stop that loses nothing."""
import signal
import subprocess

from harness import PATIENCE_S, Answer, eventually, run
from harness.load import Bookings
from harness.steps import book, check_ledger, ledger_of, make_bookable, make_event, wait_bookable


def any_order(world):
    "P25: the services are started while database and broker are away, and work when these have come"
    events, bookings = world.new_eventservice(), world.new_bookingservice()
    world.kill_server("mongod")
    world.kill_server("rabbitmq")
    events.start(wait=False)
    bookings.start(wait=False)
    for service in (events, bookings):
        eventually(lambda: service.health("/livez").status == 200)
        eventually(lambda: service.health("/readyz").status == 503)
    world.start_server("mongod")
    for service in (events, bookings):
        service.wait_ready()
    event = make_event(events, 3)
    world.start_server("rabbitmq")
    wait_bookable(bookings, event)
    assert book(bookings, event).status == 201


def ready_soon(world):
    "P24: ready in less than three seconds when the servers are up"
    for service in (world.start_eventservice(), world.start_bookingservice()):
        service.stop()
        service.start()
        assert service.ready_after_s < 3, service.ready_after_s
        print(f"       {service.name} ready after {1000 * service.ready_after_s:.0f} ms")


def a_stop_loses_nothing(world):
    "P24: SIGTERM under load: every answer is true, the messages are out, the exit status is 0"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings)
    with Bookings([bookings], event, clients=8) as load:
        load.wait_for_more(100)
        assert bookings.stop() == 0
        eventually(lambda: load.failures)
    refused = [answer for answer in load.failures if isinstance(answer, Answer)]
    assert {answer.status for answer in refused} <= {503}, refused[:3]
    unknown = {answer.json()["bookingId"] for answer in refused + load.stalls if "bookingId" in answer.json()}
    # Whoever came while the port was being closed got no answer; then nothing was done for them either.
    stored = set(check_ledger(ledger_of(world, event)))
    assert set(load.booked) <= stored <= set(load.booked) | unknown, stored ^ set(load.booked)
    told = {message.json()["bookingId"] for message in world.observed()}
    assert told == stored, f"{len(stored - told)} messages were not flushed"
    assert not world.bookings_db.find("ledger", {"pub": False}), "flushed and not marked"


def signals_and_words(world):
    "P24: SIGINT stops as well; --help, --version and a bad option answer and end"
    bookings = world.start_bookingservice()
    program = bookings.argv[0]
    bookings.expected_end = True
    bookings.process.send_signal(signal.SIGINT)
    assert bookings.process.wait(30) == 0

    def call(*words):
        return subprocess.run([program, *words], capture_output=True, text=True, timeout=PATIENCE_S)

    assert "--seats_per_booking" in call("--help").stdout
    assert "seats_per_booking" in call("--help-markdown").stdout
    assert call("--version").returncode == 0
    for words, says in ((["--seats_per_booking=0"], "MYEVENTS_SEATS_PER_BOOKING"), (["--colour=red"], "colour"),
                        (["--listen"], "listen")):
        answer = call(*words)
        assert answer.returncode == 100 and says in answer.stderr, (words, answer)
    hidden = call("--amqp_message_broker=amqp://me:verysecret@127.0.0.1/", "--print-config")
    assert hidden.returncode == 0 and "verysecret" not in hidden.stdout + hidden.stderr, hidden
    assert call("--check-config").returncode == 0


if __name__ == "__main__":
    run(any_order, ready_soon, a_stop_loses_nothing, signals_and_words)
