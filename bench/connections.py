"""What becomes of those who ask while many connections are open and idle. A connection takes a thread of the server."""
import resource
import selectors
import socket
import time

from harness.steps import make_bookable

ASKING = 32  # connections that ask
STEPS = (0, 100, 300, 1000, 4000, 10000)


class Idlers:
    """Connections that were opened and never say a word; those that the server closes are opened again."""

    def __init__(self, service, n):
        self.address = (service.host, service.port)
        self.selector = selectors.DefaultSelector()
        self.n_closed = 0
        for _ in range(n):
            self._open()

    def _open(self):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(self.address)
        self.selector.register(connection, selectors.EVENT_READ)

    def watch_while(self, is_running):
        while is_running():
            for key, _ in self.selector.select(0.05) if self.selector.get_map() else self._rest():
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
                self.n_closed += 1
                self._open()

    @staticmethod
    def _rest():
        time.sleep(0.05)
        return []

    def close(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


def ask(run, bookings, event, n):
    idlers = Idlers(bookings, n)
    try:
        load = run.load(bookings, events=[event], mix="read:1", connections=ASKING)
        idlers.watch_while(load.is_running)
        result = load.result()
    finally:
        idlers.close()
    run.show_load(f"{n} idle", result)
    run.say("", f"{idlers.n_closed} idle ones were closed by the server and opened again; {bookings.resident_bytes() / 1e6:.0f} MB "
            "resident", idle=n, closed=idlers.n_closed)
    return result


def measure(run):
    wanted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    n_most = min(run.options.idle, most - 200)
    run.say("open files", f"at most {most} for this process; {wanted} for others")
    events, bookings = run.start_services()
    event = make_bookable(events, bookings)
    run.say("threads", f"{bookings.name} serves as many connections at once as it has threads (option threads), "
            "the others wait")
    for n in [step for step in STEPS if step < n_most] + [n_most]:
        result = ask(run, bookings, event, n)
    answered = result["answered"] / max(1, run.options.rate * run.options.seconds)
    run.wanted(f"answered of what was asked beside {n_most} idle connections", ">= 0.99", answered, answered >= 0.99)
