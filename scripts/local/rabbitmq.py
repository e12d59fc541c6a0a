"""A private RabbitMQ with the management plug-in, and the epmd that it needs."""
import glob
import os
import socket
import subprocess

from local import process
from local.management import Management, ManagementError
from local.server import Server

LOGIN = "guest:guest"

CONFIG = """\
listeners.tcp.local = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management_port}
collect_statistics_interval = 1000
vm_memory_high_watermark.absolute = 1GiB
raft.wal_max_size_bytes = 256000000
"""

# Erlang's threads spin when idle by default, which other programs on two cores would feel, and wake each other for
# every message: with half as many as there are cores a message costs half the processor time. The queues report
# their lengths each second, as the statistics do.
SCHEDULERS = max(1, (os.cpu_count() or 1) // 2)
ERLANG = ("-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
          f" +S {SCHEDULERS}:{SCHEDULERS} +SDcpu {SCHEDULERS}:{SCHEDULERS}"
          " -rabbit quorum_tick_interval 1000 -rabbit stream_tick_interval 1000")

# Everything shares these processors. A message may be late, the answer to a booking may not: what is published, the
# broker takes in when nobody who is asked needs the processors.
NICE = 5

# How many quorum queues have no leader; each is told to elect one.
ELECT = """length([ra:trigger_election(Id)
    || Queue <- rabbit_amqqueue:list(), amqqueue:get_type(Queue) =:= rabbit_quorum_queue,
       {Name, _} = Id <- [amqqueue:get_pid(Queue)], ra_leaderboard:lookup_leader(Name) =:= undefined])."""


class Rabbitmq(Server):
    name = "rabbitmq"
    port_names = ("port", "management_port", "distribution_port", "epmd_port")
    start_timeout = 300  # with what hundreds of virtual hosts hold, on a slow machine

    def _path(self, name):
        return os.path.join(self.folder, name)

    def launch(self):
        with open(self._path("rabbitmq.conf"), "w") as file:
            file.write(CONFIG.format(**self.state))
        with open(self._path("enabled_plugins"), "w") as file:
            file.write("[rabbitmq_management].\n")
        # Started by the broker it would go its own way; started here it is ours to end.
        self.run("epmd", ["epmd", "-address", "127.0.0.1", "-port", str(self.state["epmd_port"])])
        self.run("process", [self._program("rabbitmq-server")], self._broker_environment(), NICE)

    @staticmethod
    def _program(name):
        """The scripts on PATH insist on the system's user."""
        return sorted(glob.glob(f"/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/{name}"))[-1]

    def _broker_environment(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        return {
            **environment,
            "HOME": self.folder,  # of the cookie
            "RABBITMQ_NODENAME": "myevents@localhost",
            "RABBITMQ_MNESIA_BASE": self._path("data"),
            "RABBITMQ_LOG_BASE": self._path("log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": self._path("rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": self._path("rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": self._path("advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": self._path("enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(self.state["distribution_port"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.state["epmd_port"]),
            # Makes the script become the broker, so that its process id is the broker's.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def await_ready(self):
        """After a kill a single node of 3.10 may leave a quorum queue without a leader for ever (issue 10070 of
        rabbitmq-server): whoever publishes to it waits in vain. An election mends it."""
        super().await_ready()
        if any(queue.get("type") == "quorum" for queue in self.management().call("GET", "/queues")):
            process.wait_until(self._have_leaders, self.start_timeout)

    def _have_leaders(self):
        return self.control("eval", ELECT, check=False) == "0"

    def control(self, *words, check=True):
        """rabbitmqctl at this broker; what it prints. It has to succeed, unless `check` is False."""
        answer = subprocess.run([self._program("rabbitmqctl"), *words], env=self._broker_environment(),
                                capture_output=True, text=True, check=check)
        return answer.stdout.strip()

    def await_end(self):
        super().await_end()
        process.end(self.state.get("epmd"))

    def is_ready(self):
        """Both ports speak their protocols: AMQP answers with its first frame, management with our name."""
        try:
            with socket.create_connection(("127.0.0.1", self.state["port"]), timeout=5) as amqp:
                amqp.sendall(b"AMQP\0\0\x09\x01")
                if amqp.recv(1) != b"\x01":
                    return False
            return self.management().call("GET", "/whoami") is not None
        except (OSError, ManagementError):
            return False

    def management_url(self):
        return f"http://127.0.0.1:{self.state['management_port']}"

    def management(self):
        return Management(self.management_url(), LOGIN)

    def environment(self):
        return {
            "AMQP_BROKER_URL": f"amqp://{LOGIN}@{self.address()}",
            "RABBITMQ_MANAGEMENT_URL": self.management_url(),
            "RABBITMQ_MANAGEMENT_LOGIN": LOGIN,
        }
