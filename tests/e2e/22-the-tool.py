"""myevents, the operator's tool: what passes is seen, what was parked is brought back, what was said is told again."""
import base64
import json
import os
import random
import signal
import subprocess
import time

from harness import eventually, run
from harness.proxy import Proxy
from harness.steps import book, make_bookable, make_event, wait_bookable, wait_published, wait_subscribed
from harness.world import BUILD

TOOL = os.path.join(BUILD, "tools", "myevents")
N_REDRIVEN = 3000
N_KILLS = 12
MIB = 1024 * 1024


def start(world, *words, **options):
    environment = {**os.environ, "AMQP_BROKER_URL": world.amqp_url}
    return subprocess.Popen([TOOL, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, **options)


def tool(world, *words, status=0, given=None):
    """Run a word to its end; what it printed."""
    process = start(world, *words, stdin=subprocess.PIPE)
    printed, said = process.communicate(given, timeout=60)
    assert process.returncode == status, f"{words}: {process.returncode}, {said}"
    return printed if status in (0, 1) else said


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def event(number, **members):
    return {"id": f"{number:024x}", "version": 1, "name": f"E{number}", "capacity": 1, "closed": False, **members}


def parked(reason="it was bad"):
    """Headers as a listener writes them."""
    return {"x-event-name": "event.created", "x-parked-reason": reason, "x-parked-by": "bookingservice@here#consumer",
            "x-parked-at": "2026-11-21T09:30:00.000Z", "x-parked-count": 5, "x-mine": "stays"}


def declare(world):
    with world.amqp() as amqp:
        for queue in ("booking", "booking.dead"):
            amqp.declare_queue(queue, arguments={"x-queue-type": "quorum"})


def park(world, messages, **options):
    with world.amqp() as amqp:
        amqp.confirm_select()
        for number, body in messages:
            amqp.publish("", "booking.dead", body, message_id=f"m{number}", headers=parked(**options))
        amqp.wait_for_confirms()


def drained(world, queue, n):
    """Take the n messages that have to lie in the queue, no more and no fewer."""
    eventually(lambda: world.waiting(queue) == n)
    messages = taken(world, queue)
    assert len(messages) == n, f"{queue} gave {len(messages)} messages"
    return messages


def taken(world, queue):
    """What lies in the queue now."""
    with world.amqp() as amqp:
        return amqp.take(queue)


def looked_at(world, n, *words, **options):
    """The same when so many messages lie there: what a look before has held comes back a moment after it."""
    eventually(lambda: world.waiting("booking.dead") == n)
    return tool(world, *words, **options)


def parked_messages_are_looked_at(world):
    "P19: dead list and dead show say what lies there and why, and take nothing"
    declare(world)
    park(world, [(number, event(number)) for number in range(1, 601)])
    park(world, [(601, b"\xff\x00"), (602, b"")], reason="quarantine")

    rows = lines(looked_at(world, 602, "dead", "list", "booking", "--json"))
    assert [row["id"] for row in rows] == [f"m{number}" for number in range(1, 603)]
    assert rows[0] == {"id": "m1", "name": "event.created", "reason": "it was bad",
                       "by": "bookingservice@here#consumer", "at": "2026-11-21T09:30:00.000Z", "attempts": 5,
                       "redriven": 0, "looks": 0, "size": len(json.dumps(event(1)))}, rows[0]
    assert len(lines(looked_at(world, 602, "dead", "list", "booking", "--json", "--reason", "quarant"))) == 2
    assert len(lines(looked_at(world, 602, "dead", "list", "booking", "--json", "--limit", "7"))) == 7
    assert not looked_at(world, 602, "dead", "list", "booking", "--name", "event.booked")
    assert "  m5  " in looked_at(world, 602, "dead", "list", "booking.dead", "--id", "m5")
    assert not looked_at(world, 602, "dead", "list", "booking", "--id", "m9999", status=1)

    shown = looked_at(world, 602, "dead", "show", "booking", "m7")
    assert json.dumps(event(7)) in shown and '"x-mine":"stays"' in shown, shown
    assert lines(looked_at(world, 602, "dead", "show", "booking", "m601", "--json"))[0]["body_base64"] == "/wA="
    looked_at(world, 602, "dead", "show", "booking", "m9999", status=1)
    eventually(lambda: world.waiting("booking.dead") == 602)


def what_was_mended_comes_back(world):
    "P19: redriven messages are handled, what is still bad is parked again and counted; dropped ones stand in a file"
    bookings = world.start_bookingservice()
    wait_subscribed(world, "booking")
    park(world, [(1, event(1)), (2, event(2)), (3, event(3, capacity="many"))])
    world.observe("another", routing_key="event.*")

    looked_at(world, 3, "dead", "redrive", "booking", "--id", "m2", "--dry-run")
    assert bookings.get(f"/events/{event(2)['id']}/availability").status == 404
    assert lines(looked_at(world, 3, "dead", "redrive", "booking", "--id", "m2", "--json")) == [{"moved": 1, "left": 2}]
    wait_bookable(bookings, event(2)["id"])
    assert looked_at(world, 2, "dead", "redrive", "booking") == "2 moved to booking, 0 left in booking.dead\n"
    wait_bookable(bookings, event(1)["id"])
    eventually(lambda: world.waiting("booking.dead") == 1)
    again = lines(tool(world, "dead", "list", "booking", "--json"))[0]
    assert (again["id"], again["redriven"]) == ("m3", 1) and "capacity" in again["reason"], again
    assert world.waiting("another") == 0, "another subscriber got it as well"

    tool(world, "dead", "drop", "booking", status=2)
    assert "--yes" in tool(world, "dead", "drop", "booking", status=2)
    dropped = tool(world, "dead", "drop", "booking", "--yes")
    assert lines(dropped)[0]["body"]["capacity"] == "many"
    assert world.waiting("booking.dead") == 0
    tool(world, "publish", "-", "--raw", "--to", "booking.dead", given=dropped)
    back = drained(world, "booking.dead", 1)[0]
    assert (back.id, back.json(), back.headers["x-redriven"]) == ("m3", event(3, capacity="many"), 1), back.headers
    assert back.headers["x-mine"] == "stays" and back.headers["x-parked-reason"] == again["reason"]


def what_is_too_large_stays(world):
    "P19: a message that is too large to be copied stays, is named, and holds up nothing behind it"
    with world.amqp() as amqp:
        amqp.declare_queue("large.dead", arguments={"x-queue-type": "quorum"})
        amqp.declare_queue("large", arguments={"x-queue-type": "quorum"})
        amqp.confirm_select()
        for number in range(1, 6):
            body = b" " * (16 * MIB + 1) if number == 3 else event(number)
            amqp.publish("", "large.dead", body, message_id=f"m{number}", headers=parked())
        amqp.wait_for_confirms()

    assert lines(tool(world, "dead", "redrive", "large", "--json", status=1)) == [{"moved": 4, "left": 1}]
    assert not tool(world, "dead", "drop", "large", "--id", "m3", status=1)
    assert [message.id for message in drained(world, "large", 4)] == ["m1", "m2", "m4", "m5"]
    assert drained(world, "large.dead", 1)[0].id == "m3"


def what_was_dropped_can_be_put_back(world):
    "P19: publish reads every line that dead drop writes, also that of the largest body which is no JSON"
    declare(world)
    body = b"\xff" * (16 * MIB)
    park(world, [(1, body)])
    path = os.path.join(world.folder, f"{world.id}.jsonl")
    with open(path, "w") as file:
        file.write(tool(world, "dead", "drop", "booking", "--yes"))

    assert " 1 published" in tool(world, "publish", "--raw", "--to", "booking.dead", path)

    back = drained(world, "booking.dead", 1)[0]
    assert back.id == "m1" and back.body == body, back.headers
    with open(path, "w") as file:
        file.write("x" * (32 * MIB + 1))
    assert f"more than {32 * MIB} bytes" in tool(world, "publish", "--raw", "--to", "booking.dead", path, status=3)


def a_killed_redrive_loses_nothing(world):
    "P19: dead redrive killed at any moment: each message is in one of the two queues at least"
    declare(world)
    bodies = {f"m{number}": {"n": number} for number in range(3 * N_REDRIVEN)}
    park(world, enumerate(bodies.values()))

    killed = 0
    with world.amqp() as amqp:
        for _ in range(N_KILLS):
            process = start(world, "dead", "redrive", "booking")
            enough = amqp.count("booking") + random.randint(0, 900)
            eventually(lambda: process.poll() is not None or amqp.count("booking") >= enough, pause=0.001)
            process.kill()
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
    target, source = [], []

    def nothing_is_lost():
        """each message is in one of the two queues"""
        target.extend(taken(world, "booking"))
        source.extend(taken(world, "booking.dead"))
        return {message.id for message in target + source} == bodies.keys()

    eventually(nothing_is_lost)
    print(f"       {killed} of {N_KILLS} killed, {len(target)} copies moved, {len(source)} left")
    assert all(message.json() == bodies[message.id] for message in target + source), "a body was changed"
    assert not any(name.startswith("x-parked") for message in target for name in message.headers)
    assert all(message.headers["x-mine"] == "stays" for message in target)


def an_interrupted_redrive_is_whole(world):
    "P19: Ctrl-C ends dead redrive with 130, and no message is then in both queues"
    declare(world)
    park(world, [(number, {"n": number}) for number in range(N_REDRIVEN)])
    for _ in range(3):
        process = start(world, "dead", "redrive", "booking")
        with world.amqp() as amqp:
            n_before = amqp.count("booking")
            eventually(lambda: amqp.count("booking") > n_before or process.poll() is not None, pause=0.001)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
        assert process.returncode in (0, 130) and " moved to booking" in said, (process.returncode, said)
    eventually(lambda: world.waiting("booking") + world.waiting("booking.dead") == N_REDRIVEN)
    n_moved = world.waiting("booking")
    ids = [message.id for message in drained(world, "booking", n_moved)]
    ids += [message.id for message in drained(world, "booking.dead", N_REDRIVEN - n_moved)]
    assert sorted(ids) == sorted(f"m{number}" for number in range(N_REDRIVEN)), f"{len(ids)} messages"


def a_booking_is_seen_as_it_passes(world):
    "P2: watch shows a booking while it passes, takes it from nobody, and ends with 130 by Ctrl-C"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    number = make_bookable(events, bookings, capacity=10)
    whole = start(world, "watch", "--json", "--count", "1", "event.booked")
    rows = start(world, "watch")
    assert "watching" in whole.stderr.readline() and "watching" in rows.stderr.readline()

    answer = book(bookings, number, 3)
    assert answer.status == 201, answer
    passed = lines(whole.communicate(timeout=20)[0])[0]
    assert whole.returncode == 0
    assert (passed["name"], passed["body"]["eventId"], passed["body"]["seats"]) == ("event.booked", number, 3), passed
    assert passed["source"] == "bookingservice" and passed["subject"] == number, passed
    row = rows.stdout.readline().split()
    assert row[1:3] == ["event.booked"] * 2 and row[-1] == passed["id"] and 0 <= int(row[4]) < 20000, row
    eventually(lambda: events.get(f"/events/{number}").json()["SeatsLeft"] == 7)
    rows.send_signal(signal.SIGINT)
    rows.communicate(timeout=20)
    assert rows.returncode == 130, rows.returncode


def what_was_said_is_told_again(world):
    "P17: replay of a log is what an observer recorded, from anywhere to anywhere; publishing it again changes nothing"
    world.observe("events seen", routing_key="event.*")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    made = [make_event(events, capacity=5, name=f"E{number} \u00e9") for number in range(40)]
    middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    eventually(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) > middle)
    made += [make_event(events, capacity=5, name=f"F{number}") for number in range(20)]
    wait_published(world)
    wait_bookable(bookings, made[-1])
    eventually(lambda: world.waiting("events seen") >= 60)
    recorded = [(message.id, message.name, message.body)
                for message in drained(world, "events seen", world.waiting("events seen"))]

    text = tool(world, "replay", "catalogue.log")
    told = lines(text)
    raw = [line.split('"body":', 1)[1][:-1].encode() for line in text.splitlines()]
    assert [(line["id"], line["name"], body) for line, body in zip(told, raw)] == recorded
    offsets = [line["offset"] for line in told]
    assert offsets == sorted(set(offsets)), offsets

    def ids(*words):
        return [line["id"] for line in lines(tool(world, "replay", "catalogue.log", *words))]

    every = [line["id"] for line in told]
    assert ids("--from", str(offsets[50])) == every[50:]
    assert ids("--from", str(offsets[7]), "--until", str(offsets[9])) == every[7:9]
    assert ids("--from", "1000000") == []
    assert ids("--from", middle) == [line["id"] for line in told if line["time"] >= middle]
    assert ids("--until", middle) == [line["id"] for line in told if line["time"] < middle]
    assert {line["body"]["name"][0] for line in told if line["time"] < middle} == {"E"}

    with world.amqp() as amqp:
        amqp.declare_queue("copy", arguments={"x-queue-type": "quorum"})
    tool(world, "replay", "catalogue.log", "--to", "copy")
    copied = drained(world, "copy", len(recorded))
    assert [(message.id, message.name, message.body) for message in copied] == recorded

    before = bookings.get("/events").json()
    parked_before = bookings.metric("myevents_messages_parked_total")
    assert f" {len(recorded)} published, 0 mistakes" in tool(world, "publish", "-", given=text)
    eventually(lambda: world.waiting("booking") == 0)
    again = [(message.id, message.name, message.body) for message in drained(world, "events seen", len(recorded))]
    assert again == recorded, "the same ids with other bodies"
    assert bookings.get("/events").json() == before
    assert bookings.metric("myevents_messages_parked_total") == parked_before


