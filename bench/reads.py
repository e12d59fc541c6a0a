#!/usr/bin/python3
"""
How many reads and refusals a second, each against the HTTP library alone on the same machine.

    bench/reads.py [--seconds S] [--connections N] [--rounds R]

Starts a private mongod and broker and both services from build/release (or MYEVENTS_BUILD). For each kind of
request the service and a bare handler of the library that answers the same bytes are measured in turn, R times S
seconds each over N connections; the middle round counts. Everything runs on this machine, the load included, so
the figures speak of all of it together, and the ratio of what the services add to the library. The processor time
that a request takes, in the service, in mongod and in the bare handler, depends least on what else goes on.
"""
import argparse
import json
import socket
import statistics
import subprocess
import tempfile

from machine import BUILD, machine, processor_seconds, server_processes, versions

from harness.servers import Servers
from harness.steps import book, make_bookable
from harness.world import World

THREADS = 384  # of the services, by default


def answer_to(service, method, path, body):
    """All bytes of the answer to one request over a connection that stays open."""
    request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with socket.create_connection((service.host, service.port), 10) as connection:
        connection.sendall(request)
        return connection.recv(1 << 18)  # it is written by one call


def load(port, method, path, body, options):
    command = [f"{BUILD}/bench/load", "127.0.0.1", str(port), method, path, body, str(options.connections),
               str(options.seconds)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure_bare(answer, method, path, body, options):
    bare = subprocess.Popen([f"{BUILD}/bench/bare_server", str(THREADS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        bare.stdin.write(answer)
        bare.stdin.close()
        result = load(int(bare.stdout.readline()), method, path, body, options)
        return {**result, "processor_s": processor_seconds(bare.pid)}
    finally:
        bare.kill()
        bare.wait()


def middle(results):
    return sorted(results, key=lambda result: result["per_second"])[len(results) // 2]


def compare(name, service, request, mongod, options):
    answer = answer_to(service, *request)
    status = answer.split()[1].decode()
    pids = {"service": [service.process.pid], "mongod": mongod}
    ours, bares, used = [], [], dict.fromkeys(pids, 0)
    for _ in range(options.rounds):
        bares.append(measure_bare(answer, *request, options))
        before = {who: sum(map(processor_seconds, pids[who])) for who in pids}
        ours.append(load(service.port, *request, options))
        for who in pids:
            used[who] += sum(map(processor_seconds, pids[who])) - before[who]
        assert list(ours[-1]["status"]) == [status] and not ours[-1]["cut"], ours[-1]
    ours_middle, bare = middle(ours), middle(bares)
    ratio = statistics.median(one["per_second"] / other["per_second"] for one, other in zip(ours, bares))
    latency = ours_middle["latency_us"]
    n = sum(result["answered"] for result in ours)
    bare_us = 1e6 * bare["processor_s"] / bare["answered"]
    print(f"{name:34} {status} {len(answer):5} {ours_middle['per_second']:8.0f} {latency['p50'] / 1000:7.2f} "
          f"{latency['p99'] / 1000:7.2f} {bare['per_second']:9.0f} {ratio:6.2f} "
          f"{1e6 * used['service'] / n:8.1f} {1e6 * used['mongod'] / n:7.1f} {bare_us:6.1f}", flush=True)


def measure(world, options):
    quiet = {"log_level": "warning"}
    events, bookings = world.start_eventservice(quiet), world.start_bookingservice(quiet)
    event = make_bookable(events, bookings, 1, Location={"Name": "Opera House", "Address": "1 Quay Street"})
    assert book(bookings, event).status == 201
    mongod = server_processes(world.servers)["mongod"]
    print(f"machine      {machine()}")
    print(f"versions     {versions(world)}")
    print(f"load         {options.connections} connections, {options.rounds} x {options.seconds} s each, the middle counts")
    print(f"{'':34} {'':3} {'bytes':>5} {'/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'bare /s':>9} {'ratio':>6} {'us here':>8} "
          f"{'mongod':>7} {'bare':>6}")
    for name, service, request in (
            ("GET event, event service", events, ("GET", f"/events/{event}", "")),
            ("GET event, booking service", bookings, ("GET", f"/events/{event}", "")),
            ("GET availability", bookings, ("GET", f"/events/{event}/availability", "")),
            ("POST booking, sold out", bookings, ("POST", f"/events/{event}/bookings", '{"seats":1}'))):
        compare(name, service, request, mongod, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--seconds", type=int, default=2, help="of each round (1 to 60, default 2)")
    parser.add_argument("--connections", type=int, default=64, help="at once (default 64)")
    parser.add_argument("--rounds", type=int, default=3, help="of service and library in turn (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        world = World(Servers(), folder)
        try:
            measure(world, options)
        finally:
            world.close()


if __name__ == "__main__":
    main()
