#!/usr/bin/python3
"""
clients.py: the people of a campaign, in a process of their own. Reads one line of JSON from standard input, begins,
and ends when standard input does: then every client finishes what it has begun, and one line of JSON says how that
went. The line: history, seed, clients, rate (requests a second, all together), replicas and eventservices ([host,
port] each), events (their ids), users.
"""
import collections
import http.client
import json
import os
import random
import secrets
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness.client import Client  # noqa: E402 (after the path)
from harness.history import History, RecordingClient  # noqa: E402

TIMEOUT_S = 4
# After the end nobody repeats for longer than this: what is not known by then is not going to be.
PATIENCE_S = 20
CAPACITIES = (5, 40, 400, 100000, None)
STORM = 3


class Place:
    """One replica, as each client sees it: a kept connection of its own, made anew when it broke."""

    def __init__(self, address):
        self.client = Client(*address, timeout=TIMEOUT_S)

    def request(self, method, path, body=None, headers=None):
        return self.client.request(method, path, body, headers)


class Town:
    """What the clients share."""

    def __init__(self, plan):
        self.plan = plan
        self.events = list(plan["events"])
        self.orders = collections.deque(maxlen=500)  # (event, seats, key, user) that somebody has placed
        self.held = collections.deque(maxlen=500)    # (event, booking)
        self.closing = threading.Event()
        self.closed_at = None
        self.pause_s = plan["clients"] / plan["rate"]


class Visitor(threading.Thread):
    """One client: one request after the other."""

    def __init__(self, town, history, number):
        super().__init__()
        plan = town.plan
        self.town = town
        self.chance = random.Random(plan["seed"] * 1000 + number)
        self.recorder = RecordingClient(history, f"client-{number}")
        self.replicas = [Place(address) for address in plan["replicas"]]
        self.eventservices = [Place(address) for address in plan["eventservices"]]
        self.history = history

    def patient(self):
        """Most people repeat until they know; the others leave."""
        town = self.town
        if self.chance.random() < 0.15:
            return lambda: True
        return lambda: town.closed_at is not None and time.monotonic() - town.closed_at > PATIENCE_S

    def turned(self):
        """The replicas in an order that begins anywhere."""
        first = self.chance.randrange(len(self.replicas))
        return self.replicas[first:] + self.replicas[:first]

    def book(self):
        town = self.town
        event, seats = self.chance.choice(town.events), self.chance.randint(1, 4)
        user = self.chance.choice(town.plan["users"] + [None])
        key = secrets.token_hex(8) if self.chance.random() < 0.85 else None
        if not key:
            answer = self.recorder.book(self.chance.choice(self.replicas), event, seats, None, user)
        else:
            town.orders.append((event, seats, key, user))
            answer = self.recorder.until_known(
                lambda place: self.recorder.book(place, event, seats, key, user), self.turned(), self.patient())
        if answer and answer.status == 201:
            town.held.append((event, answer.json()["ID"]))

    def repeat(self):
        if self.town.orders:
            self.recorder.book(self.chance.choice(self.replicas), *self.chance.choice(list(self.town.orders)))

    def storm(self):
        """The same request several times at once, at different replicas."""
        event, seats, key = self.chance.choice(self.town.events), self.chance.randint(1, 4), secrets.token_hex(8)
        places = [Place(self.town.plan["replicas"][n % len(self.replicas)]) for n in range(STORM)]
        recorders = [RecordingClient(self.history, f"{self.recorder.name}-{n}") for n in range(STORM)]
        threads = [threading.Thread(target=recorder.book, args=(place, event, seats, key))
                   for recorder, place in zip(recorders, places)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for place in places:
            place.client.close()

    def cancel(self):
        try:
            event, booking = self.town.held.popleft()
        except IndexError:
            return
        self.recorder.until_known(lambda place: self.recorder.cancel(place, event, booking), self.turned(),
                                  self.patient())

    def read(self):
        self.recorder.read(self.chance.choice(self.replicas), self.chance.choice(self.town.events))

    def change(self):
        self.recorder.change(self.chance.choice(self.eventservices), self.chance.choice(self.town.events),
                             self.chance.choice(CAPACITIES))

    def create(self):
        event = secrets.token_hex(12)
        self.recorder.create(self.chance.choice(self.eventservices), self.chance.choice(CAPACITIES), event)
        self.town.events.append(event)

    def run(self):
        deeds = [self.book] * 28 + [self.repeat] * 5 + [self.storm] * 2 + [self.cancel] * 10 + [self.read] * 5
        deeds += [self.change] * 2 + [self.create]
        while not self.town.closing.wait(self.chance.expovariate(1 / self.town.pause_s)):
            try:
                self.chance.choice(deeds)()
            except (OSError, http.client.HTTPException, ValueError) as error:
                print(f"{self.recorder.name}: {error!r}", file=sys.stderr)
                raise


def main():
    plan = json.loads(sys.stdin.readline())
    town = Town(plan)
    with History(plan["history"]) as history:
        visitors = [Visitor(town, history, number) for number in range(plan["clients"])]
        for visitor in visitors:
            visitor.start()
        sys.stdin.read()
        began = town.closed_at = time.monotonic()
        town.closing.set()
        for visitor in visitors:
            visitor.join()
        print(json.dumps({"closed_after_s": time.monotonic() - began, "counts": history.counts}))


if __name__ == "__main__":
    main()
