"""Late, killed, unbound, cut off by retention: what a subscriber has not heard the log makes good, or is said again."""
from harness import PATIENCE_S, eventually, run
from harness.copies import (KINDS, change_some, compare, fresh_digests, raw_copy, tool, update_one,
                            wait_equal)
from harness.load import Organiser
from harness.steps import (book, change, make_event, make_location, messages_by_id, wait_bookable, wait_published,
                           wait_subscribed)
from mongo_command import ObjectId

BALLAST_BYTES = 1 << 20
SEGMENT_BYTES = 50_000_000  # of a log: retention takes whole ones
SMALL_LOG = {"log_bytes": SEGMENT_BYTES}


def first_offset(world, log="catalogue.log"):
    """The oldest that a log still has."""
    with world.amqp() as amqp:
        amqp.start_consumer(log, 1, arguments={"x-stream-offset": "first"})
        message = amqp.receive(PATIENCE_S)
        assert message, f"{log} gives nothing"
        return message.headers["x-stream-offset"]


def a_new_consumer_gets_the_whole_history(world):
    "P17: an empty database, long after: copy and ledgers have all that was ever said, as if it had been there"
    events, first = world.start_eventservice(), world.start_bookingservice()
    made = change_some(events, 20, "before")
    expected = wait_equal(events, [first])
    hashes, _ = raw_copy(world)
    assert first.stop() == 0
    world.bookings_db.drop()
    with world.amqp() as amqp:
        amqp.delete_queue("booking")

    late = world.start_bookingservice()
    assert wait_equal(events, [late]) == expected
    assert raw_copy(world)[0] == hashes
    eventually(lambda: compare(world) == [])
    open_event = next(event for i, event in enumerate(made) if i % 3 and i % 5)
    assert book(late, open_event, 2).status == 201


def died_while_reading(world):
    "P5 P17: killed again and again while it reads the log: in the end nothing is missing"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    assert bookings.stop() == 0
    change_some(events, 60, "unheard")
    wait_published(world)
    with world.amqp() as amqp:
        amqp.delete_queue("booking")  # only the log has them now
    for _ in range(6):
        bookings.start()
        bookings.kill()
    bookings.start()
    wait_equal(events, [bookings])
    eventually(lambda: compare(world) == [])


def deleted_and_made_again(world):
    "P9 P33: queue and bindings are deleted while events are made, again and again: the log brings what they missed"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    wait_subscribed(world, "booking")
    with Organiser(events) as organiser:
        for _ in range(2):
            with world.amqp() as amqp:
                amqp.unbind("booking", "events", "event.created")
            organiser.wait_for_more(10)
            with world.amqp() as amqp:
                amqp.delete_queue("booking")
            organiser.wait_for_more(10)
            wait_bookable(bookings, organiser.made[-1], timeout=45)
    for event in organiser.made:
        wait_bookable(bookings, event)
    wait_equal(events, [bookings])
    assert compare(world) == []


