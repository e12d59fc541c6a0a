"""How it ends, and what an observer is told."""
from wire import Server, eventually, run


def waits_for_requests_in_hand(program):
    "a stop waits for the request in hand, and its answer arrives"
    with Server(program) as server, server.connect() as waiting, server.connect() as client:
        waiting.send(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        eventually(lambda: client.request("GET", "/waiting").json() == 1)
        server.stop()
        eventually(lambda: not client.request("GET", "/hello").keeps)
        with server.connect() as late:
            assert late.request("POST", "/release").status == 204
        answer = waiting.answer()
        assert answer.status == 200 and not answer.keeps, answer
        waiting.expect_closed()


def stops_with_idle_connections(program):
    "idle connections do not hold up a stop for long"
    with Server(program) as server:
        for _ in range(5):
            client = server.connect()
            assert client.request("GET", "/hello").keeps


def tells_the_observer(program):
    "an observer hears of every request: route, status, error, request id"
    with Server(program, log="yes") as server:
        for method, path, words in (
                ("GET", "/hello", "route=/hello status=200 error=none"),
                ("HEAD", "/things/1", "route=/things/{id} status=200 error=none"),
                ("OPTIONS", "/hello", "route=none status=204 error=none"),
                ("GET", "/nowhere", "route=none status=404 error=not-found"),
                ("POST", "/hello", "route=none status=405 error=invalid"),
                ("GET", "/errors/sold-out", "route=/errors/{name} status=409 error=sold-out")):
            with server.connect() as client:
                client.request(method, path, headers={"X-Request-Id": "r-1"})
            assert server.hear() == f"done {method} {path} {words} known_duration=1 id=r-1"
        with server.connect() as client:
            client.send(b"TRACE / HTTP/1.1\r\n\r\n")
            answer = client.expect_problem(400, "bad-request")
        assert server.hear() == ("done   route=none status=400 error=invalid known_duration=1 "
                                 f"id={answer.headers['x-request-id']}")


if __name__ == "__main__":
    run(waits_for_requests_in_hand, stops_with_idle_connections, tells_the_observer)
