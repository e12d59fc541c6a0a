"""The services of the local run, as servers on their own default ports."""
import http.client
import os
import urllib.request

from local.server import Server

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Service(Server):
    """Built by the preset release; `variables` say where database and broker are, `certificate` and `key` are
    the files for HTTPS."""

    port_names = ("port", "tls_port", "metrics_port")

    def __init__(self, folder, variables, certificate, key):
        super().__init__(folder)
        self.variables = variables
        self.certificate = certificate
        self.key = key

    def launch(self):
        program = os.path.join(ROOT, "build", "release", self.name, self.name)
        listen = {"LISTEN_URL": f"127.0.0.1:{self.state['port']}"}
        flags = [f"--metrics_endpoint=127.0.0.1:{self.state['metrics_port']}",
                 f"--restfulapi-tlsendpoint=127.0.0.1:{self.state['tls_port']}",
                 f"--tls_certificate={self.certificate}", f"--tls_key={self.key}"]
        self.run("process", [program, *flags], {"MONGOC_DISABLE_SHM": "1", **os.environ, **self.variables, **listen})

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.metrics_url()}/readyz", timeout=5):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def url(self):
        return f"http://{self.address()}"

    def tls_url(self):
        return f"https://127.0.0.1:{self.state['tls_port']}"

    def metrics_url(self):
        return f"http://127.0.0.1:{self.state['metrics_port']}"

    def moved(self):
        """The usual ports that somebody else has, with the ones taken instead."""
        return [(usual, self.state[name]) for name, usual in self.usual_ports.items() if self.state[name] != usual]


class EventService(Service):
    name = "eventservice"
    usual_ports = {"port": 8181, "tls_port": 9191, "metrics_port": 9100}


class BookingService(Service):
    name = "bookingservice"
    usual_ports = {"port": 8282, "tls_port": 9292, "metrics_port": 9101}


class SearchService(Service):
    name = "searchservice"
    usual_ports = {"port": 8383, "tls_port": 9393, "metrics_port": 9102}
