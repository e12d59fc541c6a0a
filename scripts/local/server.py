"""What a private mongod and a private RabbitMQ have in common: a folder, a state file, a start and an end."""
import json
import os
import signal

from local import ports, process


class Server:
    """Everything of a server lies under `folder`: NAME.json (ports, process ids), NAME.log and NAME/ (data)."""

    name = None
    port_names = ("port",)
    usual_ports = {}  # taken when they are free; other servers keep the ports of their first start
    start_timeout = 60

    def __init__(self, folder):
        self.folder = os.path.join(folder, self.name)
        self.log = os.path.join(folder, f"{self.name}.log")
        self.state_file = os.path.join(folder, f"{self.name}.json")
        self.state = {}
        if os.path.exists(self.state_file):
            with open(self.state_file) as file:
                self.state = json.load(file)

    def _save(self):
        with open(self.state_file + ".new", "w") as file:
            json.dump(self.state, file, indent=2)
        os.replace(self.state_file + ".new", self.state_file)

    def address(self):
        return f"127.0.0.1:{self.state['port']}"

    def is_running(self):
        return process.is_alive(self.state.get("process"))

    def start(self):
        """Start it unless it runs. Does not wait, so that several servers start at once."""
        if self.is_running():
            return
        os.makedirs(self.folder, exist_ok=True)
        for name in self.port_names:
            self.state[name] = ports.claim(self.usual_ports.get(name, self.state.get(name)))
        self.launch()

    def await_ready(self):
        process.await_ready(self.name, self.state["process"], self.is_ready, self.log, self.start_timeout)

    def run(self, key, argv, environment=None, nice=0):
        """Start a program and remember it under `key` before anything else can go wrong."""
        self.state[key] = process.start(argv, self.log, environment, nice)
        self._save()

    def stop(self, number=signal.SIGTERM):
        """Send the signal. Does not wait either."""
        process.send(self.state.get("process"), number)

    def await_end(self):
        process.await_end(self.state.get("process"))

    def launch(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def environment(self):
        """The variables a client needs, by name."""
        raise NotImplementedError
