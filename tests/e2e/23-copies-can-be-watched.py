"""Whether the copy equals its source is there to be seen, and what differs is named and mended."""
import random

from harness import PATIENCE_S, run
from harness.copies import compare, fresh_digests, tool, update_one, wait_equal
from harness.messages import messages_of_log
from harness.steps import book, change, make_event, make_location, remove, wait_bookable, wait_published
from harness.wait import eventually
from local.management import Management
from mongo_command import Int64, ObjectId


def change_a_lot(events, n=40):
    """Events and locations, made, changed and removed; the ids of the events that are still there."""
    place = make_location(events, "Opera", Halls=[{"name": "Great hall", "capacity": 7}])
    gone = make_location(events, "Torn down")
    made = [make_event(events, i, name=f"E{i}", LocationID=place) for i in range(n)]
    for event in made[::3]:
        change(events, f"/events/{event}", {"Name": "changed", "Capacity": None})
    for event in made[::4]:
        remove(events, f"/events/{event}")
    change(events, f"/locations/{place}", {"Name": "Staatsoper", "CloseTime": 23})
    remove(events, f"/locations/{gone}")
    return [event for event in made if event not in made[::4]]


def equal_when_quiet(world):
    "P9: when changes stop, the digests of catalogue and copies are equal, at every replica; changes move them"
    events = world.start_eventservice()
    bookings = [world.start_bookingservice(), world.start_bookingservice()]
    left = change_a_lot(events)
    first = wait_equal(events, bookings)
    assert first["event"][1:] == (40, 10) and first["location"][1:] == (2, 1), first
    assert compare(world) == []

    change(events, f"/events/{left[0]}", {"Name": "once more"})
    second = wait_equal(events, bookings)
    assert second["event"][0] != first["event"][0] and second["location"] == first["location"]

    def shown():
        """the metrics are those of the digest"""
        return all(service.metric("myevents_catalogue_digest", kind="event") == int(second["event"][0], 16) % 2**48
                   for service in [events, *bookings])

    eventually(shown)
    assert 0 <= bookings[0].metric("myevents_catalogue_digest_age_seconds") < 30


def equal_after_disorder(world):
    "P9 P18 P34: a copy that heard everything shuffled and twice, and nothing else, has the digest of the source"
    events = world.start_eventservice()
    change_a_lot(events)
    wait_published(world)
    said = [message for message in messages_of_log(world.amqp_url, "catalogue.log", PATIENCE_S) if message.id] * 2
    random.shuffle(said)

    # A broker of its own, where nothing was ever said in order.
    other = Management(world.servers.management_url, world.servers.management_login, f"{world.id}x")
    other.create_vhost()
    heard = world.start_bookingservice(environment={"AMQP_BROKER_URL": f"{world.amqp_url}x"})
    eventually(lambda: len((other.queue("booking") or {}).get("consumer_details", [])) == 1)
    world.amqp_url += "x"
    with world.amqp() as amqp:
        amqp.confirm_select()
        for message in said:
            headers = {name: value for name, value in message.headers.items() if name != "x-stream-offset"}
            amqp.publish("events", message.routing_key, message.body, headers=headers, **message.properties)
        amqp.wait_for_confirms()
    wait_equal(events, [heard])
    assert compare(world) == []


def damage_shows(world):
    "P9: a copy damaged in the database has another digest, `compare` names what differs, `rebuild` mends it"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    left = [ObjectId(event) for event in change_a_lot(events, 12)]
    sound = wait_equal(events, [bookings])

    copy = world.bookings_db
    update_one(copy, "copied_events", {"_id": left[0]}, {"$set": {"capacity": Int64(4711)}})
    update_one(copy, "copied_events", {"_id": left[1]}, {"$set": {"name": 5}})
    copy.command({"delete": "copied_events", "deletes": [{"q": {"_id": left[2]}, "limit": 1}]})
    foreign = ObjectId("ff" * 12)
    copy.command({"insert": "copied_events", "documents": [{"_id": foreign, "version": 1, "removed": True}]})
    update_one(copy, "copied_locations", {"name": "Staatsoper"}, {"$set": {"halls.0.capacity": Int64(8)}})

    def parted():
        """the digests differ"""
        found = fresh_digests(bookings)
        return found["event"] != sound["event"] and found["location"] != sound["location"]

    eventually(parted)
    assert bookings.metric("myevents_catalogue_unreadable", kind="event") == 1
    found = {(where, id, member): (catalogue, there)
             for where, id, member, catalogue, there in compare(world, "--wait", "0")}
    assert found["copy", str(left[0]), "capacity"][1] == "4711", found
    assert "member name is not what it may be" in found["copy", str(left[1]), "flaw"][1], found
    assert found["copy", str(left[2]), "document"] == ("there", "missing"), found
    assert found["copy", str(foreign), "document"] == ("missing", "there"), found
    assert [there for (_, _, member), there in found.items() if member == "halls/0/capacity"] == [("7", "8")], found
    assert len({id for _, id, _ in found}) == 5, found
    assert not [key for key in found if key[0] == "ledger"], found

    assert tool(world, "rebuild", "--drop-unknown")[0] == 0
    assert wait_equal(events, [bookings]) == sound
    assert compare(world) == []


def a_ledger_that_does_not_add_up(world):
    "P9 P26: `compare` names a ledger that has not taken the catalogue over, or whose sums are wrong"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    made = [make_event(events, 10, name=f"E{i}") for i in range(4)]
    for event in made:
        wait_bookable(bookings, event)
        assert book(bookings, event, 2).status == 201
    assert compare(world) == []

    def entry(event, sequence):
        return {"_id": {"e": ObjectId(event), "s": Int64(sequence)}}

    ledgers = world.bookings_db
    update_one(ledgers, "ledger", entry(made[0], 1), {"$set": {"sold": Int64(1)}})
    update_one(ledgers, "ledger", entry(made[1], 1), {"$set": {"cap": None}})
    ledgers.command({"delete": "ledger", "deletes": [{"q": entry(made[2], 0), "limit": 1}]})
    for sequence in (0, 1):
        ledgers.command({"delete": "ledger", "deletes": [{"q": entry(made[3], sequence), "limit": 1}]})

    assert sorted(compare(world, "--wait", "0")) == sorted([
        ("ledger", made[0], "sold of entry 1", "2", "1"),
        ("ledger", made[1], "capacity", "10", "none"),
        ("ledger", made[2], "entry 0", "there", "missing"),
        ("ledger", made[3], "document", "there", "missing")])
    few = compare(world, "--wait", "0", "--limit", "1")
    assert len(few) == 1, few


if __name__ == "__main__":
    run(equal_when_quiet, equal_after_disorder, damage_shows, a_ledger_that_does_not_add_up)
