"""What operators see and do: metrics, probes, pages of other origins, replicas that come and go."""
import contextlib
import functools
import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import time

from harness import PATIENCE_S, Background, eventually, run
from harness.client import Client
from harness.metrics import parse
from harness.servers import ROOT
from harness.steps import book, ledger_of, make_bookable, new_key, wait_subscribed
from harness.wait import asked

NAME = re.compile(r"(myevents|process)(_[a-z0-9]+)+")


def families(text):
    """Kind and help of each metric by name; every sample belongs to the family above it."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, help_text = line.split(" ", 3)[2:]
            assert name not in found, f"{name} is there twice"
            found[name] = [None, help_text]
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name and found[name][0] is None, line
            found[name][0] = line.split()[3]
        else:
            sample = re.match(r"\w+", line)[0]
            suffix = "(_bucket|_sum|_count)" if found[name][0] == "histogram" else ""
            assert re.fullmatch(name + suffix, sample), f"{sample} stands under {name}"
    return found


def complaints(text):
    """What the linter of Prometheus says, a line for each, and which names are outside our name space."""
    linter = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert linter.returncode in (0, 3), linter.stderr
    lines = linter.stderr.splitlines()
    assert bool(lines) == (linter.returncode == 3), (linter.returncode, lines)
    return lines + [f"{name} is not of our name space" for name in families(text) if not NAME.fullmatch(name)]


def described():
    """The names in the table of docs/operations.md."""
    with open(os.path.join(ROOT, "docs", "operations.md")) as file:
        rows = [line.split("|")[1] for line in file if line.startswith(("| `myevents_", "| `process_"))]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def check_histograms(text):
    """Buckets rise, and the last one is the count."""
    buckets, counts = {}, {}
    for name, labels, value in parse(text):
        bound = labels.pop("le", None)
        key = re.sub("_(bucket|count)$", "", name), tuple(sorted(labels.items()))
        if bound:
            buckets.setdefault(key, []).append((float(bound), value))
        elif name.endswith("_count"):
            counts[key] = value
    assert buckets and buckets.keys() == counts.keys()
    for key, rows in buckets.items():
        assert rows == sorted(rows) and [value for _, value in rows] == sorted(value for _, value in rows), (key, rows)
        assert rows[-1] == (float("inf"), counts[key]), (key, rows, counts[key])


def metrics_are_clean(world):
    "P26: metrics keep the rules of Prometheus, and say what happened: by route, by reason, by age"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    for queue in ("event", "booking"):
        wait_subscribed(world, queue)  # what came before is read from the log
    event = make_bookable(events, bookings, 3)
    assert book(bookings, event, 2, new_key()).status == 201
    assert book(bookings, event, 2, new_key()).status == 409
    assert bookings.get("/nowhere").status == 404

    def measured(service, **labels):
        return service.metric("myevents_http_request_duration_seconds_count", **labels)

    create = {"method": "POST", "route": "/events/{id}/bookings"}
    eventually(lambda: measured(bookings, route="none", **{"class": "4xx"}) == 1)
    assert measured(bookings, **create, **{"class": "2xx"}) == measured(bookings, **create, **{"class": "4xx"}) == 1
    assert bookings.metric("myevents_seats_booked_total") == 2
    assert bookings.metric("myevents_bookings_rejected_total", reason="sold-out") == 1
    assert bookings.metric("myevents_ledger_batch_bookings_count") == 1
    assert bookings.metric("myevents_ledger_lost_races_total") == 0
    for service in (events, bookings):
        eventually(lambda: 0 <= service.metric("myevents_messages_heard_age_seconds") < 60)
        eventually(lambda: service.metric("myevents_outbox_oldest_seconds") == 0)
        text = service.health("/metrics").body.decode()
        assert not complaints(text), complaints(text)
        check_histograms(text)


def names_of_myevents(world):
    "P26: the names that MyEvents gave its metrics are there when asked for, beside the others; the manual has every name"
    events, bookings = world.start_eventservice(), world.start_bookingservice({"metrics_myevents_names": "true"})
    event = make_bookable(events, bookings, 3)
    assert book(bookings, event).status == 201
    assert bookings.metric("myevents_bookings_count") == bookings.metric("myevents_bookings_total") == 1
    assert bookings.metric("myevents_seats_per_booking_count") == 1
    # Which is why they are not there unless asked for.
    assert {line.split()[0] for line in complaints(bookings.health("/metrics").body.decode())} == \
        {"myevents_bookings_count"}
    shown = {name for service in (events, bookings) for name in families(service.health("/metrics").body.decode())}
    assert shown == described(), shown ^ described()


def probes(world):
    "P26: whether it lives, whether it is ready and why not, what it is; on the port of their own only"
    for service in (world.start_eventservice(), world.start_bookingservice()):
        assert service.health("/livez").body == b"alive\n"
        for path in ("/readyz", "/healthz"):
            ready = service.health(path)
            assert ready.status == 200 and ready.json()["ready"] and ready.json()["serving"], ready
            assert {check["name"]: check["needed"] for check in ready.json()["checks"]} == \
                {"database": True, "broker": False}, ready
        eventually(lambda: service.health("/readyz?verbose").body ==
                   b"[+] serving\n[+] database well\n[+] broker well\nready\n")
        info = service.health("/info").json()
        assert info["name"] in service.name and info["version"] and info["build"], info
        for path in ("/livez", "/readyz", "/healthz", "/metrics", "/info"):
            assert service.get(path).status == 404, path


PAGE = "http://localhost:3000"
SENT = {"content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"}
SHOWN = {"etag", "link", "location", "retry-after", "x-request-id", "idempotency-replayed"}


def names(text):
    return {name.strip().lower() for name in text.split(",")}


def preflight(service, path, method, origin=PAGE):
    return service.request("OPTIONS", path, None, {
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type,idempotency-key"})


def check_preflight(service, path, *methods):
    answer = preflight(service, path, methods[0])
    assert answer.status == 204 and answer.body == b"", answer
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE, dict(answer.headers)
    allowed = names(answer.headers["Access-Control-Allow-Methods"])
    assert allowed == names(answer.headers["Allow"]), dict(answer.headers)
    assert {method.lower() for method in methods} <= allowed, (path, allowed)
    assert SENT <= names(answer.headers["Access-Control-Allow-Headers"]), dict(answer.headers)
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def check_shown(answer, *statuses, origin=PAGE):
    """A page of that origin may read the answer, and the headers that it needs."""
    assert answer.status in statuses, answer
    assert answer.headers["Access-Control-Allow-Origin"] == origin, (answer, dict(answer.headers))
    assert "origin" in names(answer.headers["Vary"])
    assert SHOWN <= names(answer.headers["Access-Control-Expose-Headers"]), dict(answer.headers)


def check_hidden(answer):
    assert not any(name.lower().startswith("access-control-") for name in answer.headers), dict(answer.headers)
    assert "origin" in names(answer.headers["Vary"]), "a cache would show it to others"


def pages_of_other_origins(world):
    "P30: a page of another origin may ask and read both services: preflights, answers, errors, 304"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 2)
    some = "0" * 24
    for path, *methods in (("/events", "GET", "POST"), (f"/events/{event}", "GET", "PUT", "PATCH", "DELETE"),
                           ("/locations", "GET", "POST"), (f"/locations/{some}", "GET", "PUT", "DELETE")):
        check_preflight(events, path, *methods)
    for path, *methods in (("/events", "GET"), (f"/events/{event}/bookings", "POST", "GET"),
                           (f"/events/{event}/availability", "GET"), (f"/bookings/{some}", "DELETE", "GET"),
                           ("/users", "POST", "GET"), (f"/users/{some}/bookings", "GET")):
        check_preflight(bookings, path, *methods)

    page = {"Origin": PAGE}
    path = f"/events/{event}"
    for service in (events, bookings):
        found = service.get(path, page)
        check_shown(found, 200)
        check_shown(service.get(path, {**page, "If-None-Match": found.headers["ETag"]}), 304)
        check_shown(service.get(f"/events/{some}", page), 404)
        check_shown(service.get("/nowhere", page), 404)
        check_shown(service.request("DELETE", "/events", None, page), 405)
        check_hidden(service.get(path))
        check_hidden(service.get(path, {"Origin": "https://elsewhere.example"}))
        check_hidden(preflight(service, path, "GET", "https://localhost.elsewhere.example"))
    check_shown(events.post("/events", {"Name": "Jazz"}, page), 201)
    check_shown(events.post("/events", {"Name": 1}, page), 400)
    check_shown(bookings.post(f"{path}/bookings", {"seats": 2}, page), 201)
    check_shown(bookings.post(f"{path}/bookings", {"seats": 2}, page), 409)
    check_shown(bookings.post(f"{path}/bookings", {"seats": 0}, page), 400)


def an_allow_list(world):
    "P30: with a list in the configuration only its origins are let in"
    shop, office = "https://shop.example", "http://office.example:8080"
    options = {"cors_origins": f"{shop} {office}"}
    for service in (world.start_eventservice(options), world.start_bookingservice(options)):
        for origin in (shop, office):
            check_shown(service.get("/events", {"Origin": origin}), 200, origin=origin)
            assert preflight(service, "/events", "GET", origin).headers["Access-Control-Allow-Origin"] == origin
        for origin in (PAGE, "http://shop.example", "https://shop.example:444", "https://shop.example.evil.example",
                       "null"):
            check_hidden(service.get("/events", {"Origin": origin}))
            check_hidden(preflight(service, "/events", "GET", origin))


def send_signal(service):
    service.expected_end = True
    service.process.send_signal(signal.SIGTERM)


def readiness_first(world):
    "P24: told to stop, it is not ready at once, serves on, asks its clients to leave, and ends with 0"
    services = world.start_eventservice({"drain_ms": 10000}), world.start_bookingservice({"drain_ms": 10000})
    for service in services:
        send_signal(service)
        eventually(lambda: service.health("/readyz").status == 503, timeout=8)
        assert not service.health("/readyz").json()["serving"]
        assert service.health("/livez").status == 200
        answer = service.get("/events")
        assert answer.status == 200 and answer.headers["Connection"] == "close", dict(answer.headers)
        assert service.is_alive(), "all of this was while it served"
    for service in services:
        assert service.process.wait(60) == 0


def book_while_it_stops(bookings, event):
    """The answer to a booking whose body ends after the signal, and how many seconds it took to send."""
    body = json.dumps({"seats": 1}).encode()
    with socket.create_connection((bookings.host, bookings.port), timeout=PATIENCE_S) as connection:
        began = time.monotonic()
        connection.sendall(b"POST /events/%s/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n%s" % (event.encode(), len(body), body[:4]))
        eventually(lambda: bookings.metric("myevents_http_in_flight") == 1)
        stops_before = bookings.log_text().count("stopping")
        send_signal(bookings)
        eventually(lambda: bookings.log_text().count("stopping") > stops_before)
        connection.sendall(body[4:])
        took_s = time.monotonic() - began
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        answer.read()
    assert bookings.process.wait(PATIENCE_S) == 0
    return answer, took_s


def what_is_in_hand_is_finished(world):
    "P24: a request that has begun is answered, though the signal comes and nothing is waited for"
    events, bookings = world.start_eventservice(), world.start_bookingservice({"drain_ms": 0})
    event = make_bookable(events, bookings, 5)
    answer, took_s = book_while_it_stops(bookings, event)
    for _ in range(5):
        if answer.status == 201 or took_s < 1:
            break
        # A booking has a second and a half from its first line on: a slow machine may send the last too late.
        bookings.start()
        answer, took_s = book_while_it_stops(bookings, event)
    assert answer.status == 201 and answer.headers["Connection"] == "close", (answer.status, took_s)


class Balancer(Background):
    """Knows which replicas are ready, as a proxy does that asks each of them ten times a second."""

    def __init__(self, replicas):
        super().__init__(self._follow)
        self.replicas = replicas
        self.ready = list(replicas)

    def _follow(self):
        self.stopping.wait(0.1)
        # One is always up: where none seems to be, a question to the database took too long.
        self.ready = [replica for replica in self.replicas if self._is_ready(replica)] or self.ready

    @staticmethod
    def _is_ready(replica):
        try:
            return replica.is_ready()
        except (OSError, http.client.HTTPException):
            return False


class Load(Background):
    """Clients that go where the balancer sends them, in turn, over connections they keep until they are asked to
    leave or the replica is not ready. Whatever is not answered well has failed."""

    def __init__(self, balancer, ask, n_clients=4):
        super().__init__(*(functools.partial(self._ask_next, {}, itertools.count(i)) for i in range(n_clients)))
        self.balancer = balancer
        self.ask = ask
        self.answered, self.failed, self.stalls = [], [], []

    def _ask_next(self, kept, turns):
        turn = next(turns)
        ready = self.balancer.ready
        for replica in [replica for replica in kept if replica not in ready]:
            kept.pop(replica).close()
        replica = ready[turn % len(ready)]
        client = kept.setdefault(replica, Client(replica.host, replica.port))
        try:
            answer = asked(functools.partial(self.ask, client, turn, {"Idempotency-Key": new_key()}), self.stalls)
            (self.answered if answer.status in (200, 201) else self.failed).append((replica.name, answer))
        except (OSError, http.client.HTTPException) as error:
            self.failed.append((replica.name, error))


def replicas_in_turn(world):
    "P24: two replicas of each service are stopped and started in turn under load, and no request fails"
    patient = {"drain_ms": 5000}  # longer than a client on a slow machine takes to hear of it
    events = [world.start_eventservice(patient), world.start_eventservice(patient)]
    bookings = [world.start_bookingservice(patient), world.start_bookingservice(patient)]
    event = make_bookable(events[0], bookings[0])

    def use_events(client, turn, key):
        return client.get(f"/events/{event}") if turn % 8 else client.post("/events", {"Name": f"n{turn}"}, key)

    def use_bookings(client, turn, key):
        if turn % 2:
            return client.get(f"/events/{event}/availability")
        return client.post(f"/events/{event}/bookings", {"seats": 1}, key)

    balancers = [Balancer(events), Balancer(bookings)]
    loads = [Load(balancer, use) for balancer, use in zip(balancers, (use_events, use_bookings))]

    def more():
        """both loads go on"""
        return all(len(load.answered) > n + 100 for load, n in zip(loads, before))

    with contextlib.ExitStack() as stack:
        for part in (*balancers, *loads):
            stack.enter_context(part)
        for replica in (bookings[0], events[0], bookings[1], events[1]):
            before = [len(load.answered) for load in loads]
            eventually(more)
            assert replica.stop() == 0
            before = [len(load.answered) for load in loads]
            eventually(more)
            replica.start()
            eventually(lambda: any(replica in balancer.ready for balancer in balancers))
    for load in loads:
        assert not load.failed, (len(load.failed), load.failed[:5])
        assert len(load.stalls) <= 3, load.stalls
    made = sum(answer.status == 201 for _, answer in loads[1].answered)
    assert made == sum(len(entry.get("b", [])) for entry in ledger_of(world, event))
    print(f"       {sum(len(load.answered) for load in loads)} requests, 4 stops, none failed")


if __name__ == "__main__":
    run(metrics_are_clean, names_of_myevents, probes, pages_of_other_origins, an_allow_list, readiness_first,
        what_is_in_hand_is_finished, replicas_in_turn)
