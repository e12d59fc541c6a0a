"""A running eventservice, bookingservice or searchservice."""
import ctypes
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from harness import metrics
from harness.client import Client
from harness.wait import PATIENCE_S, eventually
from local import ports

PR_SET_PDEATHSIG = 1
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tsan.supp")

_libc = ctypes.CDLL(None)
# A child that dies with its parent dies with the *thread* that started it; this one lives as long as we do.
_starter = ThreadPoolExecutor(max_workers=1)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Service:
    """One process and its two ports, which it keeps over restarts. `options` are rows of the configuration
    table by key, such as {"seats_per_user": 2}; `environment` holds variables. Any thread."""

    def __init__(self, name, program, environment, options, log):
        self.name = name
        self.log = log
        self.host = "127.0.0.1"
        self.port = ports.claim()
        self.metrics_port = ports.claim()
        self.url = f"http://{self.host}:{self.port}"
        # What a developer has set for services of his own is not for these.
        plain = {key: value for key, value in os.environ.items() if not key.startswith("MYEVENTS_")}
        # The database's driver counts in /dev/shm under its process id: killed, it would leave that behind, and the
        # next process of this id would complain of it before main() has begun, in words that are not ours.
        self.environment = {"MONGOC_DISABLE_SHM": "1", "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS}", **plain, **environment,
                            "LISTEN_URL": f"{self.host}:{self.port}"}
        options = {"metrics_endpoint": f"{self.host}:{self.metrics_port}", **options}
        self.argv = [program, *(f"--{key}={value}" for key, value in options.items())]
        self.process = None
        self.expected_end = True
        self.ready_after_s = None
        self.own_ends = []

    def _note_own_end(self):
        """An end that nobody asked for stays known when another process takes its place."""
        if not self.expected_end and not self.is_alive():
            self.own_ends.append(self.process.returncode)
            self.expected_end = True

    def start(self, wait=True, timeout=PATIENCE_S):
        """Start it, and wait until it is ready unless told otherwise; `ready_after_s` is how long that took."""
        self._note_own_end()
        began = time.monotonic()
        with open(self.log, "ab") as output:
            self.process = _starter.submit(
                subprocess.Popen, self.argv, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, preexec_fn=_die_with_parent).result()
        self.expected_end = False
        if wait:
            self.wait_ready(timeout)
            self.ready_after_s = time.monotonic() - began
        return self

    def wait_ready(self, timeout=PATIENCE_S):
        def ready():
            """/readyz answers 200"""
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log_text()[-2000:]}")
            return self.is_ready()

        eventually(ready, timeout, pause=0.005)

    def is_ready(self):
        return self.health("/readyz").status == 200

    def health(self, path):
        """GET on the port for people and machines that watch."""
        return Client(self.host, self.metrics_port).get(path)

    def _end(self, number, timeout):
        self._note_own_end()
        self.expected_end = True
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout)
        return self.process.returncode if self.process else None

    def stop(self, timeout=PATIENCE_S):
        """SIGTERM; returns the exit status, 0 after a clean stop."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self):
        """kill -9."""
        self._end(signal.SIGKILL, 10)

    def restart(self):
        self.kill()
        return self.start()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def client(self, timeout=10):
        """A kept connection of its own."""
        return Client(self.host, self.port, timeout)

    def request(self, method, path, body=None, headers=None):
        """One request over a new connection."""
        client = self.client()
        try:
            return client.request(method, path, body, headers)
        finally:
            client.close()

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def metric(self, name, **labels):
        """The sum of a metric over all samples that have these labels."""
        return metrics.total(self.health("/metrics").body.decode(), name, **labels)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def data_bytes(self):
        """What RLIMIT_DATA limits: memory that is its own, written to or not."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmData:"))

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def complaint(self):
        """What must never be: an end that nobody asked for, a sanitizer's report; None when all is well."""
        self._note_own_end()
        if self.own_ends:
            return f"{self.name} ended by itself with {self.own_ends}"
        log = self.log_text() if os.path.exists(self.log) else ""
        if "Sanitizer:" in log or "runtime error:" in log:
            return f"{self.name}: a sanitizer's report"
        return None
