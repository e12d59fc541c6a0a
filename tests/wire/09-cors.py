"""Which web pages may read our answers, errors included."""
from wire import Server, run

LOCAL = "http://localhost:8080"


def permission(answer):
    assert answer.headers["vary"] == "Origin", answer
    return answer.headers.get("access-control-allow-origin")


def allows_local_pages(program):
    "pages from localhost may read every answer: 2xx, 204, 304 and errors"
    with Server(program) as server, server.connect() as client:
        for method, path, headers, status in (
                ("GET", "/hello", {}, 200), ("DELETE", "/things/1", {}, 204), ("HEAD", "/hello", {}, 200),
                ("GET", "/tagged", {"If-None-Match": '"7.2.9"'}, 304), ("GET", "/nowhere", {}, 404),
                ("POST", "/hello", {}, 405), ("GET", "/errors/sold-out", {}, 409), ("GET", "/errors/internal", {}, 500)):
            answer = client.request(method, path, headers={"Origin": LOCAL, **headers})
            assert answer.status == status and permission(answer) == LOCAL, answer
            assert "ETag" in answer.headers["access-control-expose-headers"], answer
            assert "access-control-allow-methods" not in answer.headers, answer


def allows_local_pages_to_read_refusals(program):
    "a refusal of a bad frame is readable as well"
    with Server(program) as server, server.connect() as client:
        client.send(f"POST /echo HTTP/1.1\r\nHost: a\r\nOrigin: {LOCAL}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())
        assert permission(client.expect_problem(411, "length-required")) == LOCAL


def allows_nobody_else(program):
    "other pages get the answer without permission, and so does a request without an origin"
    with Server(program) as server, server.connect() as client:
        for origin in ("http://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "null"):
            answer = client.request("GET", "/hello", headers={"Origin": origin})
            assert answer.status == 200 and permission(answer) is None, answer
        assert permission(client.request("GET", "/hello")) is None


def answers_preflights(program):
    "a preflight gets the methods of its own path"
    with Server(program) as server, server.connect() as client:
        for path, methods in (("/things/1", "GET, HEAD, PUT, DELETE, OPTIONS"), ("/numbers", "POST, OPTIONS")):
            answer = client.request("OPTIONS", path, headers={
                "Origin": LOCAL, "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "content-type,idempotency-key"})
            assert answer.status == 204 and permission(answer) == LOCAL, answer
            assert answer.headers["access-control-allow-methods"] == methods == answer.headers["allow"], answer
            allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
            assert {"content-type", "idempotency-key", "if-match"} <= set(allowed), answer
            assert int(answer.headers["access-control-max-age"]) > 0, answer
        answer = client.request("OPTIONS", "/nowhere", headers={
            "Origin": LOCAL, "Access-Control-Request-Method": "GET"})
        assert answer.status == 404 and permission(answer) == LOCAL, answer
        answer = client.request("OPTIONS", "/things/1", headers={
            "Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"})
        assert answer.status == 204 and permission(answer) is None, answer
        assert "access-control-allow-methods" not in answer.headers, answer


def allows_what_the_list_says(program):
    "a list replaces the local origins; a star is everybody"
    with Server(program, cors_origins="https://shop.example,https://b.example:8443") as server, server.connect() as client:
        for origin, allowed in (("https://shop.example", True), ("https://b.example:8443", True), (LOCAL, False),
                                ("https://b.example", False)):
            assert permission(client.request("GET", "/hello", headers={"Origin": origin})) == (origin if allowed else None)
    with Server(program, cors_origins="*") as server, server.connect() as client:
        assert permission(client.request("GET", "/hello", headers={"Origin": "http://any.example"})) == "*"
        assert permission(client.request("GET", "/hello", headers={"Origin": "null"})) == "*"


if __name__ == "__main__":
    run(allows_local_pages, allows_local_pages_to_read_refusals, allows_nobody_else, answers_preflights,
        allows_what_the_list_says)
