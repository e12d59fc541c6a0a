"""Power is lost under load: of the database, of the broker, of both with all services; and nothing acknowledged is."""
import time

from harness.copies import compare, tool

from crowd import Crowd
from town import SERVERS

LOGS = ("catalogue.log", "bookings.log")
# How long there is load between two losses, in seconds.
LOAD_S = (0.5, 3)


def start_broker(town):
    """As docs/operations.md has it: a log of a broker that lost its power is deleted; the services declare it anew."""
    town.world.start_server("rabbitmq")
    for name in LOGS:
        town.world.management.delete_queue(name)


def database(town):
    "the database"
    town.world.kill_server("mongod")
    town.world.start_server("mongod")


def broker(town):
    "the broker"
    town.world.kill_server("rabbitmq")
    start_broker(town)


def everything(town):
    "everything"
    for name in SERVERS:
        town.world.kill_server(name)
    for service in town.services:
        service.kill()
    start_broker(town)
    town.start_everything()


ONCE = [database, database, broker, everything]


def lose(crowd, stage, kind):
    time.sleep(stage.chance.uniform(*LOAD_S))
    began = time.monotonic()
    kind(crowd.town)
    restarted = time.monotonic()
    crowd.await_well()
    if kind is not database:
        status, _ = tool(stage.world, "announce")
        assert status == 0, f"announce ended with {status}"
    print(f"          power of {kind.__doc__} lost: up after {restarted - began:.1f} s, well after"
          f" {time.monotonic() - restarted:.1f} s more", flush=True)


def run(stage):
    deadline = time.monotonic() + stage.minutes * 60
    kinds = []
    with Crowd(stage.world, stage.chance.randrange(10**6)) as crowd:
        crowd.come(stage.chance)
        while not kinds or time.monotonic() < deadline:
            deck = stage.chance.sample(ONCE, len(ONCE))
            for kind in deck:
                lose(crowd, stage, kind)
            kinds += deck
        crowd.go()
        checked = crowd.judge()
        assert checked.status == 0, checked
        assert None not in checked.summary["invariants"].values(), checked.summary
        assert compare(stage.world) == []
        complaints = stage.world.complaints()
        assert not complaints, "; ".join(complaints)
    forgotten = [row for _, row in stage.servers.forgotten]
    return (f"{len(kinds)} losses of power, {sum(row.bytes for row in forgotten)} bytes of"
            f" {sum(row.files for row in forgotten)} files and {sum(row.names for row in forgotten)} changes of folders"
            f" forgotten; {checked.summary['calls']} calls, {checked.summary['entries']} entries,"
            f" {checked.summary['messages']} messages, {checked.summary['violations']} violations")
