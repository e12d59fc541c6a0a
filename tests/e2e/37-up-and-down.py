"""What scripts/up and scripts/down do, with the servers and services of the tests."""
import os
import subprocess

from harness import run
from harness.servers import ROOT

import demo_data
import local_run
from local.mongod import Mongod


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


def down_leaves_nothing_running(world):
    "P24: a private server is stopped also where the environment names another one by now"
    folder = os.path.join(world.folder, "up")
    mongod = Mongod(folder)
    mongod.start()
    try:
        mongod.await_ready()
        local_run.FOLDER = folder
        for url in (world.servers.mongo_url, ""):
            os.environ["MONGO_URL"] = url
            assert bool(local_run.LocalRun().mongod) == (not url)
        os.environ["MONGO_URL"] = world.servers.mongo_url

        local_run.stop_here()

        assert not mongod.is_running()
    finally:
        os.environ.pop("MONGO_URL", None)
        mongod.stop()
        mongod.await_end()


def a_proxy_is_for_others(world):
    "P24: behind a proxy the scripts ask what runs here directly, and others as they were told"
    events = world.start_eventservice()
    script = '. "$0"; $python -c "$1" "$2/events"; echo "$no_proxy $NO_PROXY"'
    look = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10)"
    for given, wanted in (({}, ""), ({"NO_PROXY": "example.org"}, ",example.org"), ({"no_proxy": "a,b"}, ",a,b")):
        environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
        environment.update(http_proxy="http://127.0.0.1:1", **given)
        done = subprocess.run(["bash", "-c", script, os.path.join(ROOT, "scripts", "lib.sh"), look, events.url],
                              env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == [f"127.0.0.1,localhost{wanted}"] * 2, done.stdout


if __name__ == "__main__":
    run(what_was_removed_stays_removed, down_leaves_nothing_running, a_proxy_is_for_others)
