"""The subscribers of docs/write-a-subscriber.md, as they stand on the page."""
import os
import re
import signal
import sqlite3
import subprocess
import sys

from harness import eventually, run
from harness.servers import ROOT
from harness.steps import change, make_event, remove, wait_published, wait_subscribed
from harness.world import BUILD

PAGE = os.path.join(ROOT, "docs", "write-a-subscriber.md")


def block(language):
    """The one block of code in this language."""
    with open(PAGE) as file:
        blocks = re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1, (language, len(blocks))
    return blocks[0]


class Subscriber:
    """A process of its own folder, ended by kill -9 and started again."""

    def __init__(self, folder, command):
        self.folder = folder
        self.command = command
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        with open(self.path("log"), "a") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def path(self, name):
        return os.path.join(self.folder, name)


def folder_of(world, name, source, text):
    folder = os.path.join(world.folder, f"{world.id}-{name}")
    os.mkdir(folder)
    with open(os.path.join(folder, source), "w") as file:
        file.write(text)
    return folder


def c_subscriber(world):
    folder = folder_of(world, "c", "subscriber.c", block("c"))
    subprocess.run(block("sh"), shell=True, check=True, cwd=folder, env={**os.environ, "MYEVENTS": ROOT, "BUILD": BUILD})
    return Subscriber(folder, ["./subscriber", world.amqp_url])


def python_subscriber(world):
    folder = folder_of(world, "python", "subscriber.py", block("python"))
    return Subscriber(folder, [sys.executable, "-B", "subscriber.py", world.amqp_url, "names.db"])


def heard_in_c(subscriber):
    with open(subscriber.path("heard.txt")) as file:
        return set(file.read().split())


def versions_in_python(subscriber):
    try:
        with sqlite3.connect(subscriber.path("names.db"), timeout=10) as database:
            return {event: (version, name) for event, version, name in database.execute("SELECT * FROM events")}
    except sqlite3.OperationalError:
        return {}  # it has not made its tables yet


def rename(events, event, name):
    change(events, f"/events/{event}", {"Name": name})


def change_all(events, made):
    """A change, and a removal of the first: versions 2."""
    for event in made[1:]:
        rename(events, event, f"new {event}")
    remove(events, f"/events/{made[0]}")


def expect(c, python, state):
    """Both have heard of every event in its version."""
    ids = {f"{event}:{version}" for event, (version, _) in state.items()}

    def heard():
        """the subscriber in C has every message"""
        return ids <= heard_in_c(c)

    def kept():
        """the subscriber in Python has every state"""
        found = versions_in_python(python)
        assert found == state, found
        return True

    eventually(heard)
    eventually(kept)


def both_hear_everything(world):
    "P2 P17 P21 P34: the subscribers in C and Python start late, live through kill -9, and have all; no publisher notices"
    events = world.start_eventservice()
    made = [make_event(events, name=f"E{i}") for i in range(20)]
    change_all(events, made)
    state = {event: (2, f"new {event}") for event in made[1:]} | {made[0]: (2, None)}

    with c_subscriber(world) as c, python_subscriber(world) as python:
        expect(c, python, state)
        for queue in ("heard", "names"):
            wait_subscribed(world, queue)

        c.kill(), python.kill()
        made = [make_event(events, name=f"F{i}") for i in range(20)]
        c.start(), python.start()
        made.append(make_event(events, name="F20"))
        change_all(events, made)
        expect(c, python, state | {event: (2, f"new {event}") for event in made[1:]} | {made[0]: (2, None)})

    wait_published(world)
    assert events.metric("myevents_emitter_connects_total") == 1
    assert events.metric("myevents_messages_failed_total") == events.metric("myevents_messages_returned_total") == 0
    with world.amqp() as amqp:
        assert amqp.count("heard.dead") == amqp.count("names.dead") == 0


def python_parks_what_it_cannot_read(world):
    "P19: a bad message is parked with a reason by the subscriber in Python, the good ones around it are taken"
    events = world.start_eventservice()
    with python_subscriber(world) as python:
        wait_subscribed(world, "names")
        with world.amqp() as amqp:
            amqp.confirm_select()
            for body in ("{", "[]", {"id": "1", "version": "one"}):
                amqp.publish("events", "event.created", body)
            amqp.wait_for_confirms()
        event = make_event(events, name="good")

        eventually(lambda: versions_in_python(python) == {event: (1, "good")})
        with world.amqp() as amqp:
            eventually(lambda: amqp.count("names.dead") == 3)
            parked = list(amqp.take("names.dead"))
    assert all(message.headers["x-parked-by"] == "names" and message.headers["x-parked-reason"] for message in parked)


if __name__ == "__main__":
    run(both_hear_everything, python_parks_what_it_cannot_read)
