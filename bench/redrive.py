"""
How many parked messages a second `myevents dead redrive` brings back to their queue.

Messages with the headers of a listener are parked in a quorum queue, and redriven once without a filter and once with
one that lets all of them through; each has to arrive exactly once.
"""
import json
import os
import subprocess
import time

from machine import BUILD

HEADERS = {"x-event-name": "event.created", "x-parked-reason": "it was bad", "x-parked-count": 5,
           "x-parked-by": "bookingservice@here#consumer", "x-parked-at": "2026-11-21T09:30:00.000Z"}
QUORUM = {"x-queue-type": "quorum"}
WANTED_RATE = 5000


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


def redrive_all(run, *filters):
    options = run.options
    park(run.world, options)
    moved, seconds = redrive(run.world, *filters)
    arrived = sorted(message.id for message in run.world.observed("booking"))
    assert moved == options.messages and len(set(arrived)) == len(arrived) == moved, f"{moved} moved, {len(arrived)} there"
    name, rate = " ".join(filters) or "no filter", moved / seconds
    run.say(name, f"{moved} messages of {options.bytes} bytes in {seconds:.2f} s: {rate:.0f}/s", per_second=rate)
    run.wanted(f"redriven a second, {name}", f">= {WANTED_RATE}", rate, rate >= WANTED_RATE)


def measure(run):
    redrive_all(run)
    redrive_all(run, "--reason", "bad")
