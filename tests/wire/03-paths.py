"""Paths are split at slashes before they are decoded, and nothing climbs, ends early or breaks a line."""
import os
import random

from wire import Server, run


def encoded_bytes_stay_in_their_segment(program):
    "an encoded slash, dot, line break or question mark is part of its segment"
    with Server(program) as server, server.connect() as client:
        for sent, seen in (("a%2fb", "a/b"), ("..%2f..%2Fetc", "../../etc"), ("%2e%2e", ".."), ("..", ".."),
                           ("a%0d%0ab", "a\r\nb"), ("a%3fb", "a?b"), ("%25", "%"), ("a+b", "a+b"), ("%C3%A9", "\u00e9"),
                           ("%7Bid%7D", "{id}"), ("a;b=c", "a;b=c")):
            answer = client.request("GET", f"/things/{sent}")
            assert answer.status == 200 and answer.json()["id"] == seen, answer
            assert answer.json()["path"] == f"/things/{sent}", answer


def undecodable_paths_are_not_found(program):
    "an encoded NUL, a bad escape and bytes that are no UTF-8 are 404"
    with Server(program) as server, server.connect() as client:
        for path in ("/things/a%00b", "/things/%00", "/hello%00", "/hello%00/x", "/things/%", "/things/%4",
                     "/things/%zz", "/things/%ff", "/things/%c3", "/things/%ed%a0%80", "/%68ello%2f"):
            answer = client.request("GET", path)
            assert answer.status == 404 and answer.keeps, (path, answer)


def empty_and_climbing_segments_are_not_found(program):
    "empty segments do not vanish, and dots do not climb"
    with Server(program) as server, server.connect() as client:
        for path in ("/", "//hello", "/hello/", "/things/", "/things//", "//", "/x/../hello", "/./hello", "/Hello"):
            assert client.request("GET", path).status == 404, path
        assert client.request("GET", "/%68ello").status == 200


def long_uris(program):
    "2048 bytes of path and query are served, one more is 414"
    with Server(program) as server:
        with server.connect() as client:
            for target in ("/things/" + "a" * 2040, "/things/1?" + "a" * 2038):
                answer = client.request("GET", target)
                assert answer.status == 200 and len(target) == 2048, answer
        for target in ("/things/" + "a" * 2041, "/things/1?" + "a" * 2039, "/" + "a" * 9000):
            with server.connect() as client:
                client.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                client.expect_problem(414, "uri-too-long")


def random_paths(program):
    "random bytes in a path are answered, never with a 5xx"
    seed = int(os.environ.get("MYEVENTS_TEST_SEED", 1))
    print(f"seed {seed}")
    generator = random.Random(seed)
    alphabet = b"/////%%%%0022fFthings..+?&=" + bytes(range(1, 256))
    with Server(program) as server:
        client = server.connect()
        for _ in range(3000):
            path = b"/" + bytes(generator.choice(alphabet) for _ in range(generator.randrange(40)))
            client.send(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = client.answer()
            assert answer.status in (200, 400, 404, 505), (path, answer)
            if not answer.keeps:
                client.__exit__()
                client = server.connect()
        client.__exit__()


if __name__ == "__main__":
    run(encoded_bytes_stay_in_their_segment, undecodable_paths_are_not_found,
        empty_and_climbing_segments_are_not_found, long_uris, random_paths)
