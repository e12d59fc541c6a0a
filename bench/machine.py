"""What a figure was measured on, and what the processes used for it."""
import os
import platform
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "tests", "e2e"))

from harness.world import BUILD  # noqa: E402 (after the path)

TICKS = os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    """What follows the name in /proc/PID/stat; all zeros of a process that has ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return ["0"] * 50


def processor_seconds(pid):
    fields = stat_of(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def processor_seconds_of_ended_children(pid):
    """Of those that the process has waited for."""
    fields = stat_of(pid)
    return (int(fields[13]) + int(fields[14])) / TICKS


def memory_mb(pid, row):
    with open(f"/proc/{pid}/status") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return int(lines[row].split()[0]) * 1024 / 1e6


def peak_resident_mb(pid):
    return memory_mb(pid, "VmHWM")


def resident_mb(pid):
    return memory_mb(pid, "VmRSS")


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
