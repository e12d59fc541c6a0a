"""The two services of the local run, as servers on their own default ports."""
import http.client
import os
import urllib.request

from local.server import Server

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Service(Server):
    """Built by the preset release; `variables` say where database and broker are."""

    port_names = ("port", "metrics_port")

    def __init__(self, folder, variables):
        super().__init__(folder)
        self.variables = variables

    def launch(self):
        program = os.path.join(ROOT, "build", "release", self.name, self.name)
        listen = {"LISTEN_URL": f"127.0.0.1:{self.state['port']}"}
        self.run("process", [program, f"--metrics_endpoint=127.0.0.1:{self.state['metrics_port']}"],
                 {**os.environ, **self.variables, **listen})

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.metrics_url()}/readyz", timeout=5):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def url(self):
        return f"http://{self.address()}"

    def metrics_url(self):
        return f"http://127.0.0.1:{self.state['metrics_port']}"

    def moved(self):
        """The usual ports that somebody else has, with the ones taken instead."""
        return [(usual, self.state[name]) for name, usual in self.usual_ports.items() if self.state[name] != usual]


class EventService(Service):
    name = "eventservice"
    usual_ports = {"port": 8181, "metrics_port": 9100}


class BookingService(Service):
    name = "bookingservice"
    usual_ports = {"port": 8282, "metrics_port": 9101}
