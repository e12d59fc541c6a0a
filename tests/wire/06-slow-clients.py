"""Clients that send slowly or stop get an answer, and their thread goes to others."""
import select

from wire import Server, run, small_window

TIMEOUT_MS = 300
LARGE_BYTES = 15_000_000
LARGE = b"GET /sizes/%d HTTP/1.1\r\nHost: a\r\n\r\n" % LARGE_BYTES
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
    with Server(program, keep_alive=2000) as server, server.connect() as client:
        client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HT")
        assert client.answer().keeps
        client.expect_problem(400, "bad-request")


def clients_that_say_nothing(program):
    "clients that say nothing take nobody's thread, and are served when they speak"
    with Server(program, threads=8) as server:
        silent = [server.connect() for _ in range(200)]
        with server.connect() as client:
            assert client.request("GET", "/hello").status == 200
        for client in silent:
            assert client.request("GET", "/hello").status == 200
            client.__exit__()


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
        assert trickle(client, b"a", TIMEOUT_MS * 0.8) < 12
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


def take_all(client):
    data = b""
    try:
        while more := client.socket.recv(1 << 16):
            data += more
    except ConnectionResetError:
        pass
    return data


def a_client_that_does_not_read(program):
    "an answer that is not taken is cut off, and nothing follows it on its connection"
    with Server(program, request_timeout=TIMEOUT_MS, log="yes") as server, small_window(server) as client:
        client.send(LARGE + b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        assert "/sizes" in server.hear()
        data = take_all(client)
        assert data.count(b"HTTP/1.1") == 1 and b"hello" not in data and len(data) < LARGE_BYTES, len(data)
        with server.connect() as other:
            assert other.request("GET", "/things/1").status == 200
        assert "/things" in server.hear()


def a_client_that_reads_slowly(program):
    "an answer that is taken a little at a time, each just in time, does not hold its thread for long"
    with Server(program, request_timeout=TIMEOUT_MS, log="yes") as server, small_window(server) as client:
        client.send(LARGE)
        taken = 0
        while not select.select([server.process.stdout], [], [], TIMEOUT_MS / 3000)[0]:
            part = taken + LARGE_BYTES // 35
            while taken < part:
                more = client.socket.recv(part - taken)
                taken += len(more)
                if not more:
                    break
        assert "/sizes" in server.hear()
        taken += len(take_all(client))
        assert taken < LARGE_BYTES, taken


def a_client_that_leaves(program):
    "a client that leaves in the middle leaves no trace"
    with Server(program, threads=4) as server:
        for part in (b"", b"GET", HEAD, HEAD + b"hello", b"GET /sizes/5000000 HTTP/1.1\r\nHost: a\r\n\r\n") * 5:
            with server.connect() as client:
                client.send(part)
        with server.connect() as client:
            assert client.request("GET", "/hello").status == 200


if __name__ == "__main__":
    run(half_a_head, half_a_head_on_a_kept_connection, clients_that_say_nothing, half_a_body, a_trickling_head,
        a_trickling_body, a_body_slower_still, others_are_served, a_client_that_does_not_read,
        a_client_that_reads_slowly, a_client_that_leaves)
