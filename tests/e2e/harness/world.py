"""The world of one test: databases, a virtual host and services that no other test sees."""
import os
import secrets
import urllib.parse

from harness import messages
from harness.amqp import AmqpConnection
from harness.service import Service
from harness.servers import ROOT
from harness.wait import PATIENCE_S
from local.management import Management
from mongo_command import MongoConnection

BUILD = os.environ.get("MYEVENTS_BUILD", os.path.join(ROOT, "build", "release"))


class Database:
    """One service's database, read and written behind its back. Each call is a connection of its own."""

    def __init__(self, mongo_url, name):
        self.address = urllib.parse.urlsplit(mongo_url).netloc
        self.name = name
        # The replica set's name stays; the path names the database that the service takes.
        self.url = mongo_url.replace(f"{self.address}/", f"{self.address}/{name}")

    def _connect(self):
        host, port = self.address.rsplit(":", 1)
        return MongoConnection(host, int(port), PATIENCE_S)

    def command(self, document):
        with self._connect() as mongo:
            return mongo.command(self.name, document)

    def find(self, collection, query=None, sort=None, limit=0):
        """All documents that match, as majority reads show them."""
        with self._connect() as mongo:
            return mongo.find(self.name, collection, query, sort, limit)

    def collections(self):
        reply = self.command({"listCollections": 1, "nameOnly": True})
        return sorted(row["name"] for row in reply["cursor"]["firstBatch"])

    def drop(self):
        self.command({"dropDatabase": 1})


class World:
    """
    `servers` are shared with other tests; everything else is this test's own:

    events_db, bookings_db, search_db   the databases of the services
    management               the broker's virtual host over HTTP
    amqp()                   a connection to it
    start_eventservice(), start_bookingservice(), start_searchservice()
                             processes on free ports, each call another replica
    """

    def __init__(self, servers, folder):
        self.servers = servers
        self.folder = folder
        self.id = f"t{secrets.token_hex(6)}"
        self.services = []
        self.killed = set()
        self.events_db = Database(servers.mongo_url, f"{self.id}_events")
        self.bookings_db = Database(servers.mongo_url, f"{self.id}_bookings")
        self.search_db = Database(servers.mongo_url, f"{self.id}_search")
        self.management = Management(servers.management_url, servers.management_login, self.id)
        self.amqp_url = f"{servers.amqp_url}/{self.id}"
        self.management.create_vhost()

    def _service(self, kind, database, options, environment, start):
        number = sum(service.name.startswith(kind) for service in self.services) + 1
        name = f"{kind}-{number}"
        service = Service(name, os.path.join(BUILD, kind, kind),
                          {"MONGO_URL": database.url, "AMQP_BROKER_URL": self.amqp_url, **(environment or {})},
                          options or {}, os.path.join(self.folder, f"{self.id}-{name}.log"))
        self.services.append(service)
        return service.start() if start else service

    def start_eventservice(self, options=None, environment=None):
        """A ready replica of the event service."""
        return self._service("eventservice", self.events_db, options, environment, True)

    def start_bookingservice(self, options=None, environment=None):
        """A ready replica of the booking service."""
        return self._service("bookingservice", self.bookings_db, options, environment, True)

    def start_searchservice(self, options=None, environment=None):
        """A ready replica of the search service."""
        return self._service("searchservice", self.search_db, options, environment, True)

    def new_eventservice(self, options=None, environment=None):
        """The same, not yet started: `start(wait=False)` starts it while its servers are away."""
        return self._service("eventservice", self.events_db, options, environment, False)

    def new_bookingservice(self, options=None, environment=None):
        return self._service("bookingservice", self.bookings_db, options, environment, False)

    def amqp(self, name="test"):
        """A connection to this test's virtual host; close it, or use it in `with`."""
        return AmqpConnection(self.amqp_url, name=name)

    def observe(self, queue="observer", exchange="events", routing_key="#"):
        """From now on a durable queue keeps every message; `observed()` reads it."""
        with self.amqp() as amqp:
            amqp.declare_exchange(exchange)
            amqp.declare_queue(queue)
            amqp.bind(queue, exchange, routing_key)

    def waiting(self, queue):
        """How many messages a queue holds ready, as of now: the management API would say it seconds later."""
        with self.amqp() as amqp:
            return amqp.count(queue)

    def observed(self, queue="observer"):
        """Take what the observer's queue holds."""
        with self.amqp() as amqp:
            return amqp.take(queue)

    def kill_server(self, name):
        """kill -9 "mongod" or "rabbitmq"; started again by start_server(), at the latest after the test."""
        self.killed.add(name)
        self.servers.kill(name)

    def start_server(self, name):
        self.servers.start(name)
        self.killed.discard(name)

    def restart_server(self, name):
        """Stop it in good order, and start it again."""
        self.killed.add(name)
        self.servers.restart(name)
        self.killed.discard(name)

    def complaints(self):
        """What must never be, of all services of this test: an end, a report, a message against its contract."""
        told = [] if "rabbitmq" in self.killed else messages.complaints(self.amqp_url)
        return [complaint for service in self.services if (complaint := service.complaint())] + told

    def close(self):
        for service in self.services:
            service.kill()
        for name in sorted(self.killed):
            self.start_server(name)
        # The virtual host ends with the broker. Deleting a quorum queue while it is still being declared ends
        # the supervisor of dead-lettering in RabbitMQ 3.10 for good, and with it every such queue of the node.
        self.events_db.drop()
        self.bookings_db.drop()
        self.search_db.drop()
