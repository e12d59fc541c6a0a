"""Answers that come from another thread than the one that reads the connection."""
import socket
import struct

from wire import Server, eventually, run, small_window

WAIT = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE_BYTES = 3_000_000


def deferring(program, **options):
    return Server(program, defer="yes", **options)


def waiting(server):
    """How many answers are held. Each question comes over a connection of its own: a late answer would be its last."""
    with server.connect() as client:
        return client.request("GET", "/waiting").json()


def hold(server, client, request=WAIT):
    """Send a request whose answer is held until release()."""
    client.send(request)
    eventually(lambda: waiting(server) == 1)


def hear(server, n):
    """The next `n` lines of the log, but for how often hold() had to ask."""
    lines = []
    while len(lines) < n:
        line = server.hear()
        if " /waiting " not in line:
            lines.append(line)
    return lines


def release(server):
    with server.connect() as other:
        assert other.request("POST", "/release").status == 204


def what_follows_waits_for_its_turn(program):
    "requests behind one whose answer is deferred are answered after it"
    with deferring(program) as server, server.connect() as client:
        hold(server, client, WAIT + HELLO + b"GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n")
        release(server)
        assert client.answer().json() == {"hello": "world"}
        assert client.answer().json() == {"hello": "world"}
        assert client.answer().json()["id"] == "7"
        assert client.request("GET", "/hello").keeps


def what_cannot_be_read_waits_too(program):
    "the refusal of a head that cannot be read comes after the deferred answer before it"
    with deferring(program) as server, server.connect() as client:
        hold(server, client, WAIT + b"GET /hello HTTP/1.1\r\nHost a\r\n\r\n")
        release(server)
        assert client.answer().status == 200
        client.expect_problem(400, "bad-request")


def a_request_is_kept(program):
    "what comes in behind a request changes nothing in it, and its answer is for its origin"
    with deferring(program, log="yes") as server, server.connect() as client:
        head = b"GET /wait HTTP/1.1\r\nHost: a\r\nOrigin: http://localhost:3000\r\nX-Request-Id: r-1\r\n\r\n"
        hold(server, client, head)
        client.send(b"DELETE /things/9 HTTP/1.1\r\nHost: bbbbbbbb\r\nX-Request-Id: r-2\r\n\r\n" * 3)
        release(server)
        answer = client.answer()
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000", answer
        assert answer.headers["x-request-id"] == "r-1", answer
        lines = hear(server, 5)
        held = [line for line in lines if " /wait " in line]
        assert held == ["done GET /wait route=/wait status=200 error=none known_duration=1 id=r-1"], lines


def an_answer_that_is_late_is_the_last(program):
    "when the connection's time is over before its answer comes, the answer arrives, and says so"
    with deferring(program, keep_alive=200) as server, server.connect() as client:
        hold(server, client)
        with server.connect() as other:
            other.request("GET", "/hello")
            other.expect_closed()  # its time is over, and began later
        release(server)
        answer = client.answer()
        assert answer.status == 200 and not answer.keeps, answer
        client.expect_closed()


def a_client_that_does_not_wait(program):
    "an answer whose client has gone is for nobody"
    with deferring(program, log="yes", threads=4) as server:
        with server.connect() as client:
            hold(server, client)
        release(server)
        lines = sorted(hear(server, 2))
        assert "GET /wait " in lines[0] and "POST /release" in lines[1], lines
        for _ in range(12):
            with server.connect() as client:
                assert client.request("GET", "/hello").status == 200


def clients_that_do_not_read(program):
    "answers that are not taken hold up nobody else's, and arrive whole when they are"
    with deferring(program) as server:
        clients = [small_window(server) for _ in range(12)]
        for client in clients:
            client.send(b"GET /sizes/%d HTTP/1.1\r\nHost: a\r\n\r\n" % LARGE_BYTES + HELLO)
        with server.connect() as other:
            for _ in range(50):
                assert other.request("GET", "/hello").status == 200
        for client in clients:
            body = client.answer().body
            assert body == (b"abcdefghijklmnopqrstuvwxyz" * (LARGE_BYTES // 26 + 1))[:LARGE_BYTES], len(body)
            client.__exit__()


def a_client_that_reads_late(program):
    "thousands of requests sent before the first answer is read are all answered, in order"
    with deferring(program) as server, small_window(server) as client:
        n = 3000
        client.send(b"".join(b"GET /things/%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(n)))
        for i in range(n):
            answer = client.answer()
            assert answer.json()["id"] == str(i) and answer.keeps, answer


def a_client_that_resets(program):
    "a connection that its client has reset and begun anew from the same port gets nothing of the first one's"
    with deferring(program, stays_from=2) as server:
        for turn in range(50):
            with server.connect() as client:
                client.request("GET", "/hello")
                port = client.socket.getsockname()[1]
                client.send(b"GET /things/old-%d HTTP/1.1\r\nHost: a\r\n\r\n" % turn)
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with server.connect(from_port=port) as again:
                for i in range(3):
                    assert again.request("GET", f"/things/{turn}-{i}").json()["id"] == f"{turn}-{i}"


def answers_many_at_once(program):
    "thousands of deferred answers on many connections, each to its own request"
    with deferring(program) as server:
        clients = [server.connect() for _ in range(30)]
        for turn in range(60):
            for i, client in enumerate(clients):
                client.send(b"GET /things/%d-%d HTTP/1.1\r\nHost: a\r\n\r\n" % (turn, i))
            for i, client in enumerate(clients):
                assert client.answer().json()["id"] == f"{turn}-{i}"
        for client in clients:
            client.__exit__()


if __name__ == "__main__":
    run(what_follows_waits_for_its_turn, what_cannot_be_read_waits_too, a_request_is_kept,
        an_answer_that_is_late_is_the_last, a_client_that_does_not_wait, clients_that_do_not_read,
        a_client_that_reads_late, a_client_that_resets, answers_many_at_once)
