"""
Every route of both services with everything bad that a client may send to it: a 4xx problem that names the
member, the parameter or the header; nothing stored, nothing said, and the process lives.

The rows are the product of two tables: what a request is made of (the members, parameters, headers and ids below)
and what can be wrong with such a thing (harness/malformed.py, and the values beside each test).
"""
import json
import re
import urllib.parse

from harness import eventually, run, send_raw
from harness.client import PatientClient
from harness.malformed import (UNKNOWN, Rule, bad_members, boolean, good_body, group, holder, identity, in_capitals,
                               integer, listing, moment, no_bodies, text)
from harness.steps import make_bookable, make_location, new_key, wait_published

HALL = {"name": text(required=True), "location": text(), "capacity": integer(0, 1000000, required=True)}
PLACE = {"Name": text(required=True), "Address": text(), "Country": text(), "OpenTime": integer(0, 24),
         "CloseTime": integer(0, 24), "Halls": listing(group(HALL, required=True))}
LOCATION = {"ID": identity(), **PLACE}
# `Location.ID` has no rule: what is no id there means a location that is brought along.
EVENT = {"ID": identity(), "Name": text(required=True), "Duration": integer(0, 10000000), "StartDate": moment(),
         "EndDate": moment(), "Hall": Rule("", text().bad), "Closed": boolean(), "Capacity": integer(0, 1000000),
         "LocationID": identity(), "Location": group(PLACE)}
BOOKING = {"seats": integer(1, 10, required=True), "UserID": holder()}
USER = {"First": text(required=True), "Last": text(), "Age": integer(0, 150)}

# Rules between members, and shapes that lack what their rule requires.
HALLS = [{"name": "Small", "capacity": 1}, {"name": "Small", "capacity": 2}]
LARGE = [{"name": "North", "capacity": 600000}, {"name": "South", "capacity": 600000}]
BETWEEN = {
    "event": [
        ({"StartDate": 20, "EndDate": 10}, "/EndDate"),
        ({"StartDate": "2026-11-21T20:00:00Z", "EndDate": "2026-11-21T20:59:59+01:00"}, "/EndDate"),
        ({"Hall": "Great", "Location": None}, "/Hall"),
        ({"Hall": "Great", "Location": {"Name": "Opera", "Halls": HALLS[:1]}}, "/Hall"),
        ({"LocationID": UNKNOWN, "Location": None}, "/LocationID"),
        ({"Capacity": None, "Location": {"Name": "Opera", "Halls": LARGE}}, "/Capacity"),
        ({"Location": {"Name": "Opera", "Halls": HALLS}}, "/Location/Halls/1/name"),
        *[({"Location": place}, "/Location/Name") for place in ({}, {"$gt": ""}, {"ID": 7}, {"ID": {"$ne": 1}})],
    ],
    "location": [({"Halls": HALLS}, "/Halls/1/name"), ({"Halls": [{"$gt": ""}]}, "/Halls/0/name")],
}

MEMBERS = {"event": EVENT, "location": LOCATION, "booking": BOOKING, "user": USER}
BODY_BYTES_MAX = {"event": 16384, "location": 65536, "booking": 16384, "user": 16384}

# Method, path, and what the body is; what stands in braces is filled in from `arrange()`.
DOCUMENT_ROUTES = [("GET", "/", None), ("GET", "/openapi.json", None), ("GET", "/docs", None), ("GET", "/docs/{file}", None)]
EVENT_ROUTES = DOCUMENT_ROUTES + [
    ("GET", "/events", None), ("POST", "/events", "event"),
    ("GET", "/events/{event}", None), ("PUT", "/events/{event}", "event"), ("PATCH", "/events/{event}", "event"),
    ("POST", "/events/{event}", "event"), ("DELETE", "/events/{event}", None),
    ("GET", "/events/id/{event}", None), ("PUT", "/events/id/{event}", "event"),
    ("PATCH", "/events/id/{event}", "event"), ("POST", "/events/id/{event}", "event"),
    ("DELETE", "/events/id/{event}", None), ("GET", "/events/name/{name}", None),
    ("GET", "/locations", None), ("POST", "/locations", "location"),
    ("GET", "/locations/{location}", None), ("PUT", "/locations/{location}", "location"),
    ("PATCH", "/locations/{location}", "location"), ("POST", "/locations/{location}", "location"),
    ("DELETE", "/locations/{location}", None), ("GET", "/locations/name/{name}", None),
]
BOOKING_ROUTES = DOCUMENT_ROUTES + [
    ("GET", "/events", None), ("GET", "/events/{event}", None),
    ("GET", "/events/{event}/availability", None), ("GET", "/events/{event}/bookings", None),
    ("GET", "/events/{event}/bookings/{code}", None), ("POST", "/events/{event}/bookings", "booking"),
    ("GET", "/bookings/{booking}", None), ("DELETE", "/bookings/{booking}", None),
    ("POST", "/users", "user"), ("GET", "/users", None), ("GET", "/users/{user}", None),
    ("GET", "/users/{user}/bookings", None),
]


