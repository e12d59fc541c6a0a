"""HTTP for tests: JSON in and out, one kept connection, or bytes as they are."""
import http.client
import json
import re
import socket
import time

from harness.wait import known


class Answer:
    """`status`, `headers` (names in any case), `body` as bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """One connection, kept alive; one thread at a time. A failed connection is an OSError or an
    http.client.HTTPException: the outcome is then unknown, and nothing is sent again by itself."""

    # Services close idle connections after half a second at the earliest.
    IDLE_S = 0.3

    def __init__(self, host, port, timeout=10):
        self.connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self.used = 0

    def request(self, method, path, body=None, headers=None):
        """A body that is no bytes or text is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if time.monotonic() - self.used > self.IDLE_S:
            self.close()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self.used = time.monotonic()
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def close(self):
        self.connection.close()


class PatientClient(Client):
    """Comes again when it is told to, or was cut off: for what changes nothing, or has a key."""

    def request(self, method, path, body=None, headers=None):
        return known(lambda: super(PatientClient, self).request(method, path, body, headers))


def send_raw(host, port, data, timeout=5):
    """Send bytes as they are, and return all that comes back until the other side closes or is silent for
    `timeout` seconds."""
    answer = b""
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(data)
        try:
            while part := connection.recv(1 << 16):
                answer += part
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


def next_of(answer):
    """The path of the next page of a list, None on the last one."""
    link = answer.headers.get("Link")
    return re.fullmatch(r'<(/[^>]*)>; rel="next"', link).group(1) if link else None


def pages(client, path):
    """A list page by page, each as its items."""
    while path:
        answer = known(lambda path=path: client.get(path))
        assert answer.status == 200, answer
        yield answer.json()
        path = next_of(answer)


def walk(client, path):
    """All items of a list, page after page."""
    return [item for page in pages(client, path) for item in page]
