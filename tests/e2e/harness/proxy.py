"""
A network that can be made bad: a TCP proxy on loopback before one server.

    with Proxy(("127.0.0.1", 5672)) as proxy:
        ... clients connect to proxy.port ...
        proxy.stall()              # silence: nothing passes, nothing is closed
        proxy.up.stall()           # the same one way: from client to server; `down` is the other way
        proxy.resume()
        proxy.down.delay_s = 0.2   # each piece is kept so long
        proxy.up.bytes_per_s = 10000
        proxy.up.piece_bytes = 1   # what is written at once
        proxy.up.cut_after(100)    # whoever carries the hundredth byte from now on is cut there, once
        proxy.silence()            # whoever is connected hears nothing any more; who connects anew does
        proxy.cut()                # all connections end: in order, or with reset=True by a reset
        proxy.refuse()             # new connections are reset until resume()

Everything can be changed at any moment, from any thread, and holds for open connections as well.
"""
import socket
import struct
import threading
import time

PIECE_BYTES = 1 << 16
# SO_LINGER on, with no time at all: close() sends a reset.
RESET = struct.pack("ii", 1, 0)


class Direction:
    """One way through the proxy, of all its connections."""

    def __init__(self):
        self.delay_s = 0
        self.bytes_per_s = None  # None: as fast as it goes
        self.piece_bytes = PIECE_BYTES
        self.carried = 0  # bytes that were passed on so far
        self._changed = threading.Condition()
        self._stalled = False
        self._left = None  # bytes until the cut
        self._record = None

    def stall(self):
        """From now on bytes stay where they are; the sender's kernel still takes what fits."""
        self._stalled = True

    def resume(self):
        self._stalled = False
        self.wake()

    def wake(self):
        with self._changed:
            self._changed.notify_all()

    def cut_after(self, n):
        """Pass `n` more bytes, counted over all connections, and cut the one that carries the last; None: do not."""
        with self._changed:
            self._left = n

    def record(self):
        """A bytearray that from now on gets whatever passes, in the order of passing."""
        with self._changed:
            self._record = bytearray()
            return self._record

    def allowance(self, n):
        """How many of `n` bytes may pass, and whether their connection is cut behind them."""
        with self._changed:
            if self._left is None or n < self._left:
                self._left = None if self._left is None else self._left - n
                return n, False
            n, self._left = self._left, None
            return n, True

    def await_flow(self, connection):
        with self._changed:
            self._changed.wait_for(
                lambda: connection.is_over or not (self._stalled or connection.is_silent))

    def note(self, data):
        with self._changed:
            self.carried += len(data)
            if self._record is not None:
                self._record += data


class _Connection:
    """A client, the server, and a thread for each way."""

    def __init__(self, proxy, client, server):
        self.proxy = proxy
        self.ends = client, server
        self.open_ways = 2
        self.is_over = False
        self.is_silent = False
        self.lock = threading.Lock()
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A thread that sends to somebody who does not read looks up so often.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 100000))

    def start(self):
        client, server = self.ends
        for way in ((self.proxy.up, client, server), (self.proxy.down, server, client)):
            threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _send(self, data, sink):
        while data and not self.is_over:
            try:
                data = data[sink.send(data):]
            except BlockingIOError:
                pass

    def _pass_piece(self, direction, data, sink):
        n, is_last = direction.allowance(len(data))
        if direction.delay_s:
            time.sleep(direction.delay_s)
        if direction.bytes_per_s:
            time.sleep(n / direction.bytes_per_s)
        direction.await_flow(self)
        self._send(data[:n], sink)
        direction.note(data[:n])
        if is_last:
            self.proxy.cuts += 1
            self.end(reset=True)

    def _pump(self, direction, source, sink):
        while data := source.recv(PIECE_BYTES):
            at = 0
            while at < len(data) and not self.is_over:
                piece = data[at:at + direction.piece_bytes]
                self._pass_piece(direction, piece, sink)
                at += len(piece)
        direction.await_flow(self)
        if not self.is_over:
            sink.shutdown(socket.SHUT_WR)

    def _carry(self, direction, source, sink):
        try:
            self._pump(direction, source, sink)
        except OSError:
            self.end(reset=True)
        with self.lock:
            self.open_ways -= 1
            if self.open_ways:
                return
        self.proxy.forget(self)
        for end in self.ends:
            end.close()

    def end(self, reset):
        """Both threads come to their end, and the last of them closes the sockets: nobody else may, for their
        numbers are used again."""
        self.is_over = True
        for end in self.ends:
            try:
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RD)
            except OSError:
                pass  # it was over already
        self.proxy.up.wake()
        self.proxy.down.wake()


class Proxy:
    """Listens on a free port of loopback, `port`, and carries each connection to `server`, a pair of host and
    port. The server may come and go."""

    def __init__(self, server):
        self.server = server
        self.up = Direction()
        self.down = Direction()
        self.connections = set()
        self.refuses = False
        self.cuts = 0  # how many connections we have ended
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            self._connect(client)

    def _connect(self, client):
        try:
            if self.refuses:
                raise ConnectionRefusedError("told to refuse")
            server = socket.create_connection(self.server, timeout=5)
            server.settimeout(None)
        except OSError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
            return
        connection = _Connection(self, client, server)
        with self.lock:
            self.connections.add(connection)
        connection.start()

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    def stall(self):
        """Silence both ways. New connections are accepted, and hear nothing."""
        self.up.stall()
        self.down.stall()

    def resume(self):
        """Let everything pass again, and take new connections. Delays, speeds and pieces stay as they are."""
        self.refuses = False
        self.up.resume()
        self.down.resume()

    def silence(self):
        """Like a cable that was pulled: the open connections carry nothing any more, and nobody is told; new ones
        work. Returns how many there were."""
        with self.lock:
            for connection in self.connections:
                connection.is_silent = True
            return len(self.connections)

    def refuse(self):
        """Reset whoever connects; who is connected stays."""
        self.refuses = True

    def cut(self, reset=False):
        """End all open connections, also stalled ones; what is on its way is lost. Returns how many there were."""
        with self.lock:
            connections = list(self.connections)
            self.cuts += len(connections)
        for connection in connections:
            connection.end(reset)
        return len(connections)

    def close(self):
        """End everything."""
        # close() alone would leave the accepting thread where it is.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
