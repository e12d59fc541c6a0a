"""Well-formed requests and what every answer has: headers, methods, problems."""
from wire import Server, run

STATUSES = {"invalid": 400, "not-found": 404, "gone": 410, "sold-out": 409, "unsupported": 415, "unavailable": 503,
            "internal": 500}


def answers_a_get(program):
    "a GET is answered with its body and its length"
    with Server(program) as server, server.connect() as client:
        answer = client.request("GET", "/hello")
        assert answer.status == 200 and answer.json() == {"hello": "world"}, answer
        assert answer.headers["content-type"] == "application/json", answer


def answers_a_head(program):
    "HEAD has the headers of GET and no body, also when it is an error"
    with Server(program) as server, server.connect() as client:
        get, head = client.request("GET", "/hello"), client.request("HEAD", "/hello")
        assert head.status == 200 and head.headers["content-length"] == str(len(get.body)), head
        assert client.request("HEAD", "/nowhere").status == 404
        assert client.request("GET", "/hello").body == get.body, "the connection is out of step"


def answers_options(program):
    "OPTIONS is 204 with the methods of the path, and 404 where there is none"
    with Server(program) as server, server.connect() as client:
        answer = client.request("OPTIONS", "/things/1")
        assert answer.status == 204 and answer.headers["allow"] == "GET, HEAD, PUT, DELETE, OPTIONS", answer
        assert client.request("OPTIONS", "/nowhere").status == 404


def refuses_other_methods(program):
    "a method that the path lacks is 405 with Allow, whatever the method is"
    with Server(program) as server, server.connect() as client:
        for method in ("POST", "PATCH", "PROPFIND", "LOCK", "REPORT"):
            answer = client.request(method, "/things/1")
            assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD, PUT, DELETE, OPTIONS", answer
            assert answer.json()["type"] == "/problems/method-not-allowed" and answer.keeps, answer


def knows_no_other_paths(program):
    "a path without a route is 404, also with a body, and the connection stays"
    with Server(program) as server, server.connect() as client:
        for method, body in (("GET", None), ("POST", b'{"a":1}'), ("DELETE", None)):
            answer = client.request(method, "/nowhere", body)
            assert answer.status == 404 and answer.json()["type"] == "/problems/not-found" and answer.keeps, answer


def turns_errors_into_problems(program):
    "an error of a handler becomes a problem with its members, and nothing else of what was built"
    with Server(program) as server, server.connect() as client:
        for name, status in STATUSES.items():
            answer = client.request("GET", f"/errors/{name}")
            assert (answer.status, answer.json()["type"]) == (status, f"/problems/{name}"), answer
            assert answer.json()["seatsLeft"] == 3 and b"half" not in answer.body, answer


def names_bad_members(program):
    "a bad member is named by its pointer"
    with Server(program) as server, server.connect() as client:
        for body in (b'{"number":99}', b'{"number":"1"}', b"{}"):
            answer = client.request("POST", "/numbers", body)
            assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == "/number", answer
        answer = client.request("POST", "/numbers", b'{"Number":9}')
        assert answer.status == 201 and answer.headers["location"] == "/numbers/1", answer


def accepts_the_types_that_clients_send(program):
    "JSON is accepted under the names clients give it, anything else is 415"
    with Server(program) as server, server.connect() as client:
        for name, status in (("application/json; charset=utf-8", 201), ("text/plain;charset=UTF-8", 201),
                             ("application/x-www-form-urlencoded", 201), ("application/vnd.a+json", 201),
                             ("application/json   ", 201), ("application/xml", 415), ("multipart/form-data", 415),
                             ("application/\xff", 415)):
            answer = client.request("POST", "/numbers", b'{"number":9}', {"Content-Type": name})
            assert answer.status == status, (name, answer)


def reads_query_parameters(program):
    "query parameters are decoded, and refused when they cannot be"
    with Server(program) as server, server.connect() as client:
        for query, value in (("value=a%20b+c", "a b c"), ("x=1&value=%C3%A9", "\u00e9"), ("x=1", "absent"),
                             ("", "absent"), ("value=?a=b", "?a=b"), ("value", "")):
            answer = client.request("GET", f"/query?{query}")
            assert answer.json() == {"value": value}, answer
        for query in ("value=%00", "value=%ff", "value=1&value=2", "value=" + "a" * 32, "value=%"):
            answer = client.request("GET", f"/query?{query}")
            assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == "?value", answer


def keeps_request_ids(program):
    "a well-formed X-Request-Id is taken over, anything else replaced, and no two made ones are equal"
    with Server(program) as server, server.connect() as client:
        for sent in ("abc-1._Z", "a" * 64):
            answer = client.request("GET", "/things/1", headers={"X-Request-Id": sent})
            assert answer.headers["x-request-id"] == sent == answer.json()["request_id"], answer
        made = set()
        for sent in ("", "a" * 65, "a b", "a\"b", "<script>", "\xe9"):
            answer = client.request("GET", "/nowhere", headers={"X-Request-Id": sent})
            assert answer.headers["x-request-id"] != sent, answer
            made.add(answer.headers["x-request-id"])
        assert len(made) == 6, made


def has_no_body_with_204(program):
    "204 has neither body nor length"
    with Server(program) as server, server.connect() as client:
        answer = client.request("DELETE", "/things/1")
        assert answer.status == 204 and "content-type" not in answer.headers, answer
        assert client.request("GET", "/hello").status == 200


def takes_the_absolute_form(program):
    "a target with scheme and host is understood"
    with Server(program) as server, server.connect() as client:
        answer = client.request("GET", f"http://somewhere:{server.port}/things/1?a=b")
        assert answer.status == 200 and answer.json()["path"] == "/things/1" and answer.json()["query"] == "a=b", answer


def leaves_requests_to_others_unanswered(program):
    "OPTIONS * and a target with another port end their connection without an answer"
    with Server(program, log="yes") as server:
        for line in (b"OPTIONS *", b"GET http://somewhere/hello", b"GET https://somewhere/hello",
                     b"DELETE http://somewhere:%d/things/1" % (server.port ^ 1)):
            with server.connect() as client:
                client.send(line + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                client.expect_closed()
        with server.connect() as client:
            assert client.request("GET", "/things/last").status == 200
        assert "/things/last" in server.hear()


def does_not_become_a_websocket(program):
    "a request to become a WebSocket is a plain request, and the last of its connection"
    with Server(program) as server:
        for wish in ("Upgrade", "keep-alive, Upgrade"):
            with server.connect() as client:
                answer = client.request("GET", "/hello", headers={
                    "Connection": wish, "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
                assert answer.status == 200 and not answer.keeps, answer
                client.expect_closed()


def answers_preflights_by_itself(program):
    "the library's own answer to preflights stays away"
    with Server(program) as server, server.connect() as client:
        answer = client.request("OPTIONS", "/hello", headers={
            "Origin": "http://evil.example", "Access-Control-Request-Method": "GET"})
        assert answer.status == 204 and "access-control-allow-origin" not in answer.headers, answer


if __name__ == "__main__":
    run(answers_a_get, answers_a_head, answers_options, refuses_other_methods, knows_no_other_paths,
        turns_errors_into_problems, names_bad_members, accepts_the_types_that_clients_send, reads_query_parameters,
        keeps_request_ids, has_no_body_with_204, takes_the_absolute_form, leaves_requests_to_others_unanswered,
        does_not_become_a_websocket, answers_preflights_by_itself)
