"""Bodies have a limit of their own on each route, and large answers arrive whole."""
from wire import Server, run

KIB = 1024


def limits_each_route(program):
    "a body at the limit is served, one byte more is 413"
    with Server(program) as server:
        for path, limit in (("/echo", 16 * KIB), ("/large", 1024 * KIB), ("/nowhere", 16 * KIB)):
            with server.connect() as client:
                answer = client.request("POST", path, b"a" * limit)
                assert answer.status == (404 if path == "/nowhere" else 200), (path, answer)
                assert answer.keeps or len(answer.body) > 1 << 20, path  # a deferred one of that size is the last
            with server.connect() as client:
                client.send(b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (path.encode(), limit + 1))
                client.send(b"a" * (limit + 1))
                client.expect_problem(413, "too-large")


def refuses_before_the_body_comes(program):
    "413 does not wait for a body, however long it claims to be"
    with Server(program, request_timeout=200) as server:
        for length in (b"16385", b"1000000000000", b"9" * 40):
            with server.connect() as client:
                client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + b"\r\n\r\n")
                client.expect_problem(413, "too-large")


def lets_a_refused_client_finish(program):
    "who is refused in the middle of a body may send the rest and gets no reset"
    with Server(program) as server, server.connect() as client:
        client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (40 * KIB))
        assert client.answer().status == 413
        for _ in range(40):
            client.socket.sendall(b"a" * KIB)
        assert client.socket.recv(1) == b""


def says_go_on(program):
    "a client that waits for 100 gets it, unless its request is refused"
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with Server(program) as server:
        with server.connect() as client:
            for _ in range(2):
                client.send(head % 5)
                assert (client.line(), client.line()) == ("HTTP/1.1 100 Continue", "")
                client.send(b"hello")
                assert client.answer().json()["body"] == "hello"
        with server.connect() as client:
            client.send(head % 20000)
            client.expect_problem(413, "too-large")
        with server.connect() as client:
            client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 5\r\n\r\nhello")
            client.expect_problem(417, "expectation-failed")
        with server.connect() as client:
            client.send(b"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
            assert client.answer().json()["body"] == "hello", "the old version knows no 100"


def takes_bodies_where_none_is_needed(program):
    "a body of a GET or DELETE is read and does not become the next request"
    with Server(program) as server, server.connect() as client:
        for method, status in (("GET", 200), ("DELETE", 204)):
            assert client.request(method, "/things/1", b"GET /smuggled HTTP/1.1\r\n\r\n").status == status
        assert client.request("GET", "/hello").json() == {"hello": "world"}


def keeps_every_byte(program):
    "a body may hold any bytes, and an empty one is empty"
    with Server(program) as server, server.connect() as client:
        assert client.request("POST", "/echo", bytes(range(256))).json()["body_bytes"] == 256
        assert client.request("POST", "/echo", b"\r\n\r\n").json()["body"] == "\r\n\r\n"
        assert client.request("POST", "/echo", b"").json()["body_bytes"] == 0
        assert client.request("POST", "/echo").json()["body_bytes"] == 0


def writes_large_answers(program):
    "an answer of some megabytes arrives whole, also through a slow reader"
    with Server(program) as server, server.connect() as client:
        for n in (0, 1, 8191, 8192, 70000, 5000000):
            answer = client.request("GET", f"/sizes/{n}")
            assert len(answer.body) == n and answer.body[:26] == b"abcdefghijklmnopqrstuvwxyz"[:n], n


def answers_that_become_too_large(program):
    "an answer above the ceiling of answers is our fault, 500, and the connection goes on"
    with Server(program) as server, server.connect() as client:
        client.send(b"GET /sizes/17000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.expect_problem(500, "internal", closes=False)
        assert client.request("GET", "/errors/too-large").status == 413
        assert client.request("GET", "/hello").status == 200


if __name__ == "__main__":
    run(limits_each_route, refuses_before_the_body_comes, lets_a_refused_client_finish, says_go_on,
        takes_bodies_where_none_is_needed, keeps_every_byte, writes_large_answers,
        answers_that_become_too_large)
