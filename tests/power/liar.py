"""Sensitivity: a database whose disk answers a sync before it is one has to be found guilty by the very same judge."""
from crowd import Crowd
from disk import NOTHING

BOOKINGS = 40


def run(stage):
    world, servers = stage.world, stage.servers
    disk = servers.disks["mongod"]
    with Crowd(world, stage.chance.randrange(10**6)) as crowd:
        town = crowd.town
        crowd.come(stage.chance)
        disk.lie()
        disk.settle()
        for n in range(BOOKINGS):
            town.await_booking(town.replicas[n % len(town.replicas)])
        crowd.go()
        for service in town.services:
            service.kill()
        servers.mode = NOTHING
        world.kill_server("mongod")
        servers.mode = None
        disk.lie(False)
        world.start_server("mongod")
        checked = crowd.read()
    assert checked.status == 1 and "I3" in checked.broken(), f"a disk that lies was not noticed: {checked.summary}"
    return f"found guilty of {', '.join(sorted(checked.broken()))}: {checked.summary['violations']} violations"
