"""The private servers that the tests of one run share; `scripts/check` starts them, else we do."""
import atexit
import os
import subprocess
import tempfile

from local.rabbitmq import Rabbitmq

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Servers:
    """Where mongod and the broker are, and how to kill them and start them again."""

    def __init__(self):
        self.folder = os.environ.get("MYEVENTS_TEST_STACK")
        if not self.folder:
            self._start_own()
        self.find()

    def find(self):
        """Where they are, once they run."""
        lines = self._stack("env", capture_output=True).stdout.splitlines()
        found = dict(line.split("=", 1) for line in lines)
        self.mongo_url = found["MONGO_URL"]
        self.amqp_url = found["AMQP_BROKER_URL"]
        self.management_url = found["RABBITMQ_MANAGEMENT_URL"]
        self.management_login = found["RABBITMQ_MANAGEMENT_LOGIN"]

    def _start_own(self):
        temporary = tempfile.TemporaryDirectory(prefix="myevents-e2e.")
        self.folder = temporary.name
        atexit.register(lambda: (self._stack("kill"), temporary.cleanup()))
        self._stack("start")

    def _stack(self, word, *names, **options):
        command = [os.path.join(ROOT, "scripts", "stack"), word, self.folder, *names]
        if not options:
            options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(command, check=True, text=True, **options)

    def rabbitmqctl(self, *words):
        """What it prints. It takes a second: an Erlang of its own."""
        return Rabbitmq(self.folder).control(*words)

    def kill(self, name):
        """kill -9 "mongod" or "rabbitmq"."""
        self._stack("kill", name)

    def restart(self, name):
        """Stop it in good order and start it again."""
        self._stack("restart", name)

    def start(self, name):
        """Start it again on the same ports and data, and wait until it answers."""
        self._stack("start", name)