def cut_off(world):
    """Fill the log beyond what it may hold, until its beginning is gone."""
    body = b"x" * BALLAST_BYTES
    with world.amqp() as amqp:
        amqp.confirm_select()
        for _ in range(2 * SEGMENT_BYTES // BALLAST_BYTES + 20):
            amqp.publish("", "catalogue.log", body)
            if len(amqp.unconfirmed) >= 16:
                amqp.wait_for_confirms()
        amqp.wait_for_confirms()
    eventually(lambda: first_offset(world) > 0)


def a_log_that_was_cut(world):
    "P15 P17: retention has cut what was not read: it is noticed, told by `compare`, and made good by `announce`"
    world.observe()
    events, bookings = world.start_eventservice(SMALL_LOG), world.start_bookingservice(SMALL_LOG)
    heard = change_some(events, 10, "heard")
    wait_equal(events, [bookings])
    assert bookings.metric("myevents_log_cut_total") == 0
    assert bookings.stop() == 0
    change_some(events, 20, "unheard")
    wait_published(world)
    with world.amqp() as amqp:
        amqp.delete_queue("booking")
    cut_off(world)

    bookings.start()
    eventually(lambda: bookings.metric("myevents_log_cut_total") >= 1)
    assert "the log was cut before it was read" in bookings.log_text()
    wait_subscribed(world, "booking")
    assert fresh_digests(bookings)["event"] != fresh_digests(events)["event"]
    missing = compare(world, "--wait", "0")
    assert {(member, there) for _, _, member, _, there in missing} == {("document", "missing")}, missing

    for _ in range(2):  # once more does no harm
        status, (said,) = tool(world, "announce")
        assert status == 0 and said == {"announced": 32, "made_anew": 0}, said
    expected = wait_equal(events, [bookings])
    assert [expected[kind][1] for kind in KINDS] == [30, 2], expected
    eventually(lambda: compare(world) == [])

    # Whoever rebuilds now has it from the log, and what was said twice was the same.
    before = raw_copy(world)
    assert tool(world, "rebuild")[0] == 0
    wait_equal(events, [bookings])
    assert compare(world) == [] and set(raw_copy(world)[1]) == set(before[1])
    said, times = messages_by_id(message for message in world.observed() if message.routing_key != "catalogue.log")
    assert max(times.values()) >= 3 and len(heard) == 10, times


def a_log_made_anew_under_load(world):
    "P17 P33: deleted while its reader was away, and filled again all the time: it is read from its beginning"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 60, "before")
    wait_equal(events, [bookings])
    assert bookings.stop() == 0
    with world.amqp() as amqp:
        amqp.delete_queue("catalogue.log")
    events.restart()  # declares it anew
    with Organiser(events) as organiser:
        organiser.wait_for_more(5)
        bookings.start()
        # Where the log never falls silent the reader must not wait for it.
        eventually(lambda: wait_subscribed(world, "booking") or True, 60)
    for event in organiser.made:
        wait_bookable(bookings, event)
    wait_equal(events, [bookings])
    assert compare(world) == []


def read_after_its_queue(world):
    "P17: a log that cannot be read at first is made good while its empty queue is consumed, which nobody complains of"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 60, "before")
    expected = wait_equal(events, [bookings])
    assert bookings.stop() == 0
    world.bookings_db.drop()
    said_before = len(bookings.log_text())
    world.management.permit(read=r"^(?!catalogue\.log$)")

    bookings.start()
    eventually(lambda: bookings.metric("myevents_listener_connected") == 1)
    world.management.permit()
    assert wait_equal(events, [bookings]) == expected
    assert "brings nothing" not in bookings.log_text()[said_before:]


def said_as_it_was_said_first(world):
    "P14: `announce` says an event as it was said first, though its location has another name by now"
    world.observe()
    events = world.start_eventservice()
    place = make_location(events, "old name")
    inside = make_event(events, 5, LocationID=place)
    anywhere = make_event(events, 5)
    change(events, f"/locations/{place}", {"Name": "new name"})
    wait_published(world)
    # As a program would have stored it that kept no messages.
    update_one(world.events_db, "events", {"_id": ObjectId(anywhere)}, {"$unset": {"said": 1}})

    assert tool(world, "announce") == (0, [{"announced": 3, "made_anew": 1}])
    said, times = messages_by_id(world.observed())
    least = {f"{place}:1": 1, f"{place}:2": 2, f"{inside}:1": 2, f"{anywhere}:1": 2}
    assert set(times) == set(least) and all(times[id] >= n for id, n in least.items()), times
    assert said[f"{inside}:1"].json()["location_name"] == "old name"


if __name__ == "__main__":
    run(a_new_consumer_gets_the_whole_history, died_while_reading, deleted_and_made_again, a_log_that_was_cut,
        a_log_made_anew_under_load, read_after_its_queue, said_as_it_was_said_first)
