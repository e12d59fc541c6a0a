"""The disk itself: what was synced stays, what was not may go, and only so."""
import collections
import os
import shutil
import subprocess
import sys

from disk import MODES, NOTHING, Disk

SIZE = 20000
TIMES = 25

# Killed at its end, as a server is.
PROGRAM = """
import os, sys
os.chdir(sys.argv[1])
old = os.open("old", os.O_CREAT | os.O_RDWR)
os.write(old, b"A" * %(size)d)
os.mkdir("folder")
os.fsync(old)
os.pwrite(old, b"B" * 9000, 2000)
os.write(old, b"C" * %(size)d)
new = os.open("new", os.O_CREAT | os.O_WRONLY)
os.write(new, b"D" * %(size)d)
os.rename("old", "moved")
os.unlink("new")
os.rmdir("folder")
os.kill(os.getpid(), 9)
""" % {"size": SIZE}

# Each has what came before it, in the order in which it was done.
STATES = [{"old", "folder"}, {"old", "folder", "new"}, {"moved", "folder", "new"}, {"moved", "folder"}, {"moved"}]


def crash(disk):
    done = subprocess.run([sys.executable, "-c", PROGRAM, disk.data], env={**os.environ, **disk.environment()},
                          check=False)
    assert done.returncode == -9, f"the program ended with {done.returncode}"


def read(disk, name):
    with open(os.path.join(disk.data, name), "rb") as file:
        return file.read()


def check_old(data, mode):
    """What was appended is there up to somewhere; what was overwritten is mixed; all else is as it was synced."""
    assert SIZE <= len(data) <= 2 * SIZE, len(data)
    assert set(data[SIZE:]) <= {ord("C")}, "what was appended has holes"
    assert set(data[:2000] + data[11000:SIZE]) == {ord("A")}, "what was synced has changed"
    assert set(data[2000:11000]) <= {ord("A"), ord("B")}
    if mode == NOTHING:
        assert data == b"A" * SIZE


def run(stage):
    disk = Disk(os.path.join(stage.folder, "data"), os.path.join(stage.folder, "disk"))
    seen = collections.Counter()
    for turn in range(TIMES):
        mode = MODES[turn % len(MODES)]
        crash(disk)
        if turn == 0:
            disk.settle()
        disk.lose_power(stage.chance, mode)
        there = set(os.listdir(disk.data))
        assert there in STATES, there
        assert there == (STATES[-1] if turn == 0 else STATES[0]) or mode != NOTHING, (turn, there)
        if turn > 0:
            check_old(read(disk, "moved" if "moved" in there else "old"), mode)
        seen[STATES.index(there)] += 1
        shutil.rmtree(disk.data)
        os.makedirs(disk.data)
    assert len(seen) > 2, f"chance took back the same each time: {seen}"
    return f"{TIMES} losses of power of a small program"
