"""
What clients saw of a booking system, written as the JSON lines that `myevents check` judges (docs/checker.md).

    with History(path) as history:
        client = RecordingClient(history, "client-1")
        client.book(service, event, 2, key)
        history.read_databases(world)
    checked = history.check()
"""
import http.client
import json
import os
import shutil
import subprocess
import threading
import time

from harness.world import BUILD

PROGRAM = os.path.join(BUILD, "tools", "myevents")
# The server may have acted on these, or another try may succeed: they refuse nothing.
UNKNOWN = (408, 429)
# Between two tries of a patient client.
RETRY_PAUSE_S = 0.05


def outcome_of(status):
    """ok, fail (certainly nothing happened) or info (nobody knows)."""
    if 200 <= status < 300:
        return "ok"
    return "fail" if 400 <= status < 500 and status not in UNKNOWN else "info"


class History:
    """A file of lines, which begins with those of `others`. Any thread."""

    def __init__(self, path, others=()):
        self.path = path
        self.file = open(path, "w")
        for other in others:
            with open(other) as file:
                shutil.copyfileobj(file, self.file)
        self.lock = threading.Lock()
        self.counts = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, op, **members):
        members = {name: value for name, value in members.items() if value is not None}
        line = json.dumps({"op": op, **members}, separators=(",", ":"))
        with self.lock:
            self.counts[op] = self.counts.get(op, 0) + 1
            self.file.write(line + "\n")

    # Final readings

    def final(self, reading):
        """What was written of this reading is all there is."""
        self.write("final", read=reading)

    def read_bookings(self, service, events):
        """The list of bookings as the system itself shows it, for those that have no ledger to look into."""
        for event in events:
            for row in service.get(f"/events/{event}/bookings").json():
                self.write("booking", event=event, id=row["ID"], user=row["UserID"], seats=row["Seats"],
                           cancelled=row["Status"] == "cancelled")
        self.final("bookings")

    def _entry(self, entry):
        self.write("entry", event=str(entry["_id"]["e"]), entry=entry["_id"]["s"], version=entry["ev"],
                   capacity=entry["cap"], sold=entry["sold"], token=str(entry["w"]), published=entry["pub"],
                   booked=[{"id": str(row["id"]), "user": str(row["u"]) if "u" in row else None, "seats": row["n"]}
                           for row in entry.get("b", [])],
                   cancelled=[{"id": str(row["id"]), "seats": row["n"]} for row in entry.get("x", [])])

    def read_databases(self, world):
        """Both databases behind their services' backs: all ledgers, the catalogue and its copy."""
        for entry in world.bookings_db.find("ledger"):
            self._entry(entry)
        self.final("ledger")
        for database, store, prefix in ((world.events_db, "catalogue", ""), (world.bookings_db, "copy", "copied_")):
            for kind in ("event", "location"):
                for row in database.find(f"{prefix}{kind}s"):
                    self.write("document", store=store, kind=kind, id=str(row["_id"]), version=row["version"],
                               waiting=len(row.get("outbox", [])))
        self.final("documents")

    def read_queues(self, world, names=("booking", "event", "booking.dead", "event.dead")):
        """How full the queues are, which ought to be empty."""
        with world.amqp() as amqp:
            for name in names:
                self.write("level", name=name, **{"is": amqp.count(name)})
        self.final("levels")

    def write_messages(self, messages):
        for message in messages:
            self.write("message", id=message.id, name=message.name, body=message.body.decode())
        self.final("messages")

    # The judgement

    def check(self, *options):
        """`myevents check`: its exit status, findings and summary."""
        with self.lock:
            self.file.flush()
        done = subprocess.run([PROGRAM, "check", "--json", *options, self.path], capture_output=True, text=True,
                              check=False)
        assert done.returncode in (0, 1), done.stderr
        *findings, summary = map(json.loads, done.stdout.splitlines())
        return Checked(done.returncode, findings, summary)


class Checked:
    """`status` as the program ended; `findings`, each with invariant, what and lines; `summary`."""

    def __init__(self, status, findings, summary):
        self.status = status
        self.findings = findings
        self.summary = summary

    def broken(self):
        return {name for name, n in self.summary["invariants"].items() if n}

    def __repr__(self):
        return "\n".join(f"{row['invariant']}: {row['what']} (lines {row['lines']})" for row in self.findings)


class RecordingClient:
    """One client, which does one thing at a time and writes down what it saw. None as an answer: nobody knows."""

    def __init__(self, history, name):
        self.history = history
        self.name = name

    def _call(self, op, service, method, path, body, headers, members):
        began = time.monotonic_ns()
        try:
            answer = service.request(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            answer = None
        ended = time.monotonic_ns()
        outcome = outcome_of(answer.status) if answer else "info"
        shown = {name: value for name, value in self._shown(op, outcome, answer).items() if value is not None}
        self.history.write(op, process=self.name, start=began, end=ended, outcome=outcome,
                           status=answer.status if answer else None, **{**members, **shown})
        return answer

    def _shown(self, op, outcome, answer):
        """The members that come from the answer."""
        if answer is None or not answer.body:
            return {}
        body = answer.json()
        if outcome == "ok":
            if op == "book":
                return {"booking": body["ID"]}
            if op == "read":
                return {"left": body["SeatsLeft"], "entry": body.get("Entry")}
            return {"version": body.get("Version")} if op in ("create", "change") else {}
        reason = body.get("type", "").rpartition("/")[2]
        return {"reason": reason, "left": body.get("seatsLeft"), "booking": body.get("bookingId")}

    def create(self, service, capacity, event, key=None):
        """An event of this id. The client chooses it, so that an unknown outcome has a name."""
        headers = {"Idempotency-Key": key} if key else None
        body = {"ID": event, "Name": "Opera", "Capacity": capacity}
        return self._call("create", service, "POST", "/events", body, headers,
                          {"event": event, "capacity": capacity, "key": key})

    def change(self, service, event, capacity):
        return self._call("change", service, "PATCH", f"/events/{event}", {"Capacity": capacity}, None,
                          {"event": event, "capacity": capacity})

    def book(self, service, event, seats=1, key=None, user=None):
        headers = {"Idempotency-Key": key} if key else None
        body = {"seats": seats, "UserID": user} if user else {"seats": seats}
        return self._call("book", service, "POST", f"/events/{event}/bookings", body, headers,
                          {"event": event, "seats": seats, "key": key, "user": user})

    def cancel(self, service, event, booking):
        return self._call("cancel", service, "DELETE", f"/bookings/{booking}", None, None,
                          {"event": event, "booking": booking})

    def read(self, service, event):
        return self._call("read", service, "GET", f"/events/{event}/availability", None, None, {"event": event})

    def until_known(self, call, services, stop=None):
        """Repeat `call(service)` at one replica after the other until the outcome is known, or `stop()` says so."""
        turn = 0
        while True:
            answer = call(services[turn % len(services)])
            turn += 1
            if answer and outcome_of(answer.status) != "info" or stop and stop():
                return answer
            time.sleep(RETRY_PAUSE_S)
