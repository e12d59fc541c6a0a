"""
A hail: services are killed with SIGKILL at moments that the seed decides, several times a second, and nobody waits for
anybody. Each is started again at once. What a service is at when it dies is drawn as well: at work, at its start, at its
stop.
"""
import random
import subprocess
import time

from harness import at_once

# On a quiet machine a service is ready after some 0.05 s, and ends a stop within as much.
START_S = 0.08
WORK_S = 0.4
STOP_S = 0.04
# What a campaign of everything has time for.
SHORT_S = 3


def _starting(town, service, chance):
    service.start(wait=False)
    time.sleep(chance.uniform(0, START_S))
    town.strike(service, "killed at the start")


def _working(town, service, chance):
    town.start_again(service)
    time.sleep(chance.uniform(0, WORK_S))
    town.sightings.look(service)
    town.strike(service, "killed at work")


def _stopping(town, service, chance):
    town.start_again(service)
    time.sleep(chance.uniform(0, WORK_S))
    town.sightings.look(service)
    try:
        status = service.stop(timeout=chance.uniform(0, STOP_S))
        assert status == 0, f"{service.name} ended with {status}"
    except subprocess.TimeoutExpired:
        town.strike(service, "killed at the stop")


LIVES = [_starting, _working, _working, _stopping]


def hail(town, chance, seconds):
    """A fault that holds for so long."""
    chances = [random.Random(chance.getrandbits(32)) for _ in town.services]
    deadline = time.monotonic() + seconds

    def lives(n):
        while time.monotonic() < deadline:
            chances[n].choice(LIVES)(town, town.services[n], chances[n])

    for service in town.services:
        town.kill(service)
    at_once(len(town.services), lives)
    yield
    at_once(len(town.services), lambda n: town.start_again(town.services[n]))


def short_hail(town, chance):
    "a hail of kill -9 on all services"
    return hail(town, chance, SHORT_S)
