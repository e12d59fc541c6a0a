"""Clients that send slowly or stop get an answer, and their thread goes to others."""
import select

from wire import Server, run

TIMEOUT_MS = 300
HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"


def half_a_head(program):
    "half a head is 400 after the time for a request"
    with Server(program, request_timeout=TIMEOUT_MS) as server:
        for part in (b"G", b"GET /hello HTTP/1.1", b"GET /hello HTTP/1.1\r\nHost: a\r\n"):
            with server.connect() as client:
                client.send(part)
                client.expect_problem(400, "bad-request")


def half_a_head_on_a_kept_connection(program):
    "half a head after an answer is 400 after the time for an idle connection"
    with Server(program, keep_alive=TIMEOUT_MS) as server, server.connect() as client:
        assert client.request("GET", "/hello").keeps
        client.send(b"GET /hello HT")
        client.expect_problem(400, "bad-request")


def no_request_at_all(program):
    "a client that says nothing is closed without a word"
    with Server(program, request_timeout=TIMEOUT_MS) as server, server.connect() as client:
        client.expect_closed()


def half_a_body(program):
    "a body that stops is 408"
    with Server(program, request_timeout=TIMEOUT_MS) as server:
        for part in (b"", b"hello", b"a" * 999):
            with server.connect() as client:
                client.send(HEAD + part)
                client.expect_problem(408, "request-timeout")


def trickle(client, byte, pause_ms=TIMEOUT_MS / 6):
    """Send a byte whenever the server has been silent for a while, until it answers."""
    sent = 0
    while not select.select([client.socket], [], [], pause_ms / 1000)[0]:
        client.send(byte)
        sent += 1
    return sent


def a_trickling_head(program):
    "a head that comes byte by byte is 400 after the time for a request"
    with Server(program, request_timeout=TIMEOUT_MS) as server, server.connect() as client:
        client.send(b"GET /hello HTTP/1.1\r\nX: ")
        assert trickle(client, b"a") < 60
        client.expect_problem(400, "bad-request")


def a_trickling_body(program):
    "a body that comes byte by byte is 408 long before its end"
    with Server(program, request_timeout=TIMEOUT_MS) as server, server.connect() as client:
        client.send(HEAD)
        assert trickle(client, b"a") < 60
        client.expect_problem(408, "request-timeout")


def a_body_slower_still(program):
    "bytes that come each just in time do not add up to more than a few of these times"
    with Server(program, request_timeout=TIMEOUT_MS) as server, server.connect() as client:
        client.send(HEAD)
        assert trickle(client, b"a", TIMEOUT_MS * 0.8) < 8
        client.expect_problem(408, "request-timeout")


def others_are_served(program):
    "as many slow clients as threads hold others up only until their time is over"
    with Server(program, threads=8, request_timeout=TIMEOUT_MS) as server:
        slow = [server.connect() for _ in range(8)]
        for client in slow:
            client.send(HEAD)
        with server.connect() as client:
            assert client.request("GET", "/hello").status == 200
        for client in slow:
            client.__exit__()


def a_client_that_leaves(program):
    "a client that leaves in the middle leaves no trace"
    with Server(program, threads=4) as server:
        for part in (b"", b"GET", HEAD, HEAD + b"hello", b"GET /sizes/5000000 HTTP/1.1\r\nHost: a\r\n\r\n") * 5:
            with server.connect() as client:
                client.send(part)
        with server.connect() as client:
            assert client.request("GET", "/hello").status == 200


if __name__ == "__main__":
    run(half_a_head, half_a_head_on_a_kept_connection, no_request_at_all, half_a_body, a_trickling_head,
        a_trickling_body, a_body_slower_still, others_are_served, a_client_that_leaves)
