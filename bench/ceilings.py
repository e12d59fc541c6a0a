"""
What the parts can do alone, on the same machine and in the same run: the HTTP library, inserts of entries through
the database's driver, messages confirmed in the topology of the services. Nothing of ours can be faster than the
lowest of them.
"""
import json
import os
import re
import socket
import subprocess

from machine import BUILD, FOLDER, processor_seconds
from run import Load

from harness import eventually
from harness.steps import make_bookable, wait_subscribed

THREADS = 384  # of the services, by default
CEILING_S = 3  # each of them, at most
BODY_BYTES = 220  # of event.booked
SHAPES = ((1, 1), (1, 16), (1, 64), (1, 256), (64, 4))  # entries of an insert, bookings of each
IN_FLIGHT = (1, 2)


class Bare:
    """The HTTP library alone, started as the services start it, answering the same bytes; a target for a load."""

    host = "127.0.0.1"

    def __init__(self, answer):
        self.process = subprocess.Popen([f"{BUILD}/bench/bare_server", str(THREADS)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdin.write(answer)
        self.process.stdin.close()
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def processor_seconds(self):
        return processor_seconds(self.process.pid)


def answer_to(service, method, path, body=""):
    """All bytes of the answer to one request over a connection that stays open."""
    request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with socket.create_connection((service.host, service.port), 10) as connection:
        connection.sendall(request)
        return connection.recv(1 << 18)  # it is written by one call


def bare_http(run, answer, seconds, connections):
    """Requests a second."""
    with Bare(answer) as bare:
        return Load(run.folder, [bare], request="POST /", body='{"seats":1}', connections=connections,
                    seconds=seconds).result()


def bare_http_by_wrk(answer, seconds, connections):
    """The same by wrk with two threads: what the load itself, with one, keeps from being measured."""
    with Bare(answer) as bare:
        printed = subprocess.run(["wrk", "-t", "2", "-c", str(connections), "-d", str(seconds), "-s",
                                  os.path.join(FOLDER, "wrk", "book.lua"), f"http://{bare.host}:{bare.port}/"], check=True,
                                 capture_output=True, text=True).stdout
    return json.loads(printed.splitlines()[-1])


def raw_insert(world, seconds, **flags):
    """Entries straight into the database, in a collection of their own."""
    database = world.search_db  # nobody else's in these runs
    command = [f"{BUILD}/bench/bench_insert", database.url, "--seconds", str(seconds)]
    for name, value in flags.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    try:
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    finally:
        database.drop()


def confirmed_publish(run, messages):
    """Messages a second that exchange, log and the event service's queue have confirmed; nobody takes them."""
    world = run.new_world()
    events, bookings = run.start_services(world)
    wait_subscribed(world, "event")
    events.stop()
    bookings.stop()
    command = [f"{BUILD}/bench/bench_emitter", world.amqp_url, str(messages), str(BODY_BYTES), "0", "event.booked"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    confirmed, failed, rate = re.search(r"(\d+) confirmed, (\d+) failed, .* (\d+)/s", printed).groups()
    assert int(confirmed) == messages and int(failed) == 0, printed
    with world.amqp() as amqp:
        eventually(lambda: amqp.count("event") == messages, 30)
        amqp.purge("event")
    return int(rate)


def of_bookings(run):
    """The ceilings of a booking, a second; shown, and returned by name."""
    seconds = min(run.options.seconds, CEILING_S)
    world = run.new_world()
    events, bookings = run.start_services(world)
    answer = answer_to(bookings, "POST", f"/events/{make_bookable(events, bookings)}/bookings", '{"seats":1}')
    events.stop()
    bookings.stop()
    bare = bare_http(run, answer, seconds, run.options.connections)
    insert = raw_insert(world, seconds, batch=256, in_flight=2)
    ceilings = {"bare civetweb": bare["per_second"], "raw insert": insert["per_second"],
                "confirmed publish": confirmed_publish(run, 10000 * seconds)}
    for name, rate in ceilings.items():
        run.say(name, f"{rate:.0f}/s alone", per_second=rate)
    return ceilings


def compare(run, what, rate, ceilings):
    """A figure of ours against the lowest ceiling."""
    name = min(ceilings, key=ceilings.get)
    run.say("ratio", f"{what}: {rate / ceilings[name]:.2f} of the lowest ceiling, {name}", ratio=rate / ceilings[name])


def measure(run):
    options = run.options
    events, bookings = run.start_services()
    event = make_bookable(events, bookings)
    answer = answer_to(bookings, "POST", f"/events/{event}/bookings", '{"seats":1}')
    events.stop()
    bookings.stop()
    run.show_load("bare civetweb", bare_http(run, answer, options.seconds, options.connections))
    by_wrk = bare_http_by_wrk(answer, options.seconds, options.connections)
    run.say("the same by wrk", f"{by_wrk['per_second']}/s, p99 {by_wrk['latency_us']['p99'] / 1000:.1f} ms", **by_wrk)
    run.say("raw insert", f"{'entries':>7} {'batch':>6} {'in flight':>9} {'bookings/s':>11} {'p50 ms':>7} {'p99 ms':>7}")
    for entries, batch in SHAPES:
        for in_flight in IN_FLIGHT:
            show_insert(run, raw_insert(run.world, options.seconds, batch=batch, entries=entries, in_flight=in_flight))
    rate = confirmed_publish(run, options.messages)
    run.say("confirmed publish", f"{rate}/s, {options.messages} messages of {BODY_BYTES} bytes", per_second=rate)


def show_insert(run, result):
    latency = result["latency_us"]
    run.say("", f"{result['entries']:7} {result['batch']:6} {result['in_flight']:9} {result['per_second']:11.0f} {latency['p50'] / 1000:7.2f} "
            f"{latency['p99'] / 1000:7.2f}", **result)
