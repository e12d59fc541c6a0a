"""What scripts/up and scripts/down do, with the servers and services of the tests."""
from harness import run

import demo_data  # beside the path that harness adds


def what_was_removed_stays_removed(world):
    "P9: demo data are loaded again, whatever of them was removed, closed or cancelled since"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    demo_data.load(events.url, bookings.url)
    removed, closed, last = (event["ID"] for event in demo_data.EVENTS)
    booking = bookings.get(f"/events/{closed}/bookings").json()[0]["ID"]
    assert events.request("DELETE", f"/events/{removed}").status == 204
    assert events.request("DELETE", f"/events/{last}").status == 204
    assert events.request("DELETE", f"/locations/{demo_data.LOCATIONS[1]['ID']}").status == 204
    assert events.request("PUT", f"/events/{closed}", {"Name": "No trios", "Closed": True}).status == 200
    assert bookings.request("DELETE", f"/bookings/{booking}").status == 200

    demo_data.load(events.url, bookings.url)

    assert [event["ID"] for event in events.get("/events").json()] == [closed]
    assert events.get(f"/events/{closed}").json()["Name"] == "No trios"
    assert [row["Status"] for row in bookings.get(f"/events/{closed}/bookings").json()] == ["cancelled"]


if __name__ == "__main__":
    run(what_was_removed_stays_removed)
