"""What the log has kept is enough: to make a copy anew, to start with none, to look back."""
import signal
import subprocess
import time

from harness import eventually, run
from harness.copies import (COLLECTIONS, change_some, compare, drop_copy, now, raw_copy, tool,
                            tool_command, wait_equal)
from harness.load import Organiser
from harness.steps import book, change, make_event, remove, wait_bookable, wait_published


def the_same_byte_for_byte(world):
    "P15: dropped and rebuilt from the log the copy is the same, byte for byte; so is one that is rebuilt in place"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 40, "before")
    wait_equal(events, [bookings])
    hashes, documents = raw_copy(world)
    assert len(documents) == 41

    assert bookings.stop() == 0
    drop_copy(world)
    status, (said,) = tool(world, "rebuild")
    assert status == 0 and said["kept"] == 0 and said["left_out"] == 0 and said["log_begins_at"] == 0, said
    assert raw_copy(world) == (hashes, documents)
    assert tool(world, "rebuild")[0] == 0
    assert raw_copy(world) == (hashes, documents)
    assert sorted(name for name in world.bookings_db.collections() if name.startswith("copied_")) == sorted(COLLECTIONS)

    bookings.start()
    wait_equal(events, [bookings])


def while_changes_go_on(world):
    "P15: rebuilt again and again while events are made: what was there is the same, and nothing that came is missing"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 20, "before")
    wait_equal(events, [bookings])
    _, before = raw_copy(world)

    with Organiser(events) as organiser:
        for _ in range(3):
            organiser.wait_for_more(10)
            assert tool(world, "rebuild")[0] == 0
            _, documents = raw_copy(world)
            assert {id: documents.get(id) for id in before} == before
    for event in organiser.made:
        wait_bookable(bookings, event)
    wait_equal(events, [bookings])
    assert compare(world) == []
    # A rest would be read from the log by the service, so look at what there is before and after another one.
    quiet = raw_copy(world)
    assert tool(world, "rebuild")[0] == 0
    assert raw_copy(world) == quiet


def killed_at_any_moment(world):
    "P15: `rebuild` killed at many moments, of a whole copy and of none, has done no harm, and works when run again"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 30, "before")
    wait_equal(events, [bookings])
    hashes, _ = raw_copy(world)

    command, environment = tool_command(world, "rebuild")
    began = time.monotonic()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    whole_s = time.monotonic() - began
    for step in range(8):
        if step == 4:
            drop_copy(world)
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(whole_s * (step % 4 + 1) / 5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL if step % 2 else signal.SIGTERM)
        # It may not have come as far as to take signals.
        assert process.wait(30) in (0, 130, -signal.SIGTERM, -signal.SIGKILL), process.returncode
        if step < 4:
            assert compare(world) == []
    assert tool(world, "rebuild")[0] == 0
    assert raw_copy(world)[0] == hashes
    assert sorted(name for name in world.bookings_db.collections() if name.startswith("copied_")) == sorted(COLLECTIONS)
    wait_equal(events, [bookings])


def an_empty_copy_fills_itself(world):
    "P15 P17: a service that starts with an empty copy, or loses it while it runs, reads everything anew"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    change_some(events, 20, "before")
    wait_equal(events, [bookings])
    hashes, _ = raw_copy(world)

    assert bookings.stop() == 0
    drop_copy(world)
    bookings.start()
    wait_equal(events, [bookings])
    assert raw_copy(world)[0] == hashes

    world.bookings_db.command({"drop": "copied_locations", "writeConcern": {"w": "majority"}})  # one alone is enough
    wait_equal(events, [bookings], timeout=60)
    assert raw_copy(world)[0] == hashes


def as_of_then(world):
    "P16: what was said until a time is the state as of then; every change has its record"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_event(events, 5, name="first")
    gone = make_event(events, 5, name="there then")
    wait_bookable(bookings, gone)
    assert book(bookings, gone, 2).status == 201
    then = now()
    eventually(lambda: now() > then)
    for name in ("second", "third"):
        change(events, f"/events/{event}", {"Name": name})
    remove(events, f"/events/{gone}")
    later = make_event(events, 5, name="later")
    wait_equal(events, [bookings])
    wait_published(world)

    def replay(log, *words):
        """What the log says of each event last, and all that it says of events."""
        said = [line for line in tool(world, "replay", log, *words)[1] if not line["name"].startswith("location.")]
        ids = [line["body"].get("id") or line["body"]["eventId"] for line in said]
        return dict(zip(ids, ((line["name"], line["body"]) for line in said))), said

    state, _ = replay("catalogue.log", "--until", then)
    assert set(state) == {event, gone} and state[gone][0] == "event.created", state
    assert state[event][1]["name"] == "first"
    state, all_lines = replay("catalogue.log")
    assert set(state) == {event, gone, later} and state[gone][0] == "event.removed", state
    assert state[event][1]["name"] == "third"
    versions = sorted((line["body"]["id"], line["body"]["version"]) for line in all_lines)
    assert versions == sorted([(event, 1), (event, 2), (event, 3), (gone, 1), (gone, 2), (later, 1)]), versions
    assert replay("bookings.log", "--until", then)[0][gone][1]["seats"] == 2


if __name__ == "__main__":
    run(the_same_byte_for_byte, while_changes_go_on, killed_at_any_moment, an_empty_copy_fills_itself, as_of_then)
