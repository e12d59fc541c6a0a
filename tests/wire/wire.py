"""
What the server says on the wire, byte by byte, over raw sockets.

    from wire import Server, run

    def a_request_needs_a_host(program):
        "HTTP/1.1 without Host is 400"
        with Server(program) as server, server.connect() as client:
            client.send(b"GET /hello HTTP/1.1\\r\\n\\r\\n")
            client.expect_problem(400, "bad-request")

    if __name__ == "__main__":
        run(a_request_needs_a_host)

Every answer that is read is also checked for what all answers have in common.
"""
import email.utils
import json
import re
import socket
import subprocess
import sys
import time
import traceback

TIMEOUT_S = 20
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class Answer:
    """`headers` has names in small letters; `body` is bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def keeps(self):
        return self.headers["connection"] == "keep-alive"

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


def check_common(answer):
    headers = answer.headers
    assert "server" not in headers, answer
    assert headers["x-content-type-options"] == "nosniff", answer
    assert headers["cache-control"] == "no-cache", answer
    assert headers["connection"] in ("keep-alive", "close"), answer
    assert REQUEST_ID.match(headers["x-request-id"]), answer
    date = email.utils.parsedate_to_datetime(headers["date"])
    assert headers["date"].endswith(" GMT") and abs(date.timestamp() - time.time()) < 60, answer


def check_problem(answer, without_body):
    assert answer.headers["content-type"] == "application/problem+json", answer
    assert ("retry-after" in answer.headers) == (answer.status == 503), answer
    if without_body:
        return
    problem = answer.json()
    assert problem["type"].startswith("/problems/") and problem["title"] and problem["detail"], answer
    assert problem["status"] == answer.status, answer
    assert problem["requestId"] == answer.headers["x-request-id"], answer


class Connection:
    """One connection; what was received and not read yet stays in `rest`."""

    def __init__(self, port, wrap=None, from_port=0):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S, ("127.0.0.1", from_port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if wrap:
            self.socket = wrap(self.socket)
        self.rest = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Send all of it, or as much as a server takes that has already refused it."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def request(self, method, path, body=None, headers=None):
        """Send a well-formed request and read the answer."""
        lines = {"Host": "localhost", **(headers or {})}
        if body is not None:
            lines.setdefault("Content-Length", str(len(body)))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(head.encode("latin-1") + b"\r\n" + (body or b""))
        return self.answer(without_body=method == "HEAD")

    def _receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError(f"closed after {len(self.rest)} bytes, {bytes(self.rest[-200:])!r}")
        self.rest += data

    def line(self):
        while b"\r\n" not in self.rest:
            self._receive()
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line.decode("latin-1")

    def answer(self, without_body=False):
        version, status, reason = self.line().split(" ", 2)
        assert version == "HTTP/1.1" and reason, (version, status, reason)
        headers = {}
        while line := self.line():
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, f"{name} comes twice"
            headers[name.lower()] = value
        answer = Answer(int(status), headers, b"")
        assert ("content-length" in headers) == (answer.status not in (204, 304)), answer
        if not without_body and answer.status not in (204, 304):
            length = int(headers["content-length"])
            while len(self.rest) < length:
                self._receive()
            answer.body, self.rest = bytes(self.rest[:length]), self.rest[length:]
        check_common(answer)
        if answer.status >= 400:
            check_problem(answer, without_body)
        return answer

    def expect_closed(self):
        """The server closes, and sends nothing before it does."""
        try:
            data = self.rest or self.socket.recv(1)
        except ConnectionResetError:
            data = b""
        assert data == b"", f"expected the end, got {data[:200]!r}"

    def expect_problem(self, status, name, closes=True):
        answer = self.answer()
        assert (answer.status, answer.json()["type"]) == (status, f"/problems/{name}"), answer
        assert answer.keeps != closes, answer
        if closes:
            self.expect_closed()
        return answer


def small_window(server):
    """A connection that is told little before it reads."""
    client = Connection.__new__(Connection)
    client.socket = socket.socket()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.socket.settimeout(TIMEOUT_S)
    client.socket.connect(("127.0.0.1", server.port))
    client.rest = bytearray()
    return client


class Server:
    """The program under test with some options; leaving the block stops it and looks at how it ended."""

    always = []  # options of every server of this run
    patience = {"request_timeout": 60_000, "keep_alive": 60_000}  # where no time is what a test is about

    def __init__(self, program, **options):
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in {**self.patience, **options}.items()]
        self.process = subprocess.Popen([program, *arguments, *self.always], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        first = self.process.stdout.readline().split()
        if first[:1] != ["port"]:
            raise AssertionError(f"the server did not start: {self.process.communicate()[1]}")
        self.port = int(first[1])
        self.tls_port = int(first[3])

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            self.process.kill()
        lines, words = self.process.communicate(timeout=TIMEOUT_S)
        if not failure:
            assert self.process.returncode == 0, f"it ended with {self.process.returncode}: {words}"
            assert lines.endswith("stopped\n") and words == "", (lines, words)

    def connect(self, **options):
        return Connection(self.port, **options)

    def stop(self):
        """Begin to stop; the end of the block waits until it is over."""
        self.process.stdin.close()
        self.process.stdin = None

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def hear(self):
        """The next line that it prints."""
        return self.process.stdout.readline().rstrip("\n")


def eventually(condition, timeout_s=TIMEOUT_S):
    """Ask until the answer is yes."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.01)


def run(*tests):
    """Run the tests with the program and options named on the command line; the last line counts them."""
    Server.always = sys.argv[2:]
    failed = 0
    for test in tests:
        began = time.monotonic()
        try:
            test(sys.argv[1])
            result = "ok"
        except Exception:
            traceback.print_exc(file=sys.stdout)
            result = "FAILED"
            failed += 1
        print(f"{result:8}{time.monotonic() - began:6.2f} s  {test.__doc__}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(failed > 0)
