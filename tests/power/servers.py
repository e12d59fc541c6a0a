"""mongod and RabbitMQ on disks that forget. Private to one run, whatever MYEVENTS_TEST_STACK says."""
import glob
import os
import shutil
import subprocess
import time

from harness.servers import ROOT, Servers

from disk import Disk

DATA = {"mongod": "mongod", "rabbitmq": os.path.join("rabbitmq", "data")}
# For how long the last sync has not come back when the power goes.
HELD_S = (0, 0.4)


class ForgetfulServers(Servers):
    """A kill is a loss of power: `start()` finds what was durable. `chance` decides what else there is."""

    def __init__(self, folder, chance):
        self.folder = folder
        self.chance = chance
        self.mode = None  # one of disk.MODES, if it is not to be left to chance
        self.forgotten = []
        self.disks = {name: Disk(os.path.join(folder, data), os.path.join(folder, f"{name}-disk"))
                      for name, data in DATA.items()}
        for name in self.disks:
            self.start(name)
        self.settle()
        self.find()

    def start(self, name):
        try:
            self._stack("start", name, env={**os.environ, **self.disks[name].environment()},
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"{name} does not start on what is left:\n{error.stderr}") from error

    def kill(self, name):
        disk = self.disks[name]
        disk.hold()
        time.sleep(self.chance.uniform(*HELD_S))
        super().kill(name)
        disk.hold(False)
        forgotten = disk.lose_power(self.chance, self.mode)
        self.forgotten.append((name, forgotten))
        print(f"          {name}: {forgotten}", flush=True)
        if name == "rabbitmq":
            self.drop_logs()

    def end(self, name):
        """kill -9, and the power stays on."""
        super().kill(name)

    def drop_logs(self):
        """What docs/operations.md tells operators to do before they start a broker that lost its power."""
        for folder in glob.glob(os.path.join(self.disks["rabbitmq"].data, "*", "stream")):
            shutil.rmtree(folder)

    def start_ended(self, name):
        """Start it if it has ended by itself. Whether it had."""
        status = subprocess.run([os.path.join(ROOT, "scripts", "stack"), "status", self.folder], capture_output=True,
                                text=True, check=False).stdout
        if f"{name} does not run" not in status:
            return False
        self.start(name)
        return True

    def settle(self):
        for disk in self.disks.values():
            disk.settle()

    def close(self):
        self._stack("kill", *self.disks)
        shutil.rmtree(self.folder)
