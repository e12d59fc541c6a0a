"""The booking service's copy beside its source: digests, the words of the tool that compare and mend, raw documents."""
import datetime
import json
import os
import subprocess

from harness.steps import change, make_event, make_location, remove
from harness.wait import PATIENCE_S, eventually
from harness.world import BUILD

KINDS = ("event", "location")
COLLECTIONS = ("copied_events", "copied_locations")
TOOL = os.path.join(BUILD, "tools", "myevents")


def tool_command(world, *words):
    """Command line and environment of a word of the tool, for the servers and databases of this test."""
    databases = {"compare": ("events", "bookings"), "rebuild": ("bookings",), "announce": ("events",)}.get(words[0], ())
    urls = {"events": world.events_db.url, "bookings": world.bookings_db.url}
    flags = [flag for name in databases for flag in (f"--{name}-database", urls[name])]
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MYEVENTS_")}
    return [TOOL, words[0], *flags, *words[1:]], {**plain, "AMQP_BROKER_URL": world.amqp_url}


def tool(world, *words, timeout=60):
    """Run a word of the tool with --json; its exit status, and the objects that it printed."""
    command, environment = tool_command(world, *words, "--json")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)
    assert done.returncode in (0, 1), f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def compare(world, *words):
    """The differences that `compare` finds, as (where, id, member, catalogue, there)."""
    status, lines = tool(world, "compare", *words)
    found = [(line["where"], line["id"], line["member"], line["catalogue"], line["there"])
             for line in lines if "where" in line]
    assert status == (1 if found else 0), (status, lines)
    return found


def digests(service, since):
    """{kind: (digest, items, removed)} of a walk that began after `since`, a moment of now(); None before."""
    answer = service.health("/digest")
    if answer.status != 200 or answer.json()["began"] <= since:
        return None
    return {kind: (answer.json()[kind]["digest"], answer.json()[kind]["items"], answer.json()[kind]["removed"])
            for kind in KINDS}


def now():
    """The moment as the services write it."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def fresh_digests(service):
    """Of a walk that begins from now on."""
    since = now()
    return eventually(lambda: digests(service, since))


def wait_equal(source, copies, timeout=PATIENCE_S):
    """Until source and copies show the same digests; returns them."""
    def equal():
        """the digests are equal"""
        expected = fresh_digests(source)
        assert all(fresh_digests(copy) == expected for copy in copies)
        return expected

    return eventually(equal, timeout)


def raw_copy(world):
    """The copy as it lies in the database: the server's hash over every byte, and the documents for people."""
    hashes = world.bookings_db.command({"dbHash": 1, "collections": list(COLLECTIONS)})["collections"]
    documents = {str(document["_id"]): repr(document) for name in COLLECTIONS
                 for document in world.bookings_db.find(name)}
    return hashes, documents


def update_one(database, collection, query, update):
    """Change a document behind the services' backs."""
    reply = database.command({"update": collection, "updates": [{"q": query, "u": update}],
                              "writeConcern": {"w": "majority", "j": True}})
    assert reply["n"] == 1, reply


def drop_copy(world):
    for name in COLLECTIONS:
        if name in world.bookings_db.collections():
            world.bookings_db.command({"drop": name, "writeConcern": {"w": "majority"}})


def change_some(events, n, name):
    """Events in a location, some of them changed and removed; all their ids."""
    place = make_location(events, name, Halls=[{"name": "Cellar", "capacity": 5}])
    made = [make_event(events, 5, name=f"{name} {i}", LocationID=place) for i in range(n)]
    for event in made[::3]:
        change(events, f"/events/{event}", {"Name": f"{name} changed", "Closed": True})
    for event in made[::5]:
        remove(events, f"/events/{event}")
    change(events, f"/locations/{place}", {"Country": "AT"})
    return made
