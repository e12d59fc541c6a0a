"""
How long the copy of a large catalogue takes to be made anew from the log.

Events in a hundred locations are published to the log, with a change of every tenth. Then `myevents rebuild` makes the
copy for some rounds: from nothing, and in the place of the last one. No service runs, so that nothing else is measured.
"""
import json
import os
import secrets
import subprocess

from machine import processor_seconds, server_processes

from harness.copies import drop_copy, tool_command

LOCATIONS = 100
CHANGED_EVERY = 10
WANTED_S = 10  # of 100 000 events


def messages(n):
    """What a catalogue of this size has said."""
    places = [secrets.token_hex(12) for _ in range(LOCATIONS)]
    for number, place in enumerate(places):
        yield "location.created", {"id": place, "version": 1, "name": f"Opera {number}", "address": "Ring 2",
                                   "country": "AT", "open_time": 9, "close_time": 23,
                                   "halls": [{"name": "Great hall", "location": "left", "capacity": 2000}]}
    for number in range(n):
        event = {"id": secrets.token_hex(12), "version": 1, "name": f"Evening {number}",
                 "location_id": places[number % LOCATIONS], "location_name": f"Opera {number % LOCATIONS}",
                 "hall": "Great hall", "capacity": 2000, "closed": False, "duration": 180,
                 "start_date": "2027-01-01T19:00:00.000Z", "end_date": "2027-01-01T22:00:00.000Z"}
        yield "event.created", event
        if number % CHANGED_EVERY == 0:
            yield "event.updated", {**event, "version": 2, "name": f"Evening {number}, sold out"}


def fill_log(world, n):
    """Only the log is to have them: the service declares it, and its queue goes with it."""
    world.start_bookingservice().stop()
    with world.amqp() as amqp:
        amqp.delete_queue("booking")
    path = os.path.join(world.folder, "messages")
    n_messages = 0
    with open(path, "w") as file:
        for name, body in messages(n):
            file.write(json.dumps({"id": f"{body['id']}:{body['version']}", "name": name, "body": body}) + "\n")
            n_messages += 1
    command, environment = tool_command(world, "publish", path)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return n_messages


def rebuild(world, servers):
    """What the tool says, the most memory it used, and processor seconds by who used them."""
    before = {who: sum(map(processor_seconds, pids)) for who, pids in servers.items()}
    command, environment = tool_command(world, "rebuild", "--json")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    lines = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    used = {who: sum(map(processor_seconds, pids)) - before[who] for who, pids in servers.items()}
    used["myevents"] = usage.ru_utime + usage.ru_stime
    return json.loads(lines), usage.ru_maxrss * 1024 / 1e6, used


def measure(run):
    world, options = run.world, run.options
    n_messages = fill_log(world, options.events)
    run.say("log", f"{options.events} events, {n_messages} messages")
    servers = server_processes(run.servers)
    names = ("myevents", "mongod", "rabbitmq")
    run.say("", f"{'':24} {'seconds':>8} {'messages/s':>11} {'MB':>4}   processor seconds of {', '.join(names)}")
    slowest_s = 0
    for number in range(options.rounds):
        for name in ("from nothing", "in place of the last"):
            if name == "from nothing":
                drop_copy(world)
            result, used_mb, used = rebuild(world, servers)
            assert result["messages"] == n_messages, result
            took_s = result["took_ms"] / 1000
            slowest_s = max(slowest_s, took_s)
            run.say("", f"{number + 1}: {name:21} {took_s:8.2f} {n_messages / took_s:11.0f} {used_mb:4.0f} "
                    + " ".join(f"{used[who]:6.2f}" for who in names), seconds=took_s, messages=n_messages, peak_mb=used_mb)
    n_copied = world.bookings_db.command({"count": "copied_events"})["n"]
    assert n_copied == options.events, n_copied
    if options.events == 100000:
        run.wanted("seconds for 100 000 events, slowest", f"<= {WANTED_S}", slowest_s, slowest_s <= WANTED_S)