def mistakes_are_named(world):
    "P3: a message that breaks its contract is named with its line, and nothing of its file goes out"
    world.observe("observer")
    good = {"name": "event.removed", "body": {"id": "6566a1f0c3d2b4a596877801", "version": 3}}
    bad = {"name": "event.removed", "body": {"id": "6566a1f0c3d2b4a596877801", "version": -1}}
    path = os.path.join(world.folder, f"{world.id}.jsonl")
    with open(path, "w") as file:
        file.write("\n".join(map(json.dumps, [good, bad, good])) + "\n{\n")
    said = tool(world, "publish", path, status=2)
    assert "line 2: /version" in said and "line 4: " in said and "line 1" not in said, said
    assert world.waiting("observer") == 0

    given = json.dumps(good) + "\n\n" + json.dumps({"name": "no.binding", "body_base64": base64.b64encode(b"\0").decode()})
    assert " 1 published" in tool(world, "publish", "-", "--raw", "--to", "observer", given=json.dumps(bad))
    with world.amqp() as amqp:
        amqp.unbind("observer", "events", "#")
        amqp.bind("observer", "events", "event.*")
    assert " 1 published, 0 mistakes, 1 that" in tool(world, "publish", "-", "--raw", given=given, status=1)
    assert [message.json() for message in drained(world, "observer", 2)] == [bad["body"], good["body"]]

    assert "no.such" in tool(world, "dead", "list", "no.such", status=3)
    assert "no log" in tool(world, "replay", "observer", status=2)
    assert "--from" in tool(world, "replay", "x", "--from", "soon", status=2)
    assert "127.0.0.1:1" in tool(world, "watch", "--broker", "amqp://127.0.0.1:1/", status=3)


