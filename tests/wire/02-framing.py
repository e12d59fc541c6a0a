"""Requests whose frame two readers could see differently are refused, and their connection is closed."""
from wire import Server, run

GOOD = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"


def post(*lines, body=b""):
    return b"\r\n".join([b"POST /echo HTTP/1.1", b"Host: localhost", *lines, b"", body])


def expect(program, status, name, *requests):
    """Each request gets the refusal, and what was smuggled behind it no answer."""
    with Server(program) as server:
        for request in requests:
            with server.connect() as client:
                client.send(request)
                client.expect_problem(status, name)


def two_lengths(program):
    "two Content-Length headers are 400, equal or not"
    expect(program, 400, "bad-request",
           post(b"Content-Length: 5", b"Content-Length: 4", body=b"hello"),
           post(b"Content-Length: 5", b"content-length: 5", body=b"hello"),
           post(b"Content-Length: 5, 5", body=b"hello"))


def length_and_chunks(program):
    "Content-Length beside Transfer-Encoding is 400 in either order"
    chunked = b"5\r\nhello\r\n0\r\n\r\n"
    expect(program, 400, "bad-request",
           post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=chunked),
           post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=chunked),
           post(b"Content-Length: 0", b"Transfer-Encoding: identity"))


def chunks(program):
    "a chunked body is 411, with extensions, trailers and in any case of letters"
    expect(program, 411, "length-required",
           post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
           post(b"transfer-encoding: Chunked", body=b"5;name=value\r\nhello\r\n0\r\n\r\n"),
           post(b"Transfer-Encoding: chunked", body=b"zz\r\n"),
           post(b"Transfer-Encoding: identity", body=b""))


