"""The spine: from a request at one service to a booking at the other, and back."""
from harness import eventually, run
from harness.steps import book, check_ledger, ledger_of, make_event, wait_bookable, wait_published


def from_request_to_booking(world):
    "P1 P8: an event is created, taken over, booked, and the event service hears of it"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    world.observe()
    place = events.post("/locations", {"Name": "Opera House", "Country": "NL",
                                       "Halls": [{"name": "Main", "capacity": 4}, {"name": "Small", "capacity": 2}]})
    assert place.status == 201, place
    event = make_event(events, LocationID=place.json()["ID"], Hall="Main", StartDate=4102444800, Duration=120)
    wait_bookable(bookings, event)

    shown = bookings.get(f"/events/{event}").json()
    assert (shown["Name"], shown["Capacity"], shown["SeatsLeft"]) == ("Opera", 4, 4), shown
    eventually(lambda: bookings.get(f"/events/{event}").json()["Location"]["Name"] == "Opera House")
    assert [row["ID"] for row in bookings.get("/events").json()] == [event]

    booked = book(bookings, event, 3)
    assert booked.status == 201, booked
    booking = booked.json()
    assert booked.headers["Location"] == f"/bookings/{booking['ID']}"
    assert (booking["EventID"], booking["Seats"], booking["Status"]) == (event, 3, "booked"), booking
    assert bookings.get(f"/bookings/{booking['ID']}").json() == booking
    assert bookings.get(f"/events/{event}/bookings").json() == [booking]

    refused = book(bookings, event, 2)
    assert refused.status == 409 and refused.headers["Content-Type"] == "application/problem+json", refused
    assert refused.json()["type"] == "/problems/sold-out" and refused.json()["seatsLeft"] == 1, refused
    assert bookings.get(f"/events/{event}/availability").json() == {
        "EventID": event, "Capacity": 4, "SeatsLeft": 1, "Closed": False, "Version": 1, "Entry": 1}

    for path in (f"/events/{event}", f"/events/id/{event}", "/events/name/Opera"):
        eventually(lambda: events.get(path).json()["SeatsLeft"] == 1)
    check_ledger(ledger_of(world, event), capacity=4)

    wait_published(world)
    seen = {message.id: message for message in world.observed()}
    assert set(seen) == {f"{place.json()['ID']}:1", f"{event}:1", f"{event}:1:b0"}, seen
    said = seen[f"{event}:1:b0"]
    assert said.name == said.routing_key == "event.booked"
    assert said.json()["bookingId"] == booking["ID"] and said.json()["seatsLeft"] == 1, said
    assert said.properties["content_type"] == "application/json" and said.properties["delivery_mode"] == 2
    assert said.headers["cloudEvents_type"] == "event.booked" and said.headers["cloudEvents_id"] == said.id
    assert said.headers["cloudEvents_source"] == "/myevents/bookingservice", said.headers


def a_location_comes_along(world):
    "P1: an event may bring its location along, and names it from then on"
    events = world.start_eventservice()
    answer = events.post("/events", {"name": "Jazz", "location": {"name": "Club", "halls": [
        {"name": "Bar", "location": "cellar", "capacity": 30}]}})
    assert answer.status == 201, answer
    event = answer.json()
    assert event["Capacity"] == event["SeatsLeft"] == 30, event
    place = events.get(f"/locations/{event['LocationID']}").json()
    assert place["Name"] == event["Location"]["Name"] == "Club", place
    assert [row["ID"] for row in events.get("/locations").json()] == [place["ID"]]

    again = events.post("/events", {"name": "Jazz II", "Location": {"ID": place["ID"]}, "Hall": "Bar"})
    assert again.status == 201 and again.json()["Capacity"] == 30, again
    missing = events.post("/events", {"name": "x", "LocationID": "0" * 23 + "1"})
    assert missing.status == 400 and missing.json()["errors"][0]["pointer"] == "/LocationID", missing
    no_hall = events.post("/events", {"name": "x", "LocationID": place["ID"], "Hall": "Roof"})
    assert no_hall.status == 400 and no_hall.json()["errors"][0]["pointer"] == "/Hall", no_hall


def a_chosen_id_is_honoured_once(world):
    "P1: an event's id may be chosen by the client; a taken one is refused"
    events = world.start_eventservice()
    chosen = "0123456789abcdef01234567"
    assert events.post("/events", {"ID": chosen, "Name": "Opera"}).json()["ID"] == chosen
    taken = events.post("/events", {"ID": chosen, "Name": "Other"})
    assert taken.status == 409 and taken.json()["type"] == "/problems/exists", taken
    assert events.get(f"/events/{chosen}").json()["Name"] == "Opera"


if __name__ == "__main__":
    run(from_request_to_booking, a_location_comes_along, a_chosen_id_is_honoured_once)
