"""Descriptors and memory run out. What was acknowledged stays, the rest is refused, and nothing grows."""
import collections
import http.client
import socket
import time
import urllib.parse

from harness import COME_AGAIN, at_once, eventually, run
from harness.proxy import Proxy
from harness.steps import (book, book_until_known, check_ledger, known, ledger_of, limited, make_bookable, new_key,
                           wait_bookable, wait_published)

DESCRIPTORS = 64
THREADS_OF_64 = 10
CLIENTS = 200
CLIENTS_OF_A_ROUND = 4
ROUNDS = 4


def insist(client, path, body, outcomes):
    """Ask with one key until the outcome is known, over a connection that stays open; count what came instead."""
    headers = {"Idempotency-Key": new_key()}

    def known():
        """the request has an outcome"""
        try:
            answer = client.post(path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            outcomes[type(error).__name__] += 1
            return None
        outcomes[answer.status] += 1
        return answer if answer.status < 500 and answer.status not in COME_AGAIN else None

    return eventually(known, 60)


def sixty_four_descriptors(world):
    "P12 P24: 200 clients at services that may open 64 files: alive throughout, each client has its answer, and it is stored"
    limit = f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"
    events, bookings = limited(world.new_eventservice(), limit), limited(world.new_bookingservice(), limit)
    event = make_bookable(events, bookings, CLIENTS // 2)
    outcomes = collections.Counter()
    slow = [socket.create_connection((service.host, service.port), 5)
            for service in (events, bookings) for _ in range(CLIENTS)]
    for connection in slow:
        connection.sendall(b"G")  # without a byte they would wait in the kernel
    assert all(service.health("/livez").status == 200 for service in (events, bookings))
    for connection in slow:
        connection.close()
    # Whoever has a connection keeps it, whatever is answered on it.
    clients = [(bookings if i % 2 else events).client() for i in range(CLIENTS)]

    def act(i):
        """Half of them book, half of them make events."""
        if i % 2:
            return insist(clients[i], f"/events/{event}/bookings", {"seats": 1}, outcomes)
        return insist(clients[i], "/events", {"Name": f"E{i}", "Capacity": 1}, outcomes)

    began = time.monotonic()
    answers = at_once(CLIENTS, act)
    print(f"       all had their answer after {time.monotonic() - began:.1f} s: {dict(outcomes)}")
    assert {answer.status for answer in answers} == {201}
    made = [answer.json()["ID"] for answer in answers]
    assert set(check_ledger(ledger_of(world, event), CLIENTS // 2)) == set(made[1::2])
    assert {str(row["_id"]) for row in world.events_db.find("events")} == {event, *made[::2]}
    for client in clients:
        client.close()
    wait_bookable(bookings, made[-2])
    assert book(bookings, made[-2]).status == 201
    eventually(lambda: all(service.open_files() < DESCRIPTORS - 16 for service in (events, bookings)))


def proxy_to(address):
    """A proxy before the server at this address."""
    host, port = address.rsplit(":", 1)
    return Proxy((host, int(port)))


def url_through(proxy, database):
    """Of a database. With the name of its replica set in it clients would go to the members that they are told of."""
    return f"mongodb://127.0.0.1:{proxy.port}/{database.name}?directConnection=true"


def a_full_line_is_told_at_once(world):
    "P24: a service that may open 64 files has few threads, and some of them stay free while nobody knows of one event"
    limit = f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"
    with proxy_to(world.bookings_db.address) as mongo:
        events = world.start_eventservice()
        bookings = limited(world.new_bookingservice(environment={"MONGO_URL": url_through(mongo, world.bookings_db)}), limit)
        event = make_bookable(events, bookings)
        assert book(bookings, event).status == 201
        mongo.stall()

        def act(_):
            """What was said, and after how many seconds."""
            began = time.monotonic()
            answer = book(bookings, event)
            return answer.json()["type"], time.monotonic() - began

        said = at_once(THREADS_OF_64, act)
        mongo.resume()
        told_at_once = [seconds for name, seconds in said if name == "/problems/busy"]
        print(f"       {dict(collections.Counter(name for name, _ in said))}, at once after {max(told_at_once, default=0):.2f} s")
        assert told_at_once, "all threads wait for one event"
        assert max(told_at_once) < min(seconds for name, seconds in said if name != "/problems/busy")
        assert book_until_known(bookings, event).status == 201


def one_round(events, bookings):
    """All that services do: make, change, sell, say again, refuse, give back, list, remove."""
    event = known(lambda: events.post("/events", {"Name": "Opera", "Capacity": 3}, {"Idempotency-Key": new_key()})).json()["ID"]
    wait_bookable(bookings, event)
    key = new_key()
    sold = [book_until_known(bookings, event, 1, key), book_until_known(bookings, event, 1, key),
            book_until_known(bookings, event, 2)]
    assert [answer.status for answer in sold] == [201] * 3, sold
    assert book_until_known(bookings, event, 1).status == 409
    assert book_until_known(bookings, event, "x").status == 400
    assert known(lambda: bookings.request("DELETE", f"/bookings/{sold[0].json()['ID']}")).status == 200
    for service, path in ((bookings, f"/events/{event}/bookings"), (bookings, "/events?limit=5"),
                          (events, "/events?limit=5"), (events, f"/events/{event}"), (events, "/nowhere")):
        known(lambda: service.get(path))
    assert known(lambda: events.request("PATCH", f"/events/{event}", {"Capacity": 1})).status == 200
    # Sent again after a 503 it is gone already.
    assert known(lambda: events.request("DELETE", f"/events/{event}")).status in (204, 404, 410)


def all_at_work(services):
    """every service is ready and has its connections to the broker"""
    return all(service.is_ready() and service.metric("myevents_emitter_connected") == 1
               and service.metric("myevents_listener_connected") == 1 for service in services)


def nothing_grows(world):
    "P24: rounds of everything, each ending with all connections cut: as many files as before, and memory within 5 %"
    amqp_address = urllib.parse.urlsplit(world.amqp_url).netloc.rsplit("@", 1)[-1]
    with proxy_to(world.events_db.address) as mongo, proxy_to(amqp_address) as amqp:
        # Few threads: each takes its stack once, at a time of its own.
        options = {"threads": 8}
        amqp_url = world.amqp_url.replace(amqp_address, f"127.0.0.1:{amqp.port}")
        services = [start(options, {"AMQP_BROKER_URL": amqp_url, "MONGO_URL": url_through(mongo, database)})
                    for start, database in ((world.start_eventservice, world.events_db),
                                            (world.start_bookingservice, world.bookings_db))]

        def used_after_rounds():
            """
            The most open files of each service after some rounds, and its least resident bytes: what a round happens
            to have in hand when it is looked at comes and goes, up to a tenth; what is never given back stays in the
            least as well.
            """
            used = []
            for _ in range(ROUNDS):
                at_once(CLIENTS_OF_A_ROUND, lambda i: one_round(*services))
                wait_published(world)
                amqp.cut(reset=True)
                mongo.cut(reset=True)
                eventually(lambda: all_at_work(services))
                used.append([(service.open_files(), service.resident_bytes()) for service in services])
            return [(max(files), min(sizes)) for files, sizes in (zip(*of_one) for of_one in zip(*used))]

        def is_as_before():
            """no service has more than it had"""
            for service, (files, size), (files_after, size_after) in zip(services, before, used_after_rounds()):
                print(f"       {service.name}: files {files}, then {files_after}; "
                      f"memory {size / 1e6:.2f} MB, then {size_after / 1e6:.2f} MB")
                # The pool of the database has a connection for each who asked at once.
                if files_after >= files + ROUNDS or size_after > size * 1.05:
                    return False
            return True

        used_after_rounds()  # to warm up
        before = used_after_rounds()
        # What leaks has more each time; what a small process keeps by chance may have been less at first.
        assert any(is_as_before() for _ in range(4)), "files are left open, or memory grows"


if __name__ == "__main__":
    run(sixty_four_descriptors, a_full_line_is_told_at_once, nothing_grows)