def lines_go_out_as_they_come(world):
    "P3: publish sends each line of standard input at once, and stays connected while nothing comes"
    world.observe("observer")
    address = world.amqp_url.split("@")[1].split("/")[0]
    host, port = address.split(":")
    with Proxy((host, int(port))) as proxy:
        process = start(world, "publish", "-", "--broker", world.amqp_url.replace(address, f"{host}:{proxy.port}"),
                        stdin=subprocess.PIPE)
        line = json.dumps({"name": "event.removed", "body": {"id": f"{1:024x}", "version": 3}})
        process.stdin.write(f"{line}\n{line[:20]}")
        process.stdin.flush()
        eventually(lambda: world.waiting("observer") == 1)
        said = proxy.up.carried

        eventually(lambda: proxy.up.carried > said, timeout=25)

        printed, _ = process.communicate(line[20:] + "\n", timeout=30)
    assert process.returncode == 0 and "2 published" in printed, printed
    assert world.waiting("observer") == 2


def there_is_something_to_sell(world):
    "P9: seed makes events with halls over HTTP, and changes nothing when it is done again"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    url = f"http://127.0.0.1:{events.port}"

    def seed(n, *words):
        return lines(tool(world, "seed", "--url", url, "--events", str(n), "--locations", "2", "--json", *words))[0]

    assert seed(7, "--seats", "6") == {"made": 9, "there": 0}
    assert seed(9, "--seats", "7") == {"made": 2, "there": 9}
    assert seed(1, "--seed", "2") == {"made": 3, "there": 0}
    assert lines(tool(world, "seed", "--url", f"{url}/", "--events", "9", "--locations", "2", "--json"))[0] == {
        "made": 0, "there": 11}
    made = events.get("/events").json()
    assert len(made) == 10 and all(row["Location"]["ID"] for row in made), made
    for row in made:
        wait_bookable(bookings, row["ID"])
    assert book(bookings, made[0]["ID"], 6).status == 201
    assert book(bookings, made[0]["ID"], 1).status == 409
    assert events.request("DELETE", f"/events/{made[0]['ID']}").status == 204
    assert seed(9) == {"made": 0, "there": 11}
    assert "127.0.0.1:1/locations" in tool(world, "seed", "--url", "http://127.0.0.1:1", status=3)
    assert "no URL" in tool(world, "seed", "--url", "ftp://127.0.0.1", status=2)


if __name__ == "__main__":
    run(parked_messages_are_looked_at, what_was_mended_comes_back, what_is_too_large_stays,
        what_was_dropped_can_be_put_back, a_killed_redrive_loses_nothing, an_interrupted_redrive_is_whole,
        a_booking_is_seen_as_it_passes, what_was_said_is_told_again, mistakes_are_named, lines_go_out_as_they_come,
        there_is_something_to_sell)
