"""A subscriber of its own: the search service finds events by word, place and date, and nobody else notices."""
import urllib.parse

from harness import eventually, run, walk
from harness.copies import update_one
from harness.steps import (book, change, make_bookable, make_event, make_location, remove, wait_published,
                           wait_subscribed)
from mongo_command import ObjectId

DAY_S = 24 * 3600
START_S = 1_900_000_000


def search(service, **query):
    """Names of what is found, over all pages."""
    words = urllib.parse.urlencode({key.strip('_'): value for key, value in query.items()})
    return [event["Name"] for event in walk(service, f"/search?{words}")]


def finds(service, names, **query):
    def found():
        """the search finds what it should"""
        result = search(service, **query)
        assert result == names, (query, result)
        return True

    eventually(found)


def make_season(events):
    """Three events at two places, a day apart."""
    west = make_location(events, "West Street Opera House", Address="11 West Street", Country="España")
    hall = make_location(events, "Łódź Jazz Hall", Address="Piotrkowska 2", Country="Polska")
    return {
        "Aida": make_event(events, name="Aida", LocationID=west, StartDate=START_S),
        "Jazz Night": make_event(events, name="Jazz Night", LocationID=hall, StartDate=START_S + DAY_S),
        "Zoë sings Aida": make_event(events, name="Zoë sings Aida", LocationID=hall, StartDate=START_S + 2 * DAY_S),
        "west": west,
        "hall": hall,
    }


def found_by_word_place_and_date(world):
    "P2: events are found by words of name and place without regard to case and accents, and by date, in pages"
    events, service = world.start_eventservice(), world.start_searchservice()
    make_season(events)
    finds(service, ["Aida", "Jazz Night", "Zoë sings Aida"])

    assert search(service, q="aida") == ["Aida", "Zoë sings Aida"]
    assert search(service, q="AIDA zoe") == ["Zoë sings Aida"]
    assert search(service, q="aida lodz") == ["Zoë sings Aida"]
    assert search(service, q="jazz") == ["Jazz Night", "Zoë sings Aida"]
    assert search(service, q="jazz", place="west") == []
    assert search(service, place="espana opera") == ["Aida"]
    assert search(service, place="aida") == []
    assert search(service, q="aid") == []
    assert search(service, from_=START_S + 1) == ["Jazz Night", "Zoë sings Aida"]
    assert search(service, q="aida", to=START_S + DAY_S) == ["Aida"]
    assert search(service, q="", place="") == search(service, limit=1) == ["Aida", "Jazz Night", "Zoë sings Aida"]

    shown = service.get("/search?q=zoe").json()[0]
    assert shown["Location"]["Name"] == "Łódź Jazz Hall" and shown["StartDate"] == START_S + 2 * DAY_S, shown


def a_search_is_no_query_language(world):
    "words from outside are words; what makes no sense is a problem that names the parameter"
    events, service = world.start_eventservice(), world.start_searchservice()
    make_event(events, name="a.*b $where {}")
    finds(service, ["a.*b $where {}"], q="a.*b $where")
    assert search(service, q=".* a") == ["a.*b $where {}"]
    assert search(service, q='{"$ne": 1}') == []

    for query, pointer in (("q=%2E%2A", "?q"), ("q=" + "a+" * 17, "?q"), ("place=%FF", "?place"), ("q=a&q=b", "?q"),
                           ("from=x", "?from"), ("limit=0", "?limit"), ("cursor=x", "?cursor")):
        answer = service.get(f"/search?{query}")
        assert answer.status == 400 and answer.headers["Content-Type"] == "application/problem+json", (query, answer)
        assert answer.json()["errors"][0]["pointer"] == pointer, (query, answer)
    assert service.get("/").json()["search"] == "/search"
    assert service.get("/nothing").status == 404


