"""
AMQP 0-9-1 in the standard library, as much of it as tests need: declare, bind, publish with properties and
confirms, consume with acknowledgements.

    with AmqpConnection("amqp://guest:guest@127.0.0.1:5672/vhost") as amqp:
        amqp.declare_queue("mine", durable=True)
        amqp.bind("mine", "events", "event.#")
        amqp.confirm_select()
        amqp.publish("events", "event.created", {"id": "..."}, message_id="1", headers={"x-event-name": "..."})
        amqp.wait_for_confirms()
        for message in amqp.take("mine"):
            print(message.routing_key, message.json())

One connection, one channel, one thread at a time; no heartbeats. A refusal by the broker is an AmqpError,
after which the connection is of no more use.
"""
import collections
import json
import socket
import struct
import time
import urllib.parse

from harness.wait import PATIENCE_S

METHOD, HEADER, BODY = 1, 2, 3
FRAME_END = 0xCE
CHANNEL = 1

# Properties of a message in the order of their flags, the highest bit first, with their type.
PROPERTIES = [
    ("content_type", "s"), ("content_encoding", "s"), ("headers", "F"), ("delivery_mode", "B"), ("priority", "B"),
    ("correlation_id", "s"), ("reply_to", "s"), ("expiration", "s"), ("message_id", "s"), ("timestamp", "Q"),
    ("type", "s"), ("user_id", "s"), ("app_id", "s"), ("cluster_id", "s"),
]


class AmqpError(Exception):
    """The broker refused: `code` (404, 406, ...) and its text."""

    def __init__(self, code, text):
        super().__init__(f"{code} {text}")
        self.code = code


class Message:
    """What was delivered or returned. `headers` is a dict; `properties` holds the others by name."""

    def __init__(self, routing_key, exchange="", tag=0, redelivered=False):
        self.routing_key = routing_key
        self.exchange = exchange
        self.tag = tag
        self.redelivered = redelivered
        self.properties = {}
        self.headers = {}
        self.body = b""

    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.properties.get("message_id")

    @property
    def name(self):
        return self.headers.get("x-event-name", self.routing_key)

    def __repr__(self):
        return f"<{self.name} {self.id} {self.body[:80]!r}>"


def _short(text):
    data = text.encode()
    return struct.pack(">B", len(data)) + data


def _long(data):
    return struct.pack(">I", len(data)) + data


def _field(value):
    """One value of a table."""
    if value is None:
        return b"V"
    if isinstance(value, bool):
        return b"t" + struct.pack(">B", value)
    if isinstance(value, int):
        return b"l" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"d" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"S" + _long(value.encode())
    if isinstance(value, bytes):
        return b"x" + _long(value)
    if isinstance(value, dict):
        return b"F" + _table(value)
    if isinstance(value, (list, tuple)):
        return b"A" + _long(b"".join(map(_field, value)))
    raise TypeError(f"no AMQP field for {type(value).__name__}")


def _table(fields):
    return _long(b"".join(_short(name) + _field(value) for name, value in fields.items()))


class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(">" + form)))[0]

    def short(self):
        return self.take(self.number("B")).decode(errors="replace")

    def long(self):
        return self.take(self.number("I"))

    def table(self):
        inner = _Reader(self.long())
        fields = {}
        while inner.at < len(inner.data):
            name = inner.short()
            fields[name] = inner.field()
        return fields

    def array(self):
        inner = _Reader(self.long())
        values = []
        while inner.at < len(inner.data):
            values.append(inner.field())
        return values

    def field(self):
        kind = self.take(1).decode()
        if kind in "bBsuIilfdT":
            return self.number({"s": "h", "u": "H", "I": "i", "i": "I", "l": "q", "T": "Q"}.get(kind, kind))
        readers = {
            "t": lambda: bool(self.number("B")),
            "S": lambda: self.long().decode(errors="replace"),
            "x": self.long,
            "F": self.table,
            "A": self.array,
            "D": lambda: self.number("B") and self.number("i"),
            "V": lambda: None,
        }
        return readers[kind]()


def _encode_properties(properties):
    flags, data = 0, b""
    for place, (name, kind) in enumerate(PROPERTIES):
        value = properties.get(name)
        if value is None:
            continue
        flags |= 1 << (15 - place)
        if kind == "s":
            data += _short(value)
        elif kind == "F":
            data += _table(value)
        else:
            data += struct.pack(">" + kind, value)
    return struct.pack(">H", flags) + data


def _decode_properties(reader):
    flags = reader.number("H")
    properties = {}
    for place, (name, kind) in enumerate(PROPERTIES):
        if flags & 1 << (15 - place):
            readers = {"s": reader.short, "F": reader.table}
            properties[name] = readers[kind]() if kind in readers else reader.number(kind)
    return properties


