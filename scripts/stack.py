"""
stack WORD DIR [SERVER...]: private servers on loopback, with all they write under DIR: mongod (a replica
set of one) and RabbitMQ (with management). Two stacks do not know each other.

  start DIR [SERVER...]    start what does not run, and wait until it answers
  stop DIR [SERVER...]     stop it; the data stay
  kill DIR SERVER...       kill -9
  restart DIR SERVER...    stop what runs, and start it on the same ports and data
  env DIR                  NAME=value lines for clients: MONGO_URL, AMQP_BROKER_URL, ...
  status DIR               a line for each server; exit status 3 when one does not run

SERVER is mongod or rabbitmq. mongod is MYEVENTS_MONGOD, else the one in PATH, else one that is fetched once.
"""
import fcntl
import os
import signal
import sys
import time

from local.mongod import Mongod
from local.process import ProcessError
from local.rabbitmq import Rabbitmq

KINDS = {"mongod": Mongod, "rabbitmq": Rabbitmq}


def report(server, done, began):
    print(f"  {server.name} {done} after {time.monotonic() - began:.1f} s", file=sys.stderr)


def start(servers):
    began = time.monotonic()
    stopped = [server for server in servers if not server.is_running()]
    try:
        for server in stopped:
            server.start()
        for server in servers:
            server.await_ready()
            report(server, "ready", began)
    except BaseException:
        # Half a stack is of no use, and an interrupted start leaves nothing behind.
        stop(stopped, signal.SIGKILL)
        raise


def stop(servers, number=signal.SIGTERM):
    began = time.monotonic()
    for server in servers:
        server.stop(number)
    for server in servers:
        server.await_end()
        report(server, "ended", began)


def kill(servers):
    stop(servers, signal.SIGKILL)


def restart(servers):
    stop(servers)
    start(servers)


def show_environment(servers):
    for server in servers:
        if server.state:
            for name, value in server.environment().items():
                print(f"{name}={value}")


def show_status(servers):
    for server in servers:
        state = f"runs, process {server.state['process']['pid']}" if server.is_running() else "does not run"
        print(f"{server.name} {state}; log {server.log}")
    if not all(server.is_running() for server in servers):
        sys.exit(3)


WORDS = {"start": start, "stop": stop, "kill": kill, "restart": restart,
         "env": show_environment, "status": show_status}


def main():
    words = sys.argv[1:]
    if len(words) < 2 or words[0] not in WORDS or not set(words[2:]) <= set(KINDS):
        sys.exit(__doc__.strip())
    word, folder, names = words[0], os.path.abspath(words[1]), words[2:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        WORDS[word]([KINDS[name](folder) for name in names or KINDS])


if __name__ == "__main__":
    try:
        main()
    except (ProcessError, OSError) as error:
        sys.exit(f"stack: {error}")
    except KeyboardInterrupt:
        sys.exit("stack: interrupted")