def bad_bodies(kind, partial):
    """Everything that is refused with 400 as a body of this kind, each with a pointer (None: no member is at fault)."""
    members = MEMBERS[kind]
    body = json.dumps(good_body(members)).encode()
    yield from no_bodies(body)
    yield from bad_members(members, partial)
    for changes, pointer in BETWEEN.get(kind, []):
        yield json.dumps({**good_body(members), **changes}).encode(), pointer


BAD_MEDIA = [("Content-Type", value) for value in (
    "application/xml", "text/html", "multipart/form-data; boundary=x", "application/jsonx", "json", "application/+json",
    "*/*", "", "application/json; charset=utf-16", "text/plain;charset=iso-8859-1", 'text/plain; charset="latin1"',
)] + [("Content-Encoding", value) for value in ("gzip", "br", "identity, gzip")]


def is_update(method, pattern):
    return pattern.endswith("}") and method != "PUT"


# ---- what a refusal has to be ----

def check_problem(answer, status, place, what):
    """`place` is a pointer to a member, a parameter ("?limit") or a header; None: nothing is named."""
    assert answer.status == status, (what, answer)
    assert answer.headers["Content-Type"] == "application/problem+json", (what, answer.headers)
    body = answer.json()
    assert body["status"] == status and body["type"].startswith("/problems/"), (what, body)
    assert body["title"] and body["detail"] and body["requestId"] == answer.headers["X-Request-Id"], (what, body)
    if place is not None:
        assert place in [row["pointer"] for row in body.get("errors", [])], (what, body)
        assert all(row["detail"] for row in body["errors"]), (what, body)


class Scene:
    """Two of everything, in both services, and a look at all of it."""

    def __init__(self, world):
        world.observe()
        self.world = world
        self.events, self.bookings = world.start_eventservice(), world.start_bookingservice()
        self.clients = {service: PatientClient(service.host, service.port, 30)
                        for service in (self.events, self.bookings)}
        ids = [self._make(number) for number in range(2)]
        self.ids, self.others = ids
        self.said = 10  # two locations and events, four bookings, two cancellations
        eventually(self._is_settled)
        self.before = self.look()

    def _make(self, number):
        location = make_location(self.events, Halls=HALLS[:1])
        event = make_bookable(self.events, self.bookings, 10, LocationID=location, StartDate=number)
        client = self.clients[self.bookings]

        def post(path, body):
            return client.post(path, body, {"Idempotency-Key": new_key()}).json()

        user = post("/users", {"First": "Ada"})["ID"]
        made = [post(f"/events/{event}/bookings", {"seats": 1, "UserID": user}) for _ in range(2)]
        assert client.request("DELETE", f"/bookings/{made[1]['ID']}").status == 200
        return {"event": event, "location": location, "user": user, "booking": made[0]["ID"], "code": made[0]["Code"],
                "name": "nobody", "file": "none"}

    def _is_settled(self):
        """both services have heard everything, and everything is published"""
        wait_published(self.world)
        return [row["entry"] for row in self.world.events_db.find("sales")] == [3, 3]

    def path(self, pattern, **ids):
        return pattern.format(**{**self.ids, **ids})

    def look(self):
        """All documents that are state, and all that GET shows of them."""
        stored = [database.find(name, sort={"_id": 1}) for database in (self.world.events_db, self.world.bookings_db)
                  for name in database.collections() if name != "numbers"]
        named = {"X-Request-Id": "look"}
        shown = [self.clients[service].get(self.path(path), named).body for service, routes in self.routes()
                 for method, path, _ in routes if method == "GET"]
        return stored, shown

    def routes(self):
        return (self.events, EVENT_ROUTES), (self.bookings, BOOKING_ROUTES)

    def with_body(self):
        for service, routes in self.routes():
            for method, path, kind in routes:
                if kind:
                    yield self.clients[service], method, path, kind

    def close(self):
        """Nothing has changed, nothing was said beyond what made the scene."""
        assert self.look() == self.before
        for client in self.clients.values():
            client.close()
        wait_published(self.world)
        names = [message.name for message in self.world.observed()]
        assert len(names) == self.said, names


