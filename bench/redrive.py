#!/usr/bin/python3
"""
How many parked messages a second `myevents dead redrive` brings back to their queue.

    bench/redrive.py [--messages N] [--bytes B] [--least PER_SECOND]

Starts a private broker (or takes that of MYEVENTS_TEST_STACK), parks N messages with the headers of a listener in a
quorum queue, and redrives them once without a filter and once with one that lets all of them through. Checks that
each arrived exactly once. Ends with 1 when it was slower than asked. Everything runs on this machine.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

from machine import machine, versions

from harness.servers import Servers
from harness.world import BUILD, World

HEADERS = {"x-event-name": "event.created", "x-parked-reason": "it was bad", "x-parked-count": 5,
           "x-parked-by": "bookingservice@here#consumer", "x-parked-at": "2026-11-21T09:30:00.000Z"}
QUORUM = {"x-queue-type": "quorum"}


def park(world, options):
    with world.amqp() as amqp:
        for queue in ("booking", "booking.dead"):
            amqp.declare_queue(queue, arguments=QUORUM)
        amqp.confirm_select()
        for number in range(options.messages):
            amqp.publish("", "booking.dead", b"x" * options.bytes, message_id=f"m{number}", headers=HEADERS)
        amqp.wait_for_confirms(120)


def redrive(world, *filters):
    """Messages moved and the seconds that the tool took, its start included."""
    began = time.monotonic()
    printed = subprocess.run([f"{BUILD}/tools/myevents", "dead", "redrive", "booking", "--json", *filters], check=True,
                             env={**os.environ, "AMQP_BROKER_URL": world.amqp_url}, stdout=subprocess.PIPE).stdout
    return json.loads(printed)["moved"], time.monotonic() - began


def measure(world, options, *filters):
    park(world, options)
    moved, seconds = redrive(world, *filters)
    arrived = sorted(message.id for message in world.observed("booking"))
    assert moved == options.messages and len(set(arrived)) == len(arrived) == moved, f"{moved} moved, {len(arrived)} there"
    print(f"{' '.join(filters) or 'no filter':22} {moved} messages of {options.bytes} bytes in {seconds:.2f} s: "
          f"{moved / seconds:.0f}/s")
    return moved / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--messages", type=int, default=20000, help="to park and bring back (default 20000)")
    parser.add_argument("--bytes", type=int, default=300, help="of each body (default 300)")
    parser.add_argument("--least", type=int, default=5000, help="messages a second, else it fails (default 5000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="myevents-bench.") as folder:
        world = World(Servers(), folder)
        try:
            print(f"machine                {machine()}, load {os.getloadavg()[0]:.1f}")
            print(f"versions               {versions(world)}")
            slowest = min(measure(world, options), measure(world, options, "--reason", "bad"))
        finally:
            world.close()
    sys.exit(slowest < options.least)


if __name__ == "__main__":
    main()
