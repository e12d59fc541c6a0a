"""Memory runs out under load. A process lives or says why it ends, no answer is wrong, and all of it is stored."""
import collections
import functools
import http.client
import itertools
import json
import os
import time

from harness import COME_AGAIN, Background, at_once, eventually, run
from harness.history import History, RecordingClient, outcome_of
from harness.steps import (book_until_known, is_taken_over, limited, make_bookable, make_event, new_key, wait_bookable,
                           wait_published)

MIB = 1 << 20
THREADS = 24
# With less than the first the driver cannot watch its servers and does not say so: the database is waited for.
LITTLE_MIB = (12, 24, 40, 56, 72, 88, 96, 104, 112, 120, 136)
# Beside what an idle service has: for a few of the large pages, and not for as many as are asked for at once.
EVENTS_ROOM, BOOKINGS_ROOM = 80 * MIB, 32 * MIB
# A client rests when it was turned away, each time a little longer: on any machine some are served in the end.
REST_SECONDS, LONGEST_REST_SECONDS = 0.02, 1
SEATS = 300
BUYERS = 6
READERS = 8  # of each list
WRITERS = 8
MANY = 60  # bookings, and answers of each kind, that are wanted under load
# A location as large as it can be: 45 kB as it is sent, 240 kB as JSON, and a page of events that are held there 10 MB.
HALLS = [{"name": f"{n:03}" + "\x7f" * 197, "location": "\x7f" * 200, "capacity": n} for n in range(100)]
PLACE = json.dumps({"Name": "Opera", "Halls": HALLS}, ensure_ascii=False)
LAST_WORDS = "ending: no memory for the database's driver"
CUT_OFF = "cut off"
TURNED_AWAY = (*COME_AGAIN, CUT_OFF)


def fewer_threads(world):
    "P24: a service with less memory than its threads want starts with fewer of them, says so, and serves"
    events = limited(world.new_eventservice(), f"--data={150 * MIB}")
    bookings = limited(world.new_bookingservice(), f"--as={280 * MIB}")
    event = make_bookable(events, bookings, 2)
    assert book_until_known(bookings, event, 2).status == 201
    assert book_until_known(bookings, event, 1).status == 409
    for service in (events, bookings):
        assert "fewer threads than configured" in service.log_text(), service.name


def make_place(events):
    return events.post("/locations", PLACE, {"Content-Type": "application/json"})


def too_little(world):
    "P24: whichever thread or allocation cannot be had at the start, a service is ready in the end or says what it lacks"
    services = [(new(), mib * MIB) for mib in LITTLE_MIB for new in (world.new_eventservice, world.new_bookingservice)]

    def is_settled(service):
        """it is ready, or has ended"""
        return not service.is_alive() or service.is_ready()

    def start(i):
        """Its status and what it said: None and its log when it is ready, and then stops in good order."""
        service, size = services[i]
        limited(service, f"--data={size}", wait=False)
        service.expected_end = True
        eventually(lambda: is_settled(service), 120)
        return (None, service.stop()) if service.is_alive() else (size, service.process.returncode)

    ends = at_once(len(services), start)
    print(f"       {ends}")
    for (service, _), (size, status) in zip(services, ends):
        last = service.log_text().splitlines()[-10:]
        assert status == 0 if size is None else status == 1, (service.name, size, status, last)
        assert size is None or any("cannot start" in line or LAST_WORDS in line for line in last), (service.name, size, last)
    assert {size is None for size, _ in ends} == {True, False}, "all of them have enough, or too little"


class Keeper(Background):
    """Starts a service again whenever it has ended, as every supervisor does; it must have said why it ends."""

    def __init__(self, services):
        super().__init__(self._keep)
        self.services = services
        self.ends = collections.Counter()
        self.unexplained = []

    def _keep(self):
        for service in self.services:
            if not service.is_alive():
                self._take_note(service)
                service.expected_end = True
                service.start(wait=False)
        self.stopping.wait(0.02)

    def _take_note(self, service):
        last = service.log_text().splitlines()[-10:]
        self.ends[service.name] += 1
        if service.process.returncode != 1 or not any(LAST_WORDS in line for line in last):
            self.unexplained.append((service.name, service.process.returncode, last))


def rest_times():
    """How long a client that is turned away rests, in seconds: the first time, the second, ..."""
    return (min(LONGEST_REST_SECONDS, n * REST_SECONDS) for n in itertools.count(1))