class AmqpConnection:
    def __init__(self, url, timeout=10, name="test"):
        parts = urllib.parse.urlsplit(url)
        vhost = urllib.parse.unquote(parts.path[1:]) or "/"
        self.socket = socket.create_connection((parts.hostname, parts.port or 5672), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.timeout = timeout
        self.buffer = b""
        self.arrived = collections.deque()  # deliveries not yet asked for
        self.returned = []  # messages that no queue wanted
        self.confirms = False
        self.n_published = 0
        self.unconfirmed = set()
        self.refused = []
        self._handshake(parts.username or "guest", parts.password or "guest", vhost, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End it as a crash would; the broker takes back what was not acknowledged."""
        self.socket.close()

    # Frames

    def _send(self, kind, channel, payload):
        self.socket.sendall(struct.pack(">BHI", kind, channel, len(payload)) + payload + bytes([FRAME_END]))

    def _send_method(self, method, arguments=b"", channel=CHANNEL):
        self._send(METHOD, channel, struct.pack(">HH", *method) + arguments)

    def _frame(self, timeout):
        """Kind and payload of the next frame; None when none came in time."""
        deadline = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= 7:
                kind, _, size = struct.unpack(">BHI", self.buffer[:7])
                if len(self.buffer) >= size + 8:
                    payload = self.buffer[7:7 + size]
                    self.buffer = self.buffer[size + 8:]
                    return kind, payload
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                part = self.socket.recv(1 << 16)
            except TimeoutError:
                return None
            finally:
                self.socket.settimeout(self.timeout)
            if not part:
                raise ConnectionError("the broker closed the connection")
            self.buffer += part

    def _content(self, message):
        """Header and body that follow a delivery or a return."""
        _, payload = self._frame(self.timeout)
        reader = _Reader(payload)
        reader.take(4)
        size = reader.number("Q")
        message.properties = _decode_properties(reader)
        message.headers = message.properties.pop("headers", {})
        while len(message.body) < size:
            _, payload = self._frame(self.timeout)
            message.body += payload
        return message

    def _read(self, timeout):
        """Read one frame and file away what nobody asked for. Returns (method, reader) of an answer, True
        for anything else, None when nothing came in time."""
        frame = self._frame(timeout)
        if frame is None:
            return None
        kind, payload = frame
        if kind != METHOD:
            return True
        reader = _Reader(payload)
        method = reader.number("H"), reader.number("H")
        if method == (60, 60):
            self.arrived.append(self._delivery(reader))
        elif method == (60, 50):
            self.returned.append(self._return(reader))
        elif method in ((60, 80), (60, 120)):
            self._settle(reader, is_refusal=method == (60, 120))
        elif method in ((10, 50), (20, 40)):
            raise AmqpError(reader.number("H"), reader.short())
        elif method == (60, 30):
            raise AmqpError(0, f"the broker cancelled consumer {reader.short()}")
        else:
            return method, reader
        return True

    def _delivery(self, reader):
        reader.short()
        tag, redelivered = reader.number("Q"), bool(reader.number("B"))
        exchange, key = reader.short(), reader.short()
        return self._content(Message(key, exchange, tag, redelivered))

    def _return(self, reader):
        reader.number("H"), reader.short()
        exchange, key = reader.short(), reader.short()
        return self._content(Message(key, exchange))

    def _settle(self, reader, is_refusal):
        tag, multiple = reader.number("Q"), reader.number("B")
        tags = {other for other in self.unconfirmed if other <= tag} if multiple else {tag}
        self.unconfirmed -= tags
        if is_refusal:
            self.refused += tags

    def _expect(self, method):
        deadline = time.monotonic() + self.timeout
        while True:
            answer = self._read(deadline - time.monotonic())
            if answer is None:
                raise TimeoutError(f"the broker does not answer with {method}")
            if answer is not True and answer[0] == method:
                return answer[1]

    def _call(self, method, arguments):
        self._send_method(method, arguments)
        return self._expect((method[0], method[1] + 1))

    def _handshake(self, user, password, vhost, name):
        self.socket.sendall(b"AMQP\0\0\x09\x01")
        self._expect((10, 10))
        properties = {"connection_name": name, "capabilities": {"consumer_cancel_notify": True}}
        login = f"\0{user}\0{password}".encode()
        self._send_method((10, 11), _table(properties) + _short("PLAIN") + _long(login) + _short("en_US"), 0)
        tune = self._expect((10, 30))
        channels, frame_max = tune.number("H"), tune.number("I")
        self.frame_max = frame_max or 131072
        self._send_method((10, 31), struct.pack(">HIH", channels, self.frame_max, 0), 0)
        self._send_method((10, 40), _short(vhost) + _short("") + b"\0", 0)
        self._expect((10, 41))
        self._call((20, 10), _short(""))

    # Topology

    def declare_exchange(self, name, kind="topic", durable=True):
        self._call((40, 10), struct.pack(">H", 0) + _short(name) + _short(kind)
                   + struct.pack(">B", durable << 1) + _table({}))

    def delete_exchange(self, name):
        self._call((40, 20), struct.pack(">H", 0) + _short(name) + b"\0")

    def declare_queue(self, name, durable=True, exclusive=False, auto_delete=False, passive=False, arguments=None):
        """Returns how many messages it holds ready."""
        flags = passive | durable << 1 | exclusive << 2 | auto_delete << 3
        answer = self._call((50, 10), struct.pack(">H", 0) + _short(name) + struct.pack(">B", flags)
                            + _table(arguments or {}))
        answer.short()
        return answer.number("I")

    def count(self, queue):
        """How many messages an existing queue holds ready, as of now."""
        return self.declare_queue(queue, durable=False, passive=True)

    def bind(self, queue, exchange, routing_key):
        self._call((50, 20), struct.pack(">H", 0) + _short(queue) + _short(exchange) + _short(routing_key)
                   + b"\0" + _table({}))

    def unbind(self, queue, exchange, routing_key):
        self._call((50, 50), struct.pack(">H", 0) + _short(queue) + _short(exchange) + _short(routing_key)
                   + _table({}))

    def purge(self, queue):
        self._call((50, 30), struct.pack(">H", 0) + _short(queue) + b"\0")

    def delete_queue(self, queue):
        self._call((50, 40), struct.pack(">H", 0) + _short(queue) + b"\0")

    # Publishing

    def confirm_select(self):
        self._call((85, 10), b"\0")
        self.confirms = True

    def publish(self, exchange, routing_key, body, mandatory=False, **properties):
        """Send a message; a body that is no bytes or text is written as JSON. `properties` by the names of
        PROPERTIES; unless told otherwise it is persistent JSON. Returns the number by which confirms name it."""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        properties = {"content_type": "application/json", "delivery_mode": 2, **properties}
        self._send_method((60, 40), struct.pack(">H", 0) + _short(exchange) + _short(routing_key)
                          + struct.pack(">B", mandatory))
        self._send(HEADER, CHANNEL, struct.pack(">HHQ", 60, 0, len(body)) + _encode_properties(properties))
        step = self.frame_max - 8
        for at in range(0, len(body), step):
            self._send(BODY, CHANNEL, body[at:at + step])
        if self.confirms:
            self.n_published += 1
            self.unconfirmed.add(self.n_published)
        return self.n_published

    def wait_for_confirms(self, timeout=PATIENCE_S):
        """Until the broker has answered for all that was published; AmqpError when it refused one. What no
        queue wanted is in `returned`."""
        deadline = time.monotonic() + timeout
        while self.unconfirmed:
            if self._read(max(deadline - time.monotonic(), 0.001)) is None and time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.unconfirmed)} messages are not confirmed")
        if self.refused:
            raise AmqpError(0, f"{len(self.refused)} messages refused")

    # Consuming

    def start_consumer(self, queue, prefetch=0, no_ack=False, arguments=None):
        """From now on messages of the queue come in; `receive()` hands them out. Returns the consumer's tag."""
        self._call((60, 10), struct.pack(">IHB", 0, prefetch, 0))
        return self._call((60, 20), struct.pack(">H", 0) + _short(queue) + _short("")
                          + struct.pack(">B", no_ack << 1) + _table(arguments or {})).short()

    def cancel_consumer(self, tag):
        self._call((60, 30), _short(tag) + b"\0")

    def receive(self, timeout):
        """The next message of the consumers, None when none comes within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.arrived:
            if self._read(max(deadline - time.monotonic(), 0.001)) is None and time.monotonic() > deadline:
                return None
        return self.arrived.popleft()

    def browse(self, queue, timeout=PATIENCE_S):
        """The messages that a queue holds ready now, at most 65 535. They lie there again, marked as redelivered, once
        the connection is closed."""
        n_ready = min(self.count(queue), 0xFFFF)
        if n_ready == 0:
            return []
        tag = self.start_consumer(queue, prefetch=n_ready)
        messages = [self.receive(timeout) for _ in range(n_ready)]
        assert None not in messages, f"{queue} holds {n_ready} messages and gave fewer within {timeout} s"
        self.cancel_consumer(tag)
        return messages

    def take(self, queue):
        """All that a queue holds ready now, taken from it. More may come all the time, so it is counted before."""
        n_ready = self.count(queue)
        taken = []
        while len(taken) < n_ready:
            taken += self.browse(queue)
            self.ack(taken[-1], multiple=True)
            self.count(queue)  # an answer: the acknowledgement has arrived
        return taken

    def ack(self, message, multiple=False):
        self._send_method((60, 80), struct.pack(">QB", message.tag, multiple))

    def nack(self, message, requeue=True):
        self._send_method((60, 120), struct.pack(">QB", message.tag, requeue << 1))