def it_follows_changes(world):
    "P9: what is found follows new names, other places, new names of places, and removals"
    events, service = world.start_eventservice(), world.start_searchservice()
    season = make_season(events)
    finds(service, ["Aida", "Zoë sings Aida"], q="aida")

    change(events, f"/events/{season['Aida']}", {"Name": "Nabucco"})
    finds(service, ["Nabucco"], q="nabucco")
    finds(service, ["Zoë sings Aida"], q="aida")

    change(events, f"/locations/{season['hall']}", {"Name": "Philharmonia"})
    finds(service, ["Jazz Night", "Zoë sings Aida"], place="philharmonia")
    assert search(service, place="jazz") == []

    change(events, f"/events/{season['Jazz Night']}", {"LocationID": season["west"]})
    finds(service, ["Nabucco", "Jazz Night"], place="opera house")
    finds(service, ["Zoë sings Aida"], place="philharmonia")

    remove(events, f"/events/{season['Zoë sings Aida']}")
    finds(service, [], place="philharmonia")
    finds(service, ["Nabucco", "Jazz Night"])


def a_damaged_neighbour(world):
    "P19: what is damaged at a place keeps nobody else there from being found by its new name; the message is parked"
    events = world.start_eventservice()
    season = make_season(events)
    wait_published(world)
    service = world.start_searchservice()
    wait_subscribed(world, "search")
    finds(service, ["Jazz Night", "Zoë sings Aida"], place="jazz")
    update_one(world.search_db, "copied_events", {"_id": ObjectId(season["Jazz Night"])}, {"$set": {"hall": 7}})

    change(events, f"/locations/{season['hall']}", {"Name": "Philharmonia"})
    finds(service, ["Zoë sings Aida"], place="philharmonia")
    eventually(lambda: service.metric("myevents_messages_parked_total", kind="other") == 1)


def late_and_killed(world):
    "P2 P4 P5 P17: started late it has everything from the log, killed it misses nothing, and nobody else notices"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    others = [(service, service.process.pid) for service in (events, bookings)]
    season = make_season(events)
    sold = make_bookable(events, bookings, 5, name="Sold", StartDate=START_S + 3 * DAY_S)
    assert book(bookings, sold).status == 201
    change(events, f"/events/{season['Aida']}", {"Name": "Nabucco"})
    wait_published(world)

    service = world.start_searchservice()
    everything = ["Nabucco", "Jazz Night", "Zoë sings Aida", "Sold"]
    finds(service, everything)

    for i in range(3):
        wait_subscribed(world, "search")
        make_event(events, name=f"E{i}", StartDate=START_S + (4 + i) * DAY_S)
        service.kill()
        make_event(events, name=f"F{i}", StartDate=START_S + (4 + i) * DAY_S + 1)
        change(events, f"/locations/{season['west']}", {"Address": f"Street {i}"})
        everything += [f"E{i}", f"F{i}"]
        service.start()
    finds(service, everything)
    finds(service, ["Nabucco"], place="street 2")

    for other, pid in others:
        assert other.process.pid == pid and other.is_alive()
        assert other.metric("myevents_emitter_connects_total") == other.metric("myevents_listener_connects_total") == 1
        assert other.metric("myevents_messages_failed_total") == 0
    assert service.metric("myevents_messages_parked_total") == 0
    assert world.management.queue("search.dead") is not None


def replicas_agree(world):
    "P6 P9 P34: two replicas on one queue, every message twice: one index, equal to what the event service has"
    events = world.start_eventservice()
    first, second = world.start_searchservice(), world.start_searchservice()
    wait_subscribed(world, "search", 2)
    world.observe("all")
    season = make_season(events)
    for i in range(30):
        change(events, f"/events/{season['Aida']}", {"Name": f"Aida {i}"})
        change(events, f"/locations/{season['west']}", {"Name": f"House {i}"})
    wait_published(world)
    finds(first, ["Aida 29"], q="aida 29", place="house 29")

    again = world.observed("all")
    with world.amqp() as amqp:
        amqp.confirm_select()
        for message in reversed(again):
            amqp.publish("events", message.routing_key, message.body, headers=message.headers, **message.properties)
        amqp.wait_for_confirms()

    def consumed():
        """the queue is empty"""
        return world.management.messages("search") == 0

    eventually(consumed)
    for service in (first, second):
        finds(service, ["Aida 29"], q="aida 29", place="house 29")
        assert search(service, place="house") == ["Aida 29"]
        assert search(service) == ["Aida 29", "Jazz Night", "Zoë sings Aida"]
    assert first.metric("myevents_messages_parked_total") + second.metric("myevents_messages_parked_total") == 0


if __name__ == "__main__":
    run(found_by_word_place_and_date, a_search_is_no_query_language, it_follows_changes, a_damaged_neighbour,
        late_and_killed, replicas_agree)
