"""A day's sale in one ledger: its service started again, what it takes on disk, the copy made anew."""
import glob
import os
import time

from full_store import BATCH, fill_ledger, mark_published
from run import check_stored, n_heard, require_clean, wait_heard

from harness.copies import tool
from harness.steps import book, make_event, wait_bookable, wait_published
from mongo_command import MongoConnection

COLLECTION = "ledger"


def first_booking(bookings, event):
    """Milliseconds of one booking over a new connection."""
    began = time.monotonic()
    answer = book(bookings, event)
    assert answer.status == 201, answer
    return 1000 * (time.monotonic() - began)


def show_disk(run, n):
    """After a checkpoint, so that what is stored has reached its file."""
    database = run.world.bookings_db
    host, port = database.address.rsplit(":", 1)
    with MongoConnection(host, int(port)) as mongo:
        mongo.command("admin", {"fsync": 1})
    stats = database.command({"collStats": COLLECTION})
    mb = {"documents": stats["size"] / 1e6, "file": stats["storageSize"] / 1e6,
          **{f"index {name}": size / 1e6 for name, size in stats["indexSizes"].items()}}
    run.say("disk", ", ".join(f"{name} {size:.1f}" for name, size in mb.items()) + f" MB for {n} bookings")
    per_million = 1e6 * (mb["file"] + stats["totalIndexSize"] / 1e6) / n
    run.say("", f"{per_million:.0f} MB for a million bookings, {BATCH} an entry", mb_per_million=per_million, **mb)


def log_bytes(run):
    """Of the stream that keeps every message of a booking."""
    pattern = f"{run.servers.folder}/rabbitmq/data/*/stream/{run.world.id}_bookings_log_*/*"
    return sum(map(os.path.getsize, glob.glob(pattern)))


def show_log(run, events, bookings, event):
    before, heard = log_bytes(run), n_heard(events)
    result = run.load(bookings, events=[event], requests=run.options.logged, seconds=600).result()
    require_clean(result, 201)
    wait_heard(run.world, events, result["answered"], heard)
    each = (log_bytes(run) - before) / result["answered"]
    run.say("log of messages", f"{each:.0f} bytes a booking, for as long as it keeps them", log_bytes=each)


def measure(run):
    world, n = run.world, run.options.bookings // BATCH * BATCH
    events, bookings = run.start_services()
    event = make_event(events)
    wait_bookable(bookings, event)
    wait_published(world)
    bookings.stop()
    began = time.monotonic()
    fill_ledger(world, event, n)
    mark_published(world)
    run.say("filled", f"{n} bookings of one event in {time.monotonic() - began:.1f} s")
    show_disk(run, n)
    bookings.start()
    ready_ms = 1000 * bookings.ready_after_s
    run.say("started again", f"ready after {ready_ms:.0f} ms, first booking {first_booking(bookings, event):.0f} ms, "
            f"second {first_booking(bookings, event):.0f} ms; {bookings.resident_bytes() / 1e6:.0f} MB resident", ready_ms=ready_ms)
    began = time.monotonic()
    assert len(bookings.get(f"/events/{event}/bookings?limit=100").json()) == 100
    run.say("first page", f"of its bookings {1000 * (time.monotonic() - began):.0f} ms")
    check_stored(run, world, n + 2)
    began = time.monotonic()
    status, rows = tool(world, "rebuild", timeout=600)
    assert status == 0, rows
    run.say("copy made anew", f"{1000 * (time.monotonic() - began):.0f} ms: it holds the catalogue, however many bookings there are")
    run.say("booking after", f"{first_booking(bookings, event):.0f} ms")
    show_log(run, events, bookings, event)
    run.wanted("ready on a ledger of a day's sale, ms", "<= 200", ready_ms, ready_ms <= 200)
