"""The services describe their HTTP interface, for programs and for people, and answer as described."""
import html.parser
import re
import urllib.parse

import jsonschema
from harness import eventually, known, run
from harness.steps import new_key, wait_bookable

MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
               "json": "application/json"}


class Page(html.parser.HTMLParser):
    """What a page loads, and what it has that a strict policy would not run."""

    def __init__(self, text):
        super().__init__()
        self.files = []
        self.inline = []
        self.tag = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tag = tag
        self.inline += [f"{tag} {name}" for name, _ in attributes if name == "style" or name.startswith("on")]
        self.files += [value for name, value in attributes if name in ("src", "href") and not value.startswith("#")]

    def handle_endtag(self, tag):
        self.tag = None

    def handle_data(self, data):
        if self.tag in ("script", "style") and data.strip():
            self.inline.append(data)


class Described:
    """A service whose every answer is held against its description."""

    def __init__(self, service):
        self.service = service
        self.document = service.get("/openapi.json").json()

    def follow(self, value):
        while "$ref" in value:
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            value = place
        return value

    def example(self, body):
        return self.document["components"]["requestBodies"][body]["content"]["application/json"]["example"]

    def operation(self, method, path):
        """Of the templates that fit, the one with the most fixed text."""
        segments = path.partition("?")[0].split("/")
        fitting = []
        for template, item in self.document["paths"].items():
            parts = template.split("/")
            if len(parts) == len(segments) and all(part in (segment, f"{{{part.strip('{}')}}}")
                                                   for part, segment in zip(parts, segments)):
                fitting.append(([part.startswith("{") for part in parts], item))
        return min(fitting, key=lambda row: row[0])[1][method.lower()]

    def check(self, schema, value, what):
        schema = {"components": self.document["components"], **schema}
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        faults = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not faults, (what, faults)

    def request(self, method, path, body=None, headers=None, status=200):
        answer = known(lambda: self.service.request(method, path, body, headers))
        what = f"{method} {path}: {answer}"
        assert answer.status == status, what
        responses = self.operation(method, path)["responses"]
        assert str(status) in responses, f"{what} is not described"
        response = self.follow(responses[str(status)])
        for name, row in response.get("headers", {}).items():
            if name in answer.headers:
                schema = self.follow(row)["schema"]
                value = answer.headers[name]
                self.check(schema, int(value) if schema.get("type") == "integer" else value, f"{what}, {name}")
        assert "X-Request-Id" in answer.headers and "X-Request-Id" in response["headers"], what
        content = response.get("content", {})
        if content:
            media_type = answer.headers["Content-Type"]
            self.check(content[media_type]["schema"], answer.json(), what)
        else:
            assert not answer.body, what
        return answer


def start_all(world):
    return [world.start_eventservice(), world.start_bookingservice(), world.start_searchservice()]


def an_index_whose_links_resolve(world):
    "P48: / links the collections, the description and its page, and each link leads somewhere"
    for service in start_all(world):
        answer = service.get("/")
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer.headers
        index = answer.json()
        assert index.pop("name") == service.name.rpartition("-")[0]
        assert {"openapi", "docs"} < set(index), index
        for name, path in index.items():
            found = service.get(path)
            assert found.status == 200, (path, found)
            expected = "text/html; charset=utf-8" if name == "docs" else "application/json"
            assert found.headers["Content-Type"] == expected, (path, found.headers)


def a_description_for_programs(world):
    "P48: /openapi.json is OpenAPI 3.1 that stands alone, and is not sent again to who has it"
    for service in start_all(world):
        answer = service.get("/openapi.json")
        document = answer.json()
        assert document["openapi"].startswith("3.1.") and document["paths"], document.keys()
        assert set(re.findall(rb'"\$ref":"(.)', answer.body)) == {b"#"}, "it refers to other files"

        tag = answer.headers["ETag"]
        again = service.get("/openapi.json", {"If-None-Match": tag})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), again
        assert service.get("/openapi.json", {"If-None-Match": '"other"'}).status == 200
        head = service.request("HEAD", "/openapi.json")
        assert head.headers["Content-Length"] == str(len(answer.body)) and not head.body, head.headers
        refused = service.post("/openapi.json", {})
        assert refused.status == 405 and refused.headers["Allow"] == "GET, HEAD, OPTIONS", refused


def a_page_for_people(world):
    "P48: /docs is a page whose files are all there and that a strict policy can show"
    for service in start_all(world):
        answer = service.get("/docs")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        page = Page(answer.body.decode())
        assert not page.inline, page.inline
        assert "openapi.json" in page.files, page.files
        for name in page.files:
            path = urllib.parse.urljoin("/docs", name)
            found = service.get(path)
            assert found.status == 200 and found.body, (path, found.status)
            assert found.headers["Content-Type"] == MEDIA_TYPES[name.rpartition(".")[2]], (path, found.headers)
            assert service.get(path, {"If-None-Match": found.headers["ETag"]}).status == 304, path
        for path in ("/docs/", "/docs/other.js", "/docs/..%2fopenapi.json", "/docs/%00", "/docs/" + "a" * 500):
            assert service.get(path).status == 404, path


