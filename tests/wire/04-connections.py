"""Kept connections, pipelines, and who has to go when threads run short."""
from wire import Server, run

GET = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"


def serves_many_requests_on_one_connection(program):
    "a connection is kept for as long as its client asks"
    with Server(program) as server, server.connect() as client:
        for i in range(500):
            answer = client.request("GET", f"/things/{i}")
            assert answer.json()["id"] == str(i) and answer.keeps, answer


def serves_a_pipeline_in_order(program):
    "requests sent at once are answered one by one, bodies included"
    with Server(program) as server, server.connect() as client:
        requests = b""
        for i in range(60):
            body = b"x" * (i * 37 % 700)
            requests += b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            requests += b"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /things/%d HTTP/1.1\r\nHost: a\r\n\r\n" % i
        client.send(requests)
        for i in range(60):
            assert client.answer().json()["body_bytes"] == i * 37 % 700
            assert client.answer(without_body=True).status == 200
            assert client.answer().json()["id"] == str(i)


def serves_a_request_in_any_pieces(program):
    "a request may arrive byte by byte, and its tail together with the next"
    with Server(program) as server, server.connect() as client:
        request = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        for i in range(len(request)):
            client.send(request[i:i + 1])
        assert client.answer().json()["body"] == "hello"
        for cut in range(1, len(request), 7):
            client.send(request[:cut])
            client.send(request[cut:] + GET)
            assert client.answer().json()["body"] == "hello"
            assert client.answer().json() == {"hello": "world"}


def ends_as_the_client_wishes(program):
    "Connection and the version decide; the answer says what happens"
    with Server(program) as server:
        for version, wish, keeps in (("1.1", None, True), ("1.1", "close", False), ("1.1", "keep-alive", True),
                                     ("1.1", "Close", False), ("1.1", "keep-alive, close", False), ("1.1", "k", False),
                                     ("1.1", "TE", False), ("1.0", None, False), ("1.0", "keep-alive", True),
                                     ("1.0", "close", False)):
            with server.connect() as client:
                for _ in range(3 if keeps else 1):
                    line = f"Connection: {wish}\r\n" if wish else ""
                    client.send(f"GET /hello HTTP/{version}\r\nHost: a\r\n{line}\r\n".encode())
                    answer = client.answer()
                    assert answer.status == 200 and answer.keeps == keeps, (version, wish, answer)
                if not keeps:
                    client.expect_closed()


def keeps_three_hundred_connections(program):
    "300 connections are kept at the same time"
    with Server(program, threads=512) as server:
        clients = [server.connect() for _ in range(300)]
        for turn in range(5):
            for client in clients:
                client.send(b"GET /things/%d HTTP/1.1\r\nHost: a\r\n\r\n" % turn)
            for client in clients:
                answer = client.answer()
                assert answer.json()["id"] == str(turn) and answer.keeps, answer
        for client in clients:
            client.__exit__()


def asks_to_go_when_threads_run_short(program):
    "with fewer than an eighth of the threads free, an answer ends its connection"
    with Server(program, threads=16) as server:
        kept = []
        for _ in range(14):
            kept.append(server.connect())
            assert kept[-1].request("GET", "/hello").keeps
        with server.connect() as last:
            assert not last.request("GET", "/hello").keeps
            last.expect_closed()
        for client in kept:
            client.__exit__()


def closes_idle_connections(program):
    "an idle connection is closed without a word"
    with Server(program, keep_alive=2000) as server, server.connect() as client:
        assert client.request("GET", "/hello").keeps
        client.expect_closed()


def closes_while_draining(program):
    "from drain on every answer ends its connection"
    with Server(program) as server, server.connect() as kept:
        assert kept.request("GET", "/hello").keeps
        server.tell("drain")
        assert server.hear() == "draining"
        assert not kept.request("GET", "/hello").keeps
        kept.expect_closed()
        with server.connect() as client:
            assert not client.request("GET", "/hello").keeps
            client.expect_closed()


if __name__ == "__main__":
    run(serves_many_requests_on_one_connection, serves_a_pipeline_in_order, serves_a_request_in_any_pieces,
        ends_as_the_client_wishes, keeps_three_hundred_connections, asks_to_go_when_threads_run_short,
        closes_idle_connections, closes_while_draining)
