#!/usr/bin/python3
"""
MongoDB without a driver: one connection that sends commands as OP_MSG and decodes the replies.

    with MongoConnection("127.0.0.1", 27017) as mongo:
        mongo.command("admin", {"hello": 1})
        mongo.find("myevents_bookings", "ledger", {"sold": {"$gt": 0}}, sort={"_id": 1})

From a shell: mongo_command.py HOST:PORT DATABASE '{"hello": 1}' prints the reply as JSON; an object id is
written {"$oid": "24 hex digits"}.

In BSON a Python int is an int32 where it fits, else an int64 (Int64 forces the latter); a dict keeps its
order, and so the first key of a command is its name.
"""
import datetime
import json
import socket
import struct
import sys

OP_MSG = 2013
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class MongoError(Exception):
    """The server refused a command: `code` and the whole `reply`."""

    def __init__(self, reply):
        super().__init__(f"{reply.get('codeName', reply.get('code'))}: {reply.get('errmsg')}")
        self.code = reply.get("code")
        self.reply = reply


class ObjectId:
    """Twelve bytes, made of and shown as 24 hex digits."""

    def __init__(self, hex_digits):
        self.bytes = bytes.fromhex(hex_digits)
        if len(self.bytes) != 12:
            raise ValueError(f"no object id: {hex_digits}")

    def __str__(self):
        return self.bytes.hex()

    def __repr__(self):
        return f"ObjectId('{self}')"

    def __eq__(self, other):
        return isinstance(other, ObjectId) and self.bytes == other.bytes

    def __hash__(self):
        return hash(self.bytes)


class Int64(int):
    """An int that is written as int64 whatever its size."""


def _cstring(text):
    return text.encode() + b"\0"


def _encode_value(value):
    """Type byte and bytes of one value."""
    if value is None:
        return b"\x0a", b""
    if isinstance(value, bool):
        return b"\x08", bytes([value])
    if isinstance(value, int):
        if isinstance(value, Int64) or not -2**31 <= value < 2**31:
            return b"\x12", struct.pack("<q", value)
        return b"\x10", struct.pack("<i", value)
    if isinstance(value, float):
        return b"\x01", struct.pack("<d", value)
    if isinstance(value, str):
        text = _cstring(value)
        return b"\x02", struct.pack("<i", len(text)) + text
    if isinstance(value, ObjectId):
        return b"\x07", value.bytes
    if isinstance(value, datetime.datetime):
        return b"\x09", struct.pack("<q", (value - EPOCH) // datetime.timedelta(milliseconds=1))
    if isinstance(value, bytes):
        return b"\x05", struct.pack("<iB", len(value), 0) + value
    if isinstance(value, dict):
        return b"\x03", encode(value)
    if isinstance(value, (list, tuple)):
        return b"\x04", encode({str(i): element for i, element in enumerate(value)})
    raise TypeError(f"no BSON for {type(value).__name__}")


def encode(document):
    """BSON of a dict."""
    body = b""
    for key, value in document.items():
        kind, data = _encode_value(value)
        body += kind + _cstring(key) + data
    return struct.pack("<i", len(body) + 5) + body + b"\0"


class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def unpack(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def cstring(self):
        end = self.data.index(b"\0", self.at)
        text = self.take(end - self.at).decode()
        self.at += 1
        return text

    def text(self):
        return self.take(self.unpack("i"))[:-1].decode(errors="replace")

    def binary(self):
        size = self.unpack("i")
        self.take(1)
        return self.take(size)

    def document(self):
        result = {}
        self.take(4)
        while True:
            kind = self.unpack("B")
            if kind == 0:
                return result
            key = self.cstring()
            result[key] = self.value(kind)

    def value(self, kind):
        readers = {
            0x01: lambda: self.unpack("d"),
            0x02: self.text,
            0x03: self.document,
            0x04: lambda: list(self.document().values()),
            0x05: self.binary,
            0x06: lambda: None,
            0x07: lambda: ObjectId(self.take(12).hex()),
            0x08: lambda: bool(self.unpack("B")),
            0x09: lambda: EPOCH + datetime.timedelta(milliseconds=self.unpack("q")),
            0x0A: lambda: None,
            0x0B: lambda: (self.cstring(), self.cstring()),
            0x10: lambda: self.unpack("i"),
            0x11: lambda: self.unpack("Q"),
            0x12: lambda: self.unpack("q"),
            0x13: lambda: self.take(16),
        }
        if kind not in readers:
            raise ValueError(f"BSON type {kind:#x} is not known here")
        return readers[kind]()


def decode(data):
    """The dict of a BSON document."""
    return _Reader(data).document()


class MongoConnection:
    """A direct connection to one mongod. One thread at a time."""

    def __init__(self, host, port, timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def _receive(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError("mongod closed the connection")
            data += part
        return data

    def command(self, database, document):
        """Send one command and return its reply; MongoError when the reply is not ok. Write errors inside
        an accepted command are the caller's to look at."""
        self.requests += 1
        body = struct.pack("<IB", 0, 0) + encode({**document, "$db": database})
        self.socket.sendall(struct.pack("<iiii", 16 + len(body), self.requests, 0, OP_MSG) + body)
        size = struct.unpack("<i", self._receive(4))[0]
        reply = decode(self._receive(size - 4)[12 + 5:])
        if reply.get("ok") != 1:
            raise MongoError(reply)
        return reply

    def find(self, database, collection, query=None, sort=None, limit=0, read_concern="majority"):
        """All documents that match, as a list."""
        find = {"find": collection, "filter": query or {}, "limit": limit,
                "readConcern": {"level": read_concern}}
        if sort:
            find["sort"] = sort
        cursor = self.command(database, find)["cursor"]
        documents = cursor["firstBatch"]
        while cursor["id"]:
            more = {"getMore": Int64(cursor["id"]), "collection": collection}
            cursor = self.command(database, more)["cursor"]
            documents += cursor["nextBatch"]
        return documents

    def insert(self, database, collection, documents):
        """Insert with write concern majority; MongoError when one of the documents was refused."""
        reply = self.command(database, {"insert": collection, "documents": documents,
                                        "writeConcern": {"w": "majority", "j": True}})
        if "writeErrors" in reply:
            raise MongoError(reply["writeErrors"][0])

    def drop_database(self, database):
        self.command(database, {"dropDatabase": 1})


def _from_json(pairs):
    members = dict(pairs)
    return ObjectId(members["$oid"]) if list(members) == ["$oid"] else members


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: mongo_command.py HOST:PORT DATABASE COMMAND-AS-JSON")
    host, port = sys.argv[1].rsplit(":", 1)
    with MongoConnection(host, int(port)) as mongo:
        reply = mongo.command(sys.argv[2], json.loads(sys.argv[3], object_pairs_hook=_from_json))
    print(json.dumps(reply, indent=2, default=str))


if __name__ == "__main__":
    main()