def organisers_story(events):
    """The examples of the description, as somebody may type them; returns the event."""
    location = events.request("POST", "/locations", events.example("LocationWhole"), status=201).json()
    events.request("PATCH", f"/locations/{location['ID']}", events.example("LocationPart"))
    key = {"Idempotency-Key": new_key()}
    made = events.request("POST", "/events", events.example("EventWhole"), key, status=201)
    again = events.request("POST", "/events", events.example("EventWhole"), key, status=201)
    assert again.headers["Idempotency-Replayed"] == "true" and again.headers["Location"] == made.headers["Location"]
    event = made.headers["Location"]
    tag = events.request("GET", event).headers["ETag"]
    events.request("GET", event, headers={"If-None-Match": tag}, status=304)
    events.request("PATCH", event, events.example("EventPart"), {"If-Match": tag})
    events.request("PATCH", event, events.example("EventPart"), {"If-Match": tag}, status=412)
    events.request("PUT", "/events/id/" + "5" * 24, {"Name": "Open stage"}, status=201)
    events.request("DELETE", "/events/" + "5" * 24, status=204)
    events.request("DELETE", "/events/" + "5" * 24, status=404)
    events.request("PUT", "/events/" + "5" * 24, {"Name": "Open stage"}, status=410)
    events.request("POST", "/events", events.example("EventWhole"), status=409)
    events.request("POST", "/events", {"Name": ""}, status=400)
    events.request("POST", "/events", b"<event/>", {"Content-Type": "application/xml"}, status=415)
    events.request("POST", "/events", b" " * 17000, status=413)
    events.request("DELETE", f"/locations/{location['ID']}", status=409)
    for path in ("/events?limit=1&from=1970-01-01T00:00:00Z", "/locations?limit=1", "/events/name/An%20evening%20of%20trios",
                 "/locations/name/Opera%20House", f"/locations/{location['ID']}"):
        events.request("GET", path)
    return event


def bookers_story(bookings, event):
    user = bookings.request("POST", "/users", bookings.example("UserWhole"), status=201).json()["ID"]
    order = {**bookings.example("BookingOrder"), "UserID": user}
    key = {"Idempotency-Key": new_key()}
    made = bookings.request("POST", f"{event}/bookings", order, key, status=201)
    assert bookings.request("POST", f"{event}/bookings", order, key, status=201).json() == made.json()
    bookings.request("POST", f"{event}/bookings", {"seats": 1}, status=201)
    bookings.request("POST", f"{event}/bookings", {**order, "seats": 1}, key, status=422)
    bookings.request("POST", f"{event}/bookings", {"seats": 0}, status=400)
    booking = made.headers["Location"]
    for path in (event, f"{event}/availability", f"{event}/bookings?limit=1", f"{event}/bookings/{made.json()['Code']}",
                 booking, "/events?limit=1", "/users?limit=1", f"/users/{user}", f"/users/{user}/bookings?limit=1"):
        bookings.request("GET", path)
    bookings.request("GET", event, headers={"If-None-Match": "*"}, status=304)
    assert bookings.request("DELETE", booking).json()["Status"] == "cancelled"
    bookings.request("DELETE", "/bookings/" + "f" * 24, status=404)


def sold_out_and_gone(events, bookings):
    event = events.request("POST", "/events", {"Name": "Reading", "Capacity": 1}, status=201).headers["Location"]
    wait_bookable(bookings.service, event.rpartition("/")[2])
    bookings.request("POST", f"{event}/bookings", {"seats": 2}, status=409)
    events.request("DELETE", event, status=204)

    def removed():
        """the booking service's ledger knows that the event is gone, which hears of it last"""
        return bookings.service.get(f"{event}/availability").status == 410

    eventually(removed)
    for method, path, body in (("GET", event, None), ("GET", f"{event}/availability", None),
                               ("POST", f"{event}/bookings", {"seats": 1})):
        bookings.request(method, path, body, status=410)


def answers_are_as_described(world):
    "P48: status, headers and body of each answer of a booking story fit the description; its examples work"
    events, bookings = Described(world.start_eventservice()), Described(world.start_bookingservice())
    event = organisers_story(events)
    wait_bookable(bookings.service, event.rpartition("/")[2])
    bookers_story(bookings, event)
    sold_out_and_gone(events, bookings)


if __name__ == "__main__":
    run(an_index_whose_links_resolve, a_description_for_programs, a_page_for_people, answers_are_as_described)
