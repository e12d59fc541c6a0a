"""Lists page by page: nothing twice, nothing left out, whoever inserts meanwhile."""
import contextlib
import itertools
import json
import urllib.parse

from harness import Background, next_of, pages, run, walk
from harness.steps import make_bookable, make_event

DAY = 86400


def order(items):
    return [(item["StartDate"], item["ID"]) for item in items]


def empty_lists(world):
    "P40: an empty list is an empty array, never null"
    events = world.start_eventservice()
    for path in ("/events", "/locations", "/events?name=nobody&limit=1"):
        answer = events.get(path)
        assert (answer.status, answer.body) == (200, b"[]") and "Link" not in answer.headers, answer


def a_walk_while_others_insert(world):
    "P40: a walk while others insert, change and remove shows each event that stays exactly once, in order"
    replicas = [world.start_eventservice(), world.start_eventservice()]
    stays = {make_event(replicas[n % 2], 5, StartDate=(n % 7) * DAY) for n in range(120)}
    goes = [make_event(replicas[0], 5, StartDate=3 * DAY) for _ in range(20)]
    turns = itertools.count()

    def disturb():
        n = next(turns)
        make_event(client, 5, StartDate=(n % 7) * DAY)
        client.request("PATCH", f"/events/{min(stays)}", {"Capacity": n})
        if goes:
            client.request("DELETE", f"/events/{goes.pop()}")

    with contextlib.closing(replicas[1].client()) as client, Background(disturb):
        for limit in (1, 7, 1000):
            items = walk(replicas[0].client(), f"/events?limit={limit}")
            assert order(items) == sorted(set(order(items))), "in order, nothing twice"
            assert stays <= {item["ID"] for item in items}


def filters(world):
    "P40: name, from, to and location choose; a page goes on with the filters of the first"
    events = world.start_eventservice()
    location = events.post("/locations", {"Name": "Opera"}).json()["ID"]
    for n in range(12):
        make_event(events, 5, name=f"{'Aida' if n % 2 else 'Tosca & co'}", StartDate=n * DAY,
                   LocationID=location if n < 6 else None)

    def days(query):
        shown = list(pages(events.client(), f"/events?limit=2&{query}"))
        assert all(shown[1:]), "a link to an empty page"
        return [item["StartDate"] // DAY for page in shown for item in page]

    assert days("") == list(range(12))
    assert days("name=Aida") == [1, 3, 5, 7, 9, 11]
    assert days("name=" + urllib.parse.quote("Tosca & co")) == [0, 2, 4, 6, 8, 10]
    assert days(f"from={3 * DAY}&to={8 * DAY}") == [3, 4, 5, 6, 7], "from is in it, to is not"
    assert days("from=1970-01-04T00:00:00Z&to=1970-01-05T01:00:00%2B01:00") == [3]
    assert days(f"location={location}&from={2 * DAY}") == [2, 3, 4, 5]
    assert days(f"location={location}&name=Aida") == [1, 3, 5]
    assert days(f"from={8 * DAY}&to={3 * DAY}") == []
    assert events.get("/events/name/Aida").json()["StartDate"] == DAY, "the earliest of that name"


def locations(world):
    "P40: locations are listed by id, page after page, and by name"
    events = world.start_eventservice()
    ids = [events.post("/locations", {"Name": f"Hall {n % 3}"}).json()["ID"] for n in range(10)]

    assert [item["ID"] for item in walk(events.client(), "/locations?limit=3")] == sorted(ids)
    named = [item["ID"] for item in walk(events.client(), "/locations?limit=1&name=Hall%201")]
    assert named == sorted(ids[1::3])
    assert events.get("/locations/name/Hall%202").json()["ID"] == min(ids[2::3])


def large_items(world):
    "P40: a page ends early where its items are large, and the next one goes on; no list is too large to be shown"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    halls = [{"name": f"{n:03}" + "\x7f" * 197, "location": "\x7f" * 200, "capacity": n} for n in range(100)]
    body = json.dumps({"Name": "Opera", "Halls": halls}, ensure_ascii=False)
    sent = [events.post("/locations", body, {"Content-Type": "application/json"}) for _ in range(30)]
    places = [answer.json()["ID"] for answer in sent]
    made = {make_bookable(events, bookings, 5, LocationID=places[0]) for _ in range(40)}
    for service, path, ids in ((events, "/events", made), (bookings, "/events", made), (events, "/locations", places)):
        answer = service.get(path)
        assert answer.status == 200 and next_of(answer) and 1 < len(answer.json()) < len(ids), answer.headers
        assert len(answer.body) < 10 << 20, len(answer.body)
        assert sorted(item["ID"] for item in walk(service.client(), path)) == sorted(ids), path


def bad_queries(world):
    "P40: a bad limit, cursor or filter is a 400 that names the parameter"
    events = world.start_eventservice()
    bad = {"limit": ["0", "-1", "1001", "ten", "", "1.5", "9" * 40], "cursor": ["x", "", "MTIz", "!!", "A" * 300],
           "from": ["yesterday", "", "-1", "1e3", "253402300800"], "to": ["12h", "%00"],
           "location": ["1", "", "zz" * 12, '{"$gt":""}'], "name": ["%ff", "a" * 900]}
    for parameter, values in bad.items():
        for value in values:
            quoted = value if value.startswith("%") else urllib.parse.quote(value)
            answer = events.get(f"/events?{parameter}={quoted}")
            assert answer.status == 400, (parameter, value, answer)
            assert answer.json()["errors"][0]["pointer"] == f"?{parameter}", answer
    assert events.get("/events?limit=1&limit=2").status == 400
    for query in ("limit=0", "cursor=MTIz", "name=%ff"):
        assert events.get(f"/locations?{query}").status == 400, query
    for name in ('{"$gt":""}', "[$ne]=x"):
        assert events.get("/events?name=" + urllib.parse.quote(name)).json() == [], "plain text"


if __name__ == "__main__":
    run(empty_lists, a_walk_while_others_insert, filters, locations, large_items, bad_queries)