def other_codings(program):
    "a transfer coding that nobody knows is 400"
    expect(program, 400, "bad-request",
           post(b"Transfer-Encoding: gzip, chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
           post(b"Transfer-Encoding: xchunked"))


def lengths_that_are_no_numbers(program):
    "a Content-Length that only begins as a number is 400"
    expect(program, 400, "bad-request",
           *(post(b"Content-Length: " + value, body=b"hello") for value in
             (b"5abc", b"+5", b"5 5", b"0x5", b"5.0", b"5;", b"05,")))


def no_host(program):
    "HTTP/1.1 without Host, or with two, or with one that is no host, is 400"
    expect(program, 400, "bad-request",
           b"GET /hello HTTP/1.1\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nAccept: */*\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nHost: user@a\r\n\r\n")


def no_host_in_the_old_version(program):
    "HTTP/1.0 needs no Host"
    with Server(program) as server, server.connect() as client:
        client.send(b"GET /hello HTTP/1.0\r\n\r\n")
        answer = client.answer()
        assert answer.status == 200 and not answer.keeps, answer
        client.expect_closed()


def folded_lines(program):
    "a folded line is 400: the library would lose the headers behind it"
    expect(program, 400, "bad-request",
           post(b"X-Folded: a", b" b", b"Content-Length: 42", body=GOOD),
           b"GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n",
           b"GET /hello HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n")


def lines_that_are_no_headers(program):
    "a line without a colon, a name with a blank before it, a lone CR or LF are 400"
    expect(program, 400, "bad-request",
           post(b"Content-Length : 5", body=b"hello"),
           post(b"nonsense"),
           post(b": no name"),
           post(b"X-A: 1\rX-B: 2"),
           post(b"X-A: 1\nX-B: 2"),
           b"GET /hello HTTP/1.1\nHost: localhost\nX-A: 1\r\n\r\n",
           post(b"X-A: a\x00b"),
           post(b"X-A: a\x01b"),
           post(b"X\xc3\xa9: 1"))


def heads_that_end_in_lone_lfs(program):
    "a head whose last line breaks are lone LFs is 400, whatever its thread has read before"
    with Server(program, threads=1) as server:
        for before in (b"Host: a\r\n\r\n", b"Host: a\r\n\r\n" + GOOD, b"Host: abc\r\n\r\n",
                       b"Host: a\r\nX: b\r\n\r\n", b"Host: a" + b"a" * 500 + b"\r\n\r\n"):
            for end, status in ((before, 200), (b"Host: a\n\n", 400), (b"Host: abcd\n\n", 400), (b"Host: a\r\n\n", 400)):
                with server.connect() as client:
                    client.send(b"GET /hello HTTP/1.1\r\n" + end)
                    assert client.answer().status == status, (before, end)
        with server.connect() as client:
            start = b"POST /echo HTTP/1.1\r\nHost: a\r\nX: "
            client.send(start + b"a" * (16384 - len(start) - 2) + b"\n\n")
            client.expect_problem(400, "bad-request")


def headers_that_are_lost(program):
    "a change is not made where the library could have lost the headers"
    expect(program, 400, "bad-request",
           b'DELETE /things/1 HTTP/1.0\r\n:x\r\nIf-Match: "1"\r\n\r\n',
           b'DELETE /things/1 HTTP/1.0\r\n   :x\r\nIf-Match: "1"\r\n\r\n',
           b'DELETE /things/1 HTTP/1.0\r\n\xc3\xa9: 1\r\nIf-Match: "1"\r\n\r\n',
           b"DELETE /things/1 HTTP/1.0\r\n\r\n",
           b"GET /hello HTTP/1.0\r\n:x\r\nAccept: */*\r\n\r\n")


def short_bodies(program):
    "a body that ends before its length is 400 and reaches no handler"
    with Server(program, log="yes") as server, server.connect() as client:
        client.send(post(b"Content-Length: 10", body=b"hello"))
        client.socket.shutdown(1)
        client.expect_problem(400, "bad-request")
        assert "status=400 error=invalid" in server.hear()


def many_headers(program):
    "60 headers are 431, 59 are fine, and none vanishes"
    with Server(program) as server:
        with server.connect() as client:
            for n in (59, 1, 30):
                lines = b"".join(b"X-%d: a\r\n" % i for i in range(n - 1))
                client.send(b"GET /things/1 HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n")
                answer = client.answer()
                assert answer.status == 200 and answer.json()["headers"] == n, answer
        for n in (60, 61, 64, 65, 66, 200):
            with server.connect() as client:
                lines = b"".join(b"X-%d: a\r\n" % i for i in range(n - 2))
                client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\n" + lines + b"Content-Length: 3\r\n\r\nabc")
                client.expect_problem(431, "headers-too-large")


def what_the_library_refuses(program):
    "what the library refuses before us is a problem, too"
    with Server(program) as server:
        for status, name, request in (
                (400, "bad-request", b"TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"FOO /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"get /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET hello HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET /hello\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET /hello SPDY/3\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "bad-request", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40),
                (400, "bad-request", b"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20000),
                (411, "length-required", post(b"Content-Length: abc", body=b"hello")),
                (411, "length-required", post(b"Content-Length: -1", body=b"hello")),
                (505, "version-not-supported", b"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"),
                (505, "version-not-supported", b"GET /hello HTTP/1.2\r\nHost: a\r\n\r\n")):
            with server.connect() as client:
                client.send(request)
                client.expect_problem(status, name)


def blanks_before_a_request(program):
    "blanks before a request are 400 and it reaches no handler, but for one empty line, which is forgiven"
    request = b"DELETE /things/1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n\r\n"
    with Server(program, log="yes") as server:
        for blanks in (b"\r\n\r\n", b"\n\n", b"   \r\n\r\n", b"\n", b" ", b"\t", b"\r\n\r\n\r\n", b"\r\n "):
            with server.connect() as client:
                client.send(blanks + request)
                assert client.expect_problem(400, "bad-request").headers["x-request-id"] != "mine"
            assert "/things" not in server.hear(), blanks
        with server.connect() as client:
            body = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            client.send((b"\r\n" + body) * 3)
            for _ in range(3):
                assert client.answer().json()["body"] == "hello"
            client.send(b"\r\n" * 2 + body)
            client.expect_problem(400, "bad-request")


def what_others_left_behind(program):
    "blanks do not bring to life what an earlier client left in the buffer of a thread"
    secret = b"DELETE /things/1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: secret\r\n\r\n"
    with Server(program, log="yes", threads=1) as server:
        for size in (64, 80, 81):
            with server.connect() as victim:
                head = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: "
                victim.send(head + b"a" * (size - len(head) - 4) + b"\r\n\r\n" + secret)
                assert victim.answer().status == 200
                victim.expect_closed()
            assert "/hello" in server.hear()
            with server.connect() as stranger:
                stranger.send(b" " * (size - 4) + b"\r\n\r\n")
                assert stranger.expect_problem(400, "bad-request").headers["x-request-id"] != "secret"
            assert "/things" not in server.hear()


def nothing_is_smuggled(program):
    "what stands behind a refused request is never served"
    with Server(program, log="yes") as server:
        for request in (post(b"Content-Length: 5abc", body=b"hello"), post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
                        post(b"Content-Length: 0", b"Content-Length: 42")):
            with server.connect() as client:
                client.send(request + GOOD)
                assert client.answer().status in (400, 411)
                client.expect_closed()
            assert "/echo" in server.hear()
        with server.connect() as client:
            assert client.request("GET", "/things/last").status == 200
        assert "/things/last" in server.hear()


if __name__ == "__main__":
    run(two_lengths, length_and_chunks, chunks, other_codings, lengths_that_are_no_numbers, no_host,
        no_host_in_the_old_version, folded_lines, lines_that_are_no_headers, heads_that_end_in_lone_lfs,
        headers_that_are_lost, short_bodies, many_headers, what_the_library_refuses, blanks_before_a_request,
        what_others_left_behind, nothing_is_smuggled)
