"""Everybody wants the same event in the same moment."""
import asyncio
import collections
import itertools
import json
import time

from harness import PATIENCE_S, run
from harness.steps import check_ledger, ledger_of, make_event, messages_by_id, new_key, wait_bookable, wait_published

SEATS = 10000
CLIENTS = 2000
BOOKINGS = 3  # that each client wants, of two seats each: a sixth of all comes too late


async def read_answer(reader):
    """Status and body; a connection that ended is an EOFError."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length:")]
    return int(head.split()[1]), json.loads(await reader.readexactly(int(lengths[0])))


async def ask(service, event, key):
    """One booking over a connection of its own; None when nobody knows."""
    body = json.dumps({"seats": 2})
    try:
        reader, writer = await asyncio.open_connection(service.host, service.port)
    except OSError:
        return None
    try:
        writer.write(f"POST /events/{event}/bookings HTTP/1.1\r\nHost: {service.host}\r\nContent-Type: application/json\r\n"
                     f"Idempotency-Key: {key}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return await read_answer(reader)
    except (OSError, EOFError):
        return None
    finally:
        writer.close()


async def client(replicas, event, number, asked_again):
    """Books again and again, each with one key until the outcome is known, at one replica after the other."""
    turns = itertools.count(number)
    outcomes = []
    for _ in range(BOOKINGS):
        key, deadline = new_key(), time.monotonic() + PATIENCE_S
        answer = await ask(replicas[next(turns) % len(replicas)], event, key)
        while not answer or answer[0] == 503:
            assert time.monotonic() < deadline, f"client {number} is not answered: {answer}"
            asked_again[answer and answer[0]] += 1
            await asyncio.sleep(0.1)
            answer = await ask(replicas[next(turns) % len(replicas)], event, key)
        outcomes.append(answer)
    return outcomes


async def everybody(replicas, event, asked_again):
    some = await asyncio.gather(*(client(replicas, event, number, asked_again) for number in range(CLIENTS)))
    return [outcome for outcomes in some for outcome in outcomes]


def exactly_what_is_there_is_sold(world):
    "P12: 2 000 clients at once at three replicas want 12 000 of 10 000 seats: all are sold, and every loser is told"
    world.observe(routing_key="event.booked")
    events = world.start_eventservice()
    replicas = [world.start_bookingservice() for _ in range(3)]
    event = make_event(events, SEATS)
    for replica in replicas:
        wait_bookable(replica, event)

    asked_again = collections.Counter()
    began = time.monotonic()
    outcomes = asyncio.run(everybody(replicas, event, asked_again))
    took = time.monotonic() - began

    statuses = collections.Counter(status for status, _ in outcomes)
    assert statuses == {201: SEATS // 2, 409: CLIENTS * BOOKINGS - SEATS // 2}, statuses
    assert all(body["type"] == "/problems/sold-out" and body["seatsLeft"] == 0
               for status, body in outcomes if status == 409)
    sold = {body["ID"] for status, body in outcomes if status == 201}
    entries = ledger_of(world, event)
    assert set(check_ledger(entries, SEATS)) == sold and len(sold) == SEATS // 2 and entries[-1]["sold"] == SEATS
    wait_published(world)
    seen, _ = messages_by_id(world.observed())
    assert {message.json()["bookingId"] for message in seen.values()} == sold
    print(f"       {len(outcomes)} answers in {took:.1f} s, {len(entries)} entries; asked again {asked_again[503]} times after"
          f" a 503 and {asked_again[None]} times after a lost connection")


if __name__ == "__main__":
    run(exactly_what_is_there_is_sold)