# ---- tests ----

def every_route(world):
    "P47: the routes that get bad input here are all that the services have"
    def unnamed(path):
        return re.sub(r"{\w+}", "{}", path)

    for service, routes in ((world.start_eventservice(), EVENT_ROUTES), (world.start_bookingservice(), BOOKING_ROUTES)):
        paths = service.get("/openapi.json").json()["paths"]
        described = {(method.upper(), unnamed(path)) for path, operations in paths.items() for method in operations
                     if method in ("get", "put", "post", "patch", "delete")}
        assert {(method, unnamed(path)) for method, path, _ in routes} == described


def every_bad_body(world):
    "P47: each malformed body, bad member and broken rule is a 400 that names the member, at every route that takes one"
    scene = Scene(world)
    for client, method, pattern, kind in scene.with_body():
        path = scene.path(pattern)
        for body, pointer in bad_bodies(kind, is_update(method, pattern)):
            check_problem(client.request(method, path, body), 400, pointer, (method, path, body[:300]))
    scene.close()


def every_bad_body_in_capitals(world):
    "P47: members spelled in another case are refused under the names that are documented"
    scene = Scene(world)
    for client, method, pattern, kind in scene.with_body():
        if method != "POST":
            continue
        path = scene.path(pattern)
        for body, pointer in bad_members(MEMBERS[kind], is_update(method, pattern)):
            try:
                body = in_capitals(body)
            except (ValueError, UnicodeDecodeError):
                continue
            check_problem(client.request(method, path, body), 400, pointer, (method, path, body[:300]))
    scene.close()


def every_bad_kind_of_body(world):
    "P47: a body of another media type, charset or coding is a 415, one beyond the limit a 413"
    scene = Scene(world)
    for client, method, pattern, kind in scene.with_body():
        path, body = scene.path(pattern), json.dumps(good_body(MEMBERS[kind])).encode()
        for header, value in BAD_MEDIA:
            check_problem(client.request(method, path, body, {header: value}), 415, None, (method, path, header, value))
        for size in (BODY_BYTES_MAX[kind] + 1, BODY_BYTES_MAX[kind] * 4):
            check_problem(client.request(method, path, body.ljust(size)), 413, None, (method, path, size))
    scene.close()


NUMBERS = ["", "ten", "1.5", "1e2", "+1", " 1", "0x10", "\u0661", "9" * 40, '{"$gt":""}', "[1]", "null"]
TIMES = ["", "soon", "-1", "01", "1e9", "1.5", "253402300800", "9" * 40, "2026-13-01T00:00:00Z", "2026-01-01",
         '{"$gt":""}', "$where"]
PARAMETERS = {
    "limit": ["0", "-1", "1001", "00", *NUMBERS],
    "cursor": ["", "x", "MTIz", "!!", "A" * 20, "A" * 300, "QQ==", "AAAA", "%FF", '{"$gt":""}', "$ne"],
    "name": ["a" * 801],
    "from": TIMES,
    "to": TIMES,
    "location": ["", "1", "g" * 24, "f" * 23, "f" * 25, '{"$gt":""}', "$where", "null"],
}
# Encoded already; what they are decoded to is no text.
NO_TEXTS = ["%00", "a%00b", "%ff", "%c0%80", "%ed%a0%80", "%", "%4", "%zz"]
FILTERS = ["limit", "cursor", "name", "from", "to", "location"]
LISTS = {"/events": FILTERS, "/locations": FILTERS[:3], "/events/{event}/bookings": FILTERS[:2], "/users": FILTERS[:2],
         "/users/{user}/bookings": FILTERS[:2]}


def lists_of(scene):
    for service, routes in scene.routes():
        for method, pattern, _ in routes:
            if method == "GET" and pattern in LISTS:
                yield scene.clients[service], pattern


