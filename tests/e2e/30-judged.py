"""One judge for all: the same clients at a naive booking system and at ours, and what the checker says of each."""
import os
import random
import subprocess
import sys

from harness import at_once, eventually, run
from harness.client import Client
from harness.history import History, RecordingClient
from harness.servers import ROOT
from harness.steps import is_taken_over, new_key, wait_bookable, wait_published
from local import ports

CLIENTS = 12
TURNS = 25
CAPACITY = 20
RUSHES = 12
NAIVE = os.path.join(ROOT, "tests", "checker", "naive_server.py")


class NaiveService:
    """Requests to the naive server, as harness.service has them for ours."""

    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, headers=None):
        client = Client("127.0.0.1", self.port)
        try:
            return client.request(method, path, body, headers)
        finally:
            client.close()

    def get(self, path):
        return self.request("GET", path)


def visit(client, services, events, shared_keys, seed):
    """What one client does: books, sometimes under a key that others use as well, looks, and gives back."""
    chance = random.Random(seed)
    held = []
    for turn in range(TURNS):
        event = chance.choice(events)
        service = chance.choice(services)
        if turn % 5 == 3 and held:
            client.cancel(service, *held.pop())
        elif turn % 5 == 4:
            client.read(service, event)
        else:
            key = shared_keys[turn // 5] if turn % 5 == 0 else new_key()
            answer = client.book(service, events[0] if turn % 5 == 0 else event, 1, key)
            if answer and answer.status == 201 and turn % 5:
                held.append((event, answer.json()["ID"]))


def drive(history, services, events, rushed):
    """All clients at once: the same requests, whoever answers them. Each event of `rushed` has one seat, which all of
    them want at the same moment."""
    keys = [new_key() for _ in range(TURNS)]
    clients = [RecordingClient(history, f"client-{i}") for i in range(CLIENTS)]
    at_once(CLIENTS, lambda i: visit(clients[i], services, events, keys, i))
    for event in rushed:
        at_once(CLIENTS, lambda i: clients[i].book(services[i % len(services)], event, 1, new_key()))


def create(history, service, events, rushed):
    creator = RecordingClient(history, "creator")
    for event in events + rushed:
        assert creator.create(service, 1 if event in rushed else CAPACITY, event).status == 201


def new_ids(n):
    return [new_key()[:24] for _ in range(n)]


def the_naive_one_is_found_guilty(world):
    "P12 P13: a system that looks and then writes is found guilty of overselling and of booking one key twice"
    port = ports.claim()
    server = subprocess.Popen([sys.executable, "-B", NAIVE, str(port)])
    try:
        service = NaiveService(port)
        events, rushed = new_ids(3), new_ids(RUSHES)
        with History(os.path.join(world.folder, f"{world.id}.history")) as history:
            eventually(lambda: service.get("/events/1/bookings").status == 200)
            create(history, service, events, rushed)
            drive(history, [service], events, rushed)
            history.read_bookings(service, events + rushed)
            checked = history.check()
    finally:
        server.kill()
        server.wait()

    assert checked.status == 1
    assert {"I1", "I5"} <= checked.broken(), checked
    assert all(row["lines"] for row in checked.findings), checked
    twice = next(row for row in checked.findings if row["invariant"] == "I5")
    assert len(twice["lines"]) == 2, twice


def ours_is_found_clean(world):
    "P12 P13: the same clients at two replicas of ours: nothing to be found, by what it shows and by what it stores"
    world.observe()
    service = world.start_eventservice()
    replicas = [world.start_bookingservice(), world.start_bookingservice()]
    events, rushed = new_ids(3), new_ids(RUSHES)
    path = os.path.join(world.folder, f"{world.id}.history")
    with History(path) as history:
        create(history, service, events, rushed)
        for event in events + rushed:
            wait_bookable(replicas[0], event)
        drive(history, replicas, events, rushed)
        history.read_bookings(replicas[0], events + rushed)
        shown = history.check()
        assert shown.status == 0, shown

        wait_published(world)
        eventually(lambda: is_taken_over(world))
        eventually(lambda: sum(world.management.messages(name) for name in ("booking", "event")) == 0)
        straight = history.check("--events-database", world.events_db.url, "--bookings-database",
                                 world.bookings_db.url, "--queues", "--broker", world.amqp_url)
        assert straight.status == 0, straight
        undecided = {name for name, n in straight.summary["invariants"].items() if n is None}
        assert undecided == {"I8"}, straight.summary

        history.read_databases(world)
        history.write_messages(world.observed())
        history.read_queues(world)
        stored = history.check()
    assert stored.status == 0, stored
    assert stored.summary["entries"] == straight.summary["entries"], "what it reads itself is what there is"
    assert None not in stored.summary["invariants"].values(), stored.summary
    assert stored.summary["calls"] == CLIENTS * (TURNS + RUSHES) + len(events + rushed), stored.summary


if __name__ == "__main__":
    run(the_naive_one_is_found_guilty, ours_is_found_clean)
