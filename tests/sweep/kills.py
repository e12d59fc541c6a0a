"""
F2: a service dies right before its n-th call that a peer could notice, for every n until the operation is over. After
each death it is started again, and the client settles what it began by repeating the same request with its key.
"""
import time

from harness import eventually
from harness.steps import new_key
from mongo_command import ObjectId

# An operation has some dozens of calls. Whoever needs more is waiting in a loop.
POINTS_MAX = 1500


class Operation:
    """`prepare` returns what the others are given; `act` is the operation; `is_over` says when it is, while the
    service is alive; `settle` finds out what became of it and ends it."""

    service = "bookings"
    first = 1

    def __init__(self, stage):
        self.stage = stage
        self.victim = getattr(stage, self.service)
        self.countdown = stage.countdowns[self.service]

    def prepare(self):
        return new_key()

    def is_over(self, case):
        return True


class Book(Operation):
    "a booking"

    def act(self, key):
        self.stage.client.book(self.stage.bookings, self.stage.event, 1, key)

    def settle(self, key):
        stage = self.stage
        answer = stage.client.until_known(lambda service: stage.client.book(service, stage.event, 1, key), [stage.bookings])
        assert answer.status == 201, answer


class Relay(Book):
    "a booking until its message is published and marked"
    answered = None

    def act(self, key):
        self.answered = self.stage.client.book(self.stage.bookings, self.stage.event, 1, key)

    def is_over(self, key):
        if self.answered is None:
            return False  # it is about to die
        booking = ObjectId(self.answered.json()["ID"])
        return self.stage.world.bookings_db.find("ledger", {"b.id": booking, "pub": True}, limit=1)


class Cancel(Operation):
    "a cancellation"

    def prepare(self):
        stage = self.stage
        answer = stage.client.until_known(lambda service: stage.client.book(service, stage.event, 1), [stage.bookings])
        return answer.json()["ID"]

    def act(self, booking):
        self.stage.client.cancel(self.stage.bookings, self.stage.event, booking)

    def settle(self, booking):
        stage = self.stage
        answer = stage.client.until_known(lambda service: stage.client.cancel(service, stage.event, booking),
                                          [stage.bookings])
        assert answer.status == 200, answer


class Create(Operation):
    "a new event until its message is published and marked"
    service = "events"

    def act(self, key):
        self.stage.client.create(self.stage.events, 10, key[:24], key)

    def is_over(self, key):
        return self.stage.world.events_db.find("events", {"_id": ObjectId(key[:24]), "outbox": []}, limit=1)

    def settle(self, key):
        stage = self.stage
        answer = stage.client.until_known(lambda service: stage.client.create(service, 10, key[:24], key), [stage.events])
        assert answer.status == 201, answer


class Consume(Operation):
    "a message about a changed event, until it is acknowledged"

    def prepare(self):
        return {"version": None}

    def act(self, case):
        stage = self.stage
        case["version"] = stage.change_event(10**6 - int(time.monotonic() * 1000) % 10**5)

    def is_over(self, case):
        """By the database: each question to the service would be calls to be killed before as well."""
        return self.stage.is_in_ledger(case["version"])

    def settle(self, case):
        eventually(lambda: self.stage.is_in_ledger(case["version"]))


class Drain(Operation):
    "a stop in order, with a booking just made"

    def prepare(self):
        stage = self.stage
        answer = stage.client.until_known(lambda service: stage.client.book(service, stage.event, 1), [stage.bookings])
        assert answer.status == 201, answer

    def act(self, case):
        self.victim.process.terminate()
        self.victim.process.wait(30)

    def is_over(self, case):
        return True

    def settle(self, case):
        pass


OPERATIONS = (Book, Relay, Cancel, Create, Consume, Drain)


def kill_at(operation, n):
    """One point; false when the operation was over before the n-th call."""
    victim = operation.victim
    case = operation.prepare()
    victim.expected_end = True
    operation.countdown.arm(n)
    operation.act(case)

    def over():
        """the operation is over, or the service is about to die"""
        return operation.countdown.counted() >= n or operation.is_over(case)

    eventually(over, 30, pause=0.005)
    operation.countdown.disarm()
    if operation.countdown.counted() < n and victim.is_alive():
        victim.expected_end = False
        operation.settle(case)
        return False
    status = victim.process.wait(30)
    assert status in (-9, 0), f"{victim.name} ended with {status}"
    victim.start()
    operation.settle(case)
    return status == -9


def sweep(stage, kind):
    """Every n; how many points were tried, and how many there were."""
    operation = kind(stage)
    n = 0
    while kill_at(operation, n + 1):
        n += 1
        assert n < POINTS_MAX, f"{kind.__name__} does not end"
    return n, n