class Load(Background):
    """
    Clients of large lists and bodies. `outcomes` counts by who asked and what came, `stored` has what was made, `wrong`
    what is neither whole and good nor a problem that says to come again.
    """

    def __init__(self, events, bookings):
        asks = [("lists of events", lambda: events.get("/events")), ("lists of places", lambda: events.get("/locations")),
                ("lists of what is sold", lambda: bookings.get("/events"))] * READERS
        asks += [("new places", lambda: make_place(events))] * WRITERS
        super().__init__(*(functools.partial(self._go_on, *ask, rest_times()) for ask in asks))
        self.outcomes = collections.Counter()
        self.stored = []
        self.wrong = []

    def _go_on(self, name, ask, rests):
        outcome = self._outcome(name, ask)
        self.outcomes[name, outcome] += 1
        if outcome in TURNED_AWAY:
            self.stopping.wait(next(rests))

    def _outcome(self, name, ask):
        try:
            answer = ask()
        except (OSError, http.client.HTTPException):
            return CUT_OFF
        said = answer.json()
        if answer.status == 201:
            self.stored.append(said["ID"])
        elif answer.status in TURNED_AWAY:
            self._expect(said["status"] == answer.status, name, answer)
        else:
            self._expect(answer.status == 200 and isinstance(said, list) and said, name, answer)
        return answer.status

    def _expect(self, is_right, name, answer):
        if not is_right:
            self.wrong.append((name, answer))

    def counted(self, *outcomes):
        return sum(n for (_, outcome), n in list(self.outcomes.items()) if outcome in outcomes)


class Buyers(Background):
    """Each books over and over, every seat with a key and until its outcome is known, and gives some of it back."""

    def __init__(self, history, bookings, event):
        super().__init__(*(functools.partial(self._buy, RecordingClient(history, f"buyer-{i}"), itertools.count())
                           for i in range(BUYERS)))
        self.bookings = bookings
        self.event = event
        self.known = collections.Counter()

    def _buy(self, client, turns):
        answer = self._until_known(client, lambda service, key=new_key(): client.book(service, self.event, 1, key))
        self.known[answer.status] += 1
        if answer.status == 201 and next(turns) % 3 == 0:
            booking = answer.json()["ID"]
            self._until_known(client, lambda service: client.cancel(service, self.event, booking))

    def _until_known(self, client, call):
        deadline = time.monotonic() + 120
        answer = client.until_known(call, [self.bookings], lambda: time.monotonic() > deadline)
        assert answer and outcome_of(answer.status) != "info", f"not answered: {answer}"
        return answer


def leave_little(service, room):
    """Started anew with a limit of `room` bytes above what it takes when nobody asks for anything."""
    size = service.data_bytes() + room
    service.stop()
    return limited(service, f"--data={size}")


def judge(world, history):
    """Everything is told and taken over in the end, and the checker finds nothing."""
    wait_published(world)
    eventually(lambda: is_taken_over(world))
    eventually(lambda: all(world.management.messages(name) == 0 for name in ("booking", "event")))
    history.read_databases(world)
    history.write_messages(world.observed())
    history.read_queues(world)
    checked = history.check()
    assert checked.status == 0, checked
    return checked.summary


def no_answer_is_wrong(world):
    "P12 P13 P24: allocations fail in both services under large lists and bodies: nothing is wrong or lost, and then it serves"
    world.observe()
    events, bookings = (start({"threads": THREADS}) for start in (world.start_eventservice, world.start_bookingservice))
    place = make_place(events)
    large = [make_event(events, 5, LocationID=place.json()["ID"]) for _ in range(40)]
    wait_bookable(bookings, large[-1])
    with History(os.path.join(world.folder, f"{world.id}.history")) as history:
        client, event = RecordingClient(history, "client"), new_key()[:24]
        assert client.create(events, SEATS, event).status == 201
        wait_bookable(bookings, event)
        services = [leave_little(events, EVENTS_ROOM), leave_little(bookings, BOOKINGS_ROOM)]
        with Keeper(services) as keeper:
            with Load(events, bookings) as load, Buyers(history, bookings, event) as buyers:
                def enough():
                    """each service ran out of memory, and answers came in spite of it"""
                    return (all(keeper.ends[service.name] or "no memory for" in service.log_text() for service in services)
                            and load.counted(200, 201) >= MANY and load.counted(*TURNED_AWAY) >= MANY
                            and sum(buyers.known.values()) >= MANY)

                eventually(enough, 120)
            print(f"       {dict(sorted(load.outcomes.items(), key=str))}, bookings {dict(buyers.known)}, ended {dict(keeper.ends)}")
            eventually(lambda: all(service.is_alive() and service.is_ready() for service in services))
        assert not keeper.unexplained and not load.wrong, (keeper.unexplained, load.wrong[:3])
        stored = {str(row["_id"]) for row in world.events_db.find("locations")}
        assert stored >= set(load.stored), "a place that was acknowledged is not stored"
        # A thread of the load may still be in its last request, and the memory in its hands.
        for ask, status in ((lambda: client.change(events, event, SEATS + 1), 200),
                            (lambda: client.book(bookings, event, 1, new_key()), 201),
                            (lambda: events.get("/events"), 200), (lambda: bookings.get("/events"), 200)):
            eventually(lambda: (answer := ask()) and answer.status == status)
        summary = judge(world, history)
        print(f"       {summary['calls']} calls, {summary['entries']} entries, 0 violations")


if __name__ == "__main__":
    run(fewer_threads, too_little, no_answer_is_wrong)