def every_bad_parameter(world):
    "P47: a bad value of a list's parameter, or the same parameter twice, is a 400 that names it"
    scene = Scene(world)
    for client, pattern in lists_of(scene):
        for parameter in LISTS[pattern]:
            values = [urllib.parse.quote(value) for value in PARAMETERS[parameter]] + NO_TEXTS
            escaped = f"%{ord(parameter[0]):x}{parameter[1:]}"
            twice = [f"{parameter}=1&{again}=1" for again in (parameter, escaped)]
            for query in [f"{parameter}={value}" for value in values] + twice:
                path = f"{scene.path(pattern)}?{query}"
                check_problem(client.get(path), 400, f"?{parameter}", path)
        plain = client.get(scene.path(pattern)).body
        for query in ("unheard=of", "name[$ne]=x", "Limit=0", "$where=1", "&&=&=1", "limit=1000&x=%00", "?", "unheard"):
            assert client.get(f"{scene.path(pattern)}?{query}").body == plain, (pattern, query)
    scene.close()


def foreign_cursors(world):
    "P47: a cursor goes on in the list that gave it; that of another list, or a changed one, is a 400"
    scene = Scene(world)
    cursors = {}
    for client, pattern in lists_of(scene):
        for ids in (scene.ids, scene.others):
            path = scene.path(pattern, **ids)
            link = client.get(f"{path}?limit=1").headers["Link"]
            cursors[path] = link.split("cursor=")[1].split(">")[0]
    for client, pattern in lists_of(scene):
        path = scene.path(pattern)
        own = cursors[path]
        assert client.get(f"{path}?cursor={own}").status == 200
        changed = [own[:at] + ("A" if own[at] != "A" else "B") + own[at + 1:] for at in range(len(own))]
        foreign = [cursor for place, cursor in cursors.items() if place != path]
        for cursor in [*changed, *foreign, own[:-1], own[1:], own + "A", own + "=", own * 2]:
            check_problem(client.get(f"{path}?cursor={cursor}"), 400, "?cursor", (path, cursor))
    scene.close()


BAD_KEYS = ["", '""', "k" * 256, '"' + "k" * 256 + '"', "two words", "tab\there", "bell\x07", "delete\x7f", "caf\xe9",
            "\xff", '"open', '"a"b', '"back\\slash"', '"a", "b"']
BAD_TAGS = ["", '"999"', 'W/"1"', 'W/"1.1.3"', "1", "'1'", '"1', '"', '"$ne"', '{"$gt": ""}', '"1.', '", "',
            '"' + "1" * 5000 + '"', "\xff"]


def every_bad_header(world):
    "P47: a bad Idempotency-Key is a 400 that names it; an If-Match that is no tag of this version is a 412"
    scene = Scene(world)
    for client, method, pattern, kind in scene.with_body():
        path, body = scene.path(pattern), good_body(MEMBERS[kind])
        if pattern.endswith(("}", "/id/{event}")):
            for tag in BAD_TAGS:
                check_problem(client.request(method, path, body, {"If-Match": tag}), 412, None, (method, path, tag))
            check_problem(client.request(method, path, body, {"If-None-Match": "*"}), 412, None, (method, path))
            continue
        for key in BAD_KEYS:
            answer = client.request(method, path, body, {"Idempotency-Key": key})
            # With a control character it is no head of HTTP, and nothing can be said of its parts.
            check_problem(answer, 400, None if set("\t\x07\x7f") & set(key) else "Idempotency-Key", (method, path, key))
    for service, routes in scene.routes():
        for method, pattern, kind in routes:
            path = scene.path(pattern)
            if method == "DELETE" and "booking" not in pattern:
                for tag in BAD_TAGS:
                    answer = scene.clients[service].request(method, path, None, {"If-Match": tag})
                    check_problem(answer, 412, None, (method, path, tag))
            if method == "GET" and "{name}" not in pattern and "{file}" not in pattern:
                for tag in BAD_TAGS:
                    if tag.startswith("W/"):
                        continue  # for reading a weak tag is as good
                    answer = scene.clients[service].get(path, {"If-None-Match": tag})
                    assert answer.status == 200, (path, tag, answer)
    scene.close()


