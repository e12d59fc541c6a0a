"""
The whole of MyEvents on this machine, with everything it writes under .myevents: what scripts/up, scripts/down
and scripts/reset do.
"""
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time

import demo_data
from local import certificate, process
from local.management import ManagementError
from local.mongod import Mongod
from local.process import ProcessError
from local.rabbitmq import LOGIN, Rabbitmq
from local.service import ROOT, BookingService, EventService, SearchService

FOLDER = os.path.join(ROOT, ".myevents")
UP_FILE = os.path.join(FOLDER, "up.json")
CERTIFICATE = os.path.join(FOLDER, "certificate.pem")
KEY = os.path.join(FOLDER, "key.pem")
WEEK_S = 7 * 24 * 3600
TOOL = os.path.join(ROOT, "build", "release", "tools", "myevents")


@contextlib.contextmanager
def step(name):
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)


def build():
    release = os.path.join(ROOT, "build", "release")
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", release, "--target", "eventservice", "bookingservice", "searchservice",
                     "myevents"]):
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise ProcessError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")


class LocalRun:
    """The private servers that are wanted, and the services on top of them."""

    def __init__(self):
        # What the environment names is used instead of a private server.
        self.variables = {name: os.environ[name] for name in ("MONGO_URL", "AMQP_BROKER_URL") if os.environ.get(name)}
        self.mongod = None if "MONGO_URL" in self.variables else Mongod(FOLDER)
        self.rabbitmq = None if "AMQP_BROKER_URL" in self.variables else Rabbitmq(FOLDER)
        self.servers = [server for server in (self.mongod, self.rabbitmq) if server]
        self.events = EventService(FOLDER, self.variables, CERTIFICATE, KEY)
        self.bookings = BookingService(FOLDER, self.variables, CERTIFICATE, KEY)
        self.search = SearchService(FOLDER, self.variables, CERTIFICATE, KEY)
        self.services = [self.events, self.bookings, self.search]

    def is_running(self):
        return all(service.is_running() for service in self.services)

    def start(self):
        for server in self.servers:
            server.start()  # while we build
        with step("build"):
            build()
        for server in self.servers:
            with step(f"{server.name} answers at {server.address()}"):
                server.await_ready()
            self.variables.update(server.environment())
        if not (certificate.lasts(CERTIFICATE, WEEK_S) and os.path.exists(KEY)):
            certificate.make(CERTIFICATE, KEY)
        for service in self.services:
            service.start()
        for service in self.services:
            with step(f"{service.name} is ready at {service.address()}"):
                service.await_ready()
            for usual, taken in service.moved():
                print(f"          port {usual} is in use by another program, so it took {taken}")
        with step("demo data"):
            demo_data.load(self.events.url(), self.bookings.url())

    def stop(self):
        """Services first, so that they can finish what they have in hand; then every private server that an
        earlier start left, wanted today or not."""
        for parts in (self.services, [Mongod(FOLDER), Rabbitmq(FOLDER)]):
            for part in parts:
                part.stop()
            for part in parts:
                part.await_end()

    def show(self):
        print("\nMyEvents runs:\n")
        rows = [("event service", f"{self.events.url()}  {self.events.tls_url()}"),
                ("booking service", f"{self.bookings.url()}  {self.bookings.tls_url()}"),
                ("search service", f"{self.search.url()}/search?q=opera  {self.search.tls_url()}"),
                ("to read and try", f"{self.events.url()}/docs"), ("", f"{self.bookings.url()}/docs"),
                ("", f"{self.search.url()}/docs"),
                ("certificate", os.path.relpath(CERTIFICATE)),
                ("metrics", f"{self.events.metrics_url()}/metrics"), ("", f"{self.bookings.metrics_url()}/metrics"),
                ("", f"{self.search.metrics_url()}/metrics")]
        if self.rabbitmq:
            user, password = LOGIN.split(":")
            rows.append(("broker", f"{self.rabbitmq.management_url()}  (user {user}, password {password})"))
        rows.append(("logs", os.path.join(os.path.relpath(FOLDER), "*.log")))
        for name, value in rows:
            print(f"  {name:16} {value}")
        print("\nCreate an event, book it, look at the booking and at the messages:\n")
        for line in self.lines_to_type():
            print(f"  {line}")

    def lines_to_type(self):
        """With a new id each time, so that they work more than once."""
        event_id = secrets.token_hex(12)
        bookings = f"{self.bookings.url()}/events/{event_id}/bookings"
        event = json.dumps({"ID": event_id, "Name": "Jazz night", "Capacity": 50})
        yield f"curl -i {self.events.url()}/events -d '{event}'"
        yield f"curl -i {bookings} -H 'Idempotency-Key: {secrets.token_hex(8)}' -d '{{\"seats\": 2}}'"
        yield f"curl {bookings}"
        # A broker of the environment is found there by the tool as well.
        broker = f" --broker {self.variables['AMQP_BROKER_URL']}" if self.rabbitmq else ""
        yield f"{os.path.relpath(TOOL)} replay bookings.log{broker}"

    def await_end(self):
        """Until a signal comes; a service that ends by itself is an error."""
        while self.is_running():
            time.sleep(0.5)
        ended = next(service for service in self.services if not service.is_running())
        raise ProcessError(f"{ended.name} ended by itself; the end of {ended.log}:\n{process.tail(ended.log)}")


@contextlib.contextmanager
def only_one():
    """The right to start things here, kept until we end."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "up.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProcessError("another scripts/up is just starting or stopping here") from None
        with open(UP_FILE + ".new", "w") as file:
            json.dump(process.describe(os.getpid()), file)
        os.replace(UP_FILE + ".new", UP_FILE)
        yield


def up(stay):
    run = LocalRun()
    if run.is_running():
        print("It runs already; scripts/down stops it.")
        run.show()
        return
    with only_one():
        started = False
        try:
            run.start()
            run.show()
            started = True
            if stay:
                print("\nCtrl-C or scripts/down stops it. The data stay in .myevents until scripts/reset.", flush=True)
                run.await_end()
        finally:
            if stay or not started:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                stop_here()


def stop_here():
    with step("stopped"):
        LocalRun().stop()


def down():
    """An `up` that stays stops everything itself when it is told to."""
    if os.path.exists(UP_FILE):
        with open(UP_FILE) as file:
            process.end(json.load(file), timeout=60)
    stop_here()


def reset():
    down()
    shutil.rmtree(FOLDER, ignore_errors=True)
    print("the data are gone")


def main():
    words = {"up": lambda: up(stay="-d" not in sys.argv[2:]), "down": down, "reset": reset}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        words[sys.argv[1]]()
    except (ProcessError, ManagementError, demo_data.Refused, OSError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
