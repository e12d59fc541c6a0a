#!/usr/bin/python3
"""
How many seats of one event are sold in a second, each booking durable on a majority before it is answered.

    bench/hot_event.py [--seconds S] [--connections N] [--replicas R]

Starts a private mongod and broker, the event service and R booking services from build/release (or
MYEVENTS_BUILD), books for S seconds over N connections, and checks afterwards that what was answered is what
is stored and what was heard. Prints machine, versions, rate, latency, memory, and processor time per booking of
each process. Everything runs on this machine, the load included, so the figures speak of all of it together.
"""
import argparse
import json
import subprocess
import tempfile
import time

from machine import BUILD, machine, peak_resident_mb, processor_seconds, server_processes, versions

from harness import eventually
from harness.servers import Servers
from harness.steps import make_event, wait_bookable
from harness.world import World


def stored_bookings(world, event):
    reply = world.bookings_db.command({
        "aggregate": "ledger", "cursor": {}, "pipeline": [
            {"$group": {"_id": "$_id.e", "entries": {"$sum": 1}, "sold": {"$max": "$sold"},
                        "n": {"$sum": {"$size": {"$ifNull": ["$b", []]}}}}}]})
    return next(row for row in reply["cursor"]["firstBatch"] if str(row["_id"]) == event)


def measure(world, options):
    events = world.start_eventservice({"log_level": "warning"})
    replicas = [world.start_bookingservice({"log_level": "warning"}) for _ in range(options.replicas)]
    event = make_event(events)
    for replica in replicas:
        wait_bookable(replica, event)
    processes = {service.name: [service.process.pid] for service in (events, *replicas)}
    processes.update(server_processes(world.servers))
    before = {name: sum(map(processor_seconds, pids)) for name, pids in processes.items()}

    began = time.monotonic()
    loads = [subprocess.Popen([f"{BUILD}/bench/load", "127.0.0.1", str(replica.port), "POST",
                               f"/events/{event}/bookings", '{"seats":1}',
                               str(options.connections // options.replicas), str(options.seconds)],
                              stdout=subprocess.PIPE, text=True) for replica in replicas]
    results = [json.loads(load.communicate()[0]) for load in loads]
    loaded_s = time.monotonic() - began
    answered = sum(result["status"].get("201", 0) for result in results)

    def heard():
        """the event service has heard of every booking"""
        sales = world.events_db.find("sales")
        return sales and sales[0]["sold"] == answered

    eventually(heard, 120, pause=0.1)
    heard_s = time.monotonic() - began
    eventually(lambda: not world.bookings_db.find("ledger", {"pub": False}, limit=1), 60, pause=0.1)
    after = {name: sum(map(processor_seconds, pids)) for name, pids in processes.items()}
    stored = stored_bookings(world, event)

    print(f"machine      {machine()}")
    print(f"versions     {versions(world)}")
    print(f"load         {options.connections} connections, {options.seconds} s, {options.replicas} replica(s)")
    print(f"bookings     {answered} in {loaded_s:.1f} s: {answered / loaded_s:.0f}/s")
    for result in results:
        latency = result["latency_us"]
        print("latency      " + ", ".join(f"{name} {latency[name] / 1000:.1f} ms" for name in latency)
              + f"; by status {result['status']}, cut {result['cut']}")
    print(f"heard        by the event service {heard_s - loaded_s:.1f} s after the load ended")
    print(f"batches      {stored['n'] / max(stored['entries'] - 1, 1):.0f} bookings an entry on average")
    for name, pids in processes.items():
        used = after[name] - before[name]
        print(f"{name:18} {1e6 * used / answered:6.1f} us of processor time a booking, "
              f"at most {sum(map(peak_resident_mb, pids)):.0f} MB resident")
    assert stored["n"] == stored["sold"] == answered, f"answered {answered}, stored {stored}"
    print(f"stored       {stored['n']}: what was answered is what is stored")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--seconds", type=int, default=10, help="how long to book (1 to 600, default 10)")
    parser.add_argument("--connections", type=int, default=256, help="at once (default 256)")
    parser.add_argument("--replicas", type=int, default=1, help="booking services (default 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        world = World(Servers(), folder)
        try:
            measure(world, options)
        finally:
            world.close()


if __name__ == "__main__":
    main()
