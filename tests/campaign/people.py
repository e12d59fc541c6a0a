"""The people of a town: clients.py in a process of its own, begun and ended from here."""
import json
import os
import subprocess
import sys

CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients.py")


class People:
    """`n` clients who together ask `rate` times a second, and write down at `path` what they see."""

    def __init__(self, town, path, seed, n, rate, events, users=()):
        """`events` and `users` are ids of what is there already."""
        plan = {"history": path, "seed": seed, "clients": n, "rate": rate,
                "replicas": [[replica.host, replica.port] for replica in town.replicas],
                "eventservices": [[service.host, service.port] for service in town.eventservices],
                "events": events, "users": list(users)}
        self.process = subprocess.Popen([sys.executable, "-B", CLIENTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.process.stdin.write(json.dumps(plan) + "\n")
        self.process.stdin.flush()

    def go(self):
        """Everybody finishes what he has begun; how that went."""
        self.process.stdin.close()
        text = self.process.stdout.read()
        assert self.process.wait() == 0, "the clients ended with an error"
        return json.loads(text)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def make_events(town, chance, capacities):
    """An event of each capacity, bookable at the first replica; their ids, which `chance` decides."""
    events = [f"{chance.getrandbits(96):024x}" for _ in capacities]
    for event, capacity in zip(events, capacities):
        town.create_event(capacity, event)
        town.await_bookable(town.replicas[0], event)
    return events