BAD_IDS = ["short", "f" * 23, "f" * 25, "g" * 24, "0" * 24, "f" * 22 + "%0g", "%D9%A1" * 24, "-1", "1", "x" * 1000,
           "null", "$where", "%24gt", "%7B%22$gt%22:%22%22%7D", "[$ne]", "*", "%20" + "f" * 23, "f" * 24 + "%20",
           "f" * 24 + "%00", "%00", "%0d%0a", "..%2f..", "%2e%2e", "%252e", "%ff", "%c0%80", "%", "%zz"]


def every_bad_id(world):
    "P47: what is no id, and an id that nobody has, is a 404 at every route that names one"
    scene = Scene(world)
    for service, routes in scene.routes():
        for method, pattern, kind in routes:
            names = [name for name in scene.ids if f"{{{name}}}" in pattern]
            body = good_body(MEMBERS[kind]) if kind else None
            for name in names:
                # PUT of an id that nobody has creates it.
                for bad in BAD_IDS + [UNKNOWN] * (method != "PUT"):
                    path = scene.path(pattern, **{name: bad})
                    answer = scene.clients[service].request(method, path, body)
                    check_problem(answer, 404, None, (method, path))
    scene.close()


def every_other_method(world):
    "P47: a method that a path does not have is a 405 that says which it has; other paths are a 404"
    scene = Scene(world)
    for service, routes in scene.routes():
        client = scene.clients[service]
        for pattern in dict.fromkeys(pattern for _, pattern, _ in routes):
            path = scene.path(pattern)
            has = {method for method, other, _ in routes if other == pattern}
            has |= {"OPTIONS", "HEAD"} if "GET" in has else {"OPTIONS"}
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - has:
                answer = client.request(method, path, b"{}")
                check_problem(answer, 405, None, (method, path))
                assert set(answer.headers["Allow"].split(", ")) == has, (method, path, answer.headers["Allow"])
            check_problem(client.get(path.rstrip("/") + "/more/of/it"), 404, None, path)
    scene.close()


def operators_are_text(world):
    "P47: where any text may stand an operator is that text; nothing is found by it and nothing is run"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    for text_ in ('{"$gt": ""}', '{"$ne": null}', "$where", "'; return true; //", "[$ne]", ".*", "a.$[].b"):
        quoted = urllib.parse.quote(text_, safe="")
        for path in (f"/events/name/{quoted}", f"/locations/name/{quoted}"):
            check_problem(events.get(path), 404, None, path)
        body = {"Name": text_, "Address": text_, "Halls": [{"name": text_, "location": text_, "capacity": 3}]}
        location = events.post("/locations", body).json()
        assert {name: location[name] for name in body} == body
        # A Location.ID that is no id means a location that is brought along, and an operator is none.
        made = events.post("/events", {"Name": text_, "Hall": text_, "$where": text_, "$set": {"Name": "x"},
                                       "Location": {**body, "ID": {"$gt": ""}}}).json()
        assert made["Name"] == made["Hall"] == text_ and made["Capacity"] == 3 and made["LocationID"] != location["ID"]
        for service in (events, bookings):
            def found():
                """the event is found by its name, and only it"""
                rows = service.get(f"/events?name={quoted}").json()  # noqa: B023
                return [row["ID"] for row in rows] == [made["ID"]]  # noqa: B023

            eventually(found)
        user = bookings.post("/users", {"First": text_, "Last": text_}, {"Idempotency-Key": f"${len(text_)}"}).json()
        assert (user["First"], user["Last"]) == (text_, text_)


def bad_bytes(world):
    "P47: requests that are no HTTP are answered or cut, and the process lives"
    for service in (world.start_eventservice(), world.start_bookingservice()):
        for data in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"A" * 100000 + b"\r\n\r\n",
                     b"POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                     b"POST /events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"POST /events HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\n"
                     b"Connection: close\r\nContent-Length: 12\r\n\r\n{\"Name\": \"a\"}"):
            answer = send_raw(service.host, service.port, data)
            assert not answer or answer.startswith(b"HTTP/1.1 4"), (data[:40], answer[:100])
        assert service.get("/events").json() == []


if __name__ == "__main__":
    run(every_route, every_bad_body, every_bad_body_in_capitals, every_bad_kind_of_body, every_bad_parameter,
        foreign_cursors, every_bad_header, every_bad_id, every_other_method, operators_are_text, bad_bytes)
