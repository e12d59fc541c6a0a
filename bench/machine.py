"""What a figure was measured on, and what the processes used for it."""
import os
import platform
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "tests", "e2e"))

from harness.world import BUILD  # noqa: E402 (after the path)

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_resident_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return int(lines["VmHWM"].split()[0]) * 1024 / 1e6


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def server_processes(servers):
    """Process ids of mongod and of the broker, by name."""
    status = subprocess.run([f"{FOLDER}/../scripts/stack", "status", servers.folder], capture_output=True, text=True,
                            check=True).stdout
    found = {}
    for line in status.splitlines():
        name, rest = line.split(" ", 1)
        pid = int(rest.split("process ")[1].split(";")[0])
        # The broker's start script stays as the parent of the machine that works.
        found[name] = [pid, *children_of(pid)]
    return found


def machine():
    with open("/proc/cpuinfo") as file:
        model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) // (1 << 20)
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} x {model}, {memory} GiB, Linux {platform.release()}; load before {busy:.1f}"


def versions(world):
    ours = subprocess.run([f"{BUILD}/bookingservice/bookingservice", "--version"], capture_output=True, text=True,
                          check=True).stdout.strip()
    mongod = world.bookings_db.command({"buildInfo": 1})["version"]
    broker = world.management.call("GET", "/overview")["rabbitmq_version"]
    return f"{ours}, mongod {mongod}, RabbitMQ {broker}"
