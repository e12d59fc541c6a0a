"""
A disk that forgets what was not synced: what forgetful.so wrote down about a server's files, and taking it back.
README.md says what is forgotten, and which promises of a real disk that rests on.

    disk = Disk(folder_of_the_data, folder_of_the_log)
    start(server, environment=disk.environment())
    kill_minus_nine(server)
    forgotten = disk.lose_power(random.Random(seed))
"""
import collections
import mmap
import os
import shutil
import struct

from harness.world import BUILD

LIBRARY = os.path.join(BUILD, "tests", "power", "libforgetful.so")

# As in forgetful.h.
RECORD = struct.Struct("=IIIIQQQQ")
PAGE, SIZE, SYNC, SHRINK, CREATE, RENAME, UNLINK, LINK, MKDIR, RMDIR, SETTLED = range(1, 12)
CONTROL = struct.Struct("=QQQQQ")
SETTLED_AT, FULL_AT, LIES_AT, HELD_AT, REFUSED_AT = range(0, 40, 8)

PAGE_BYTES = 4096
SECTOR_BYTES = 512
FOLDERS = (CREATE, RENAME, UNLINK, LINK, MKDIR, RMDIR)

# What becomes of the pages that were not synced.
NOTHING, SOME, TORN = "nothing of them was written", "some were written", "some sectors were written"
MODES = (NOTHING, SOME, TORN)

Record = collections.namedtuple("Record", "kind inode replaced offset size a b")


class Forgotten:
    """What one loss of power has taken back."""

    def __init__(self, mode):
        self.mode = mode
        self.bytes = 0
        self.files = 0
        self.names = 0  # files and folders that appeared, went or were renamed

    def __str__(self):
        return f"{self.bytes} bytes of {self.files} files and {self.names} changes of folders forgotten ({self.mode})"


class Unsynced:
    """What one file was when it was last durable."""

    def __init__(self):
        self.size = None
        self.pages = {}
        self.smallest = None  # if it was cut since


class Disk:
    def __init__(self, data, folder):
        self.data = data
        self.folder = folder
        self.log = os.path.join(folder, "log")
        self.kept = os.path.join(folder, "kept")
        os.makedirs(self.kept)
        os.makedirs(data, exist_ok=True)
        with open(os.path.join(folder, "control"), "w+b") as file:
            file.write(bytes(CONTROL.size))
            file.flush()
            self.control = mmap.mmap(file.fileno(), CONTROL.size)

    def environment(self):
        return {"LD_PRELOAD": LIBRARY, "FORGETFUL_DATA": self.data, "FORGETFUL_LOG": self.folder}

    # Commands, while the server runs

    def _number(self, at):
        return struct.unpack_from("=Q", self.control, at)[0]

    def _command(self, at, value):
        struct.pack_into("=Q", self.control, at, value)

    def settle(self):
        """As after sync(1): what was written until about now is durable."""
        # In this order: what is saved once too often does no harm.
        self._command(SETTLED_AT, self._number(SETTLED_AT) + 1)
        with open(self.log, "ab", buffering=0) as log:
            log.write(RECORD.pack(SETTLED, 0, 0, 0, 0, 0, 0, 0))

    def fill(self):
        """From now on there is no room for anything new."""
        self._command(FULL_AT, 1)

    def free(self):
        self._command(FULL_AT, 0)

    def refused(self):
        """How often there was no room."""
        return self._number(REFUSED_AT)

    def lie(self, lies=True):
        """Answer every sync, and do nothing."""
        self._command(LIES_AT, int(lies))

    def hold(self, held=True):
        """From now on no sync comes back, so that nothing more is acknowledged, and more and more may be forgotten."""
        self._command(HELD_AT, int(held))

    # The power is lost

    def _records(self):
        if not os.path.exists(self.log):
            return
        with open(self.log, "rb") as file:
            while len(head := file.read(RECORD.size)) == RECORD.size:
                kind, n_a, n_b, _, inode, replaced, offset, size = RECORD.unpack(head)
                a, b = file.read(n_a), file.read(n_b)
                # The server died while it wrote this one, so the change itself did not happen.
                if len(a) < n_a or len(b) < n_b:
                    return
                yield Record(kind, inode, replaced, offset, size, a, b)

    def _unsynced(self, chance, mode):
        """Changes of folders that are lost, the last first, and by inode what of files may be."""
        records = list(self._records())
        barriers = [n for n, record in enumerate(records) if record.kind in (SYNC, SETTLED)]
        open_changes = [n for n, record in enumerate(records)
                        if record.kind in FOLDERS and n > (barriers[-1] if barriers else -1)]
        # The journal of the file system is written in order: what is lost is its end.
        lost = set(open_changes[0 if mode == NOTHING else chance.randint(0, len(open_changes)):])
        files = {}
        for n, record in enumerate(records):
            if record.kind == SETTLED:
                files.clear()
            elif record.kind == SYNC or (record.kind == RENAME and record.replaced and n not in lost):
                files.pop(record.inode, None)
            elif record.kind not in FOLDERS:
                self._note(files.setdefault(record.inode, Unsynced()), record)
        return [records[n] for n in sorted(lost, reverse=True)], files

    @staticmethod
    def _note(file, record):
        if record.kind == SIZE:
            file.size = record.size
        elif record.kind == PAGE:
            file.pages.setdefault(record.offset, record.a)
        elif record.kind == SHRINK:
            file.smallest = record.size if file.smallest is None else min(file.smallest, record.size)

    def lose_power(self, chance, mode=None):
        """Take back what is not durable; the server has ended. What is left is durable, and the log is empty."""
        forgotten = Forgotten(mode or chance.choice(MODES))
        changes, files = self._unsynced(chance, forgotten.mode)
        for inode, file in files.items():
            self._forget_contents(inode, file, chance, forgotten)
        for change in changes:
            self._forget_change(change)
            forgotten.names += 1
        self.start_anew()
        return forgotten

    def start_anew(self):
        """All there is is durable. Only while no server runs."""
        shutil.rmtree(self.kept)
        os.makedirs(self.kept)
        with open(self.log, "wb"):
            pass

    def _forget_contents(self, inode, file, chance, forgotten):
        with open(os.path.join(self.kept, str(inode)), "r+b", buffering=0) as data:
            before = os.fstat(data.fileno()).st_size
            # What was cut is either as it was, or is cut and has what came after.
            whole = forgotten.mode == NOTHING or file.smallest is not None
            if whole and forgotten.mode != NOTHING and chance.random() < 0.5:
                return
            written = sum(self._forget_page(data, offset, old, file.size, None if whole else chance, forgotten.mode)
                          for offset, old in file.pages.items())
            # What was appended becomes part of the file in order, as far as it was written.
            after = file.size if whole or file.size > before else chance.randint(file.size, before)
            os.ftruncate(data.fileno(), after)
        forgotten.bytes += written + max(before - after, 0)
        forgotten.files += bool(written) or after != before

    @staticmethod
    def _forget_page(data, offset, old, old_size, chance, mode):
        """How many bytes of what was there before are taken back."""
        end = max(0, min(PAGE_BYTES, old_size - offset))
        new = os.pread(data.fileno(), PAGE_BYTES, offset).ljust(PAGE_BYTES, b"\0")
        old = old.ljust(PAGE_BYTES, b"\0")[:end] + new[end:]
        piece = SECTOR_BYTES if mode == TORN else PAGE_BYTES
        mixed = b"".join((old if chance is None or chance.random() < 0.5 else new)[at:at + piece]
                         for at in range(0, PAGE_BYTES, piece))
        if mixed == new:
            return 0
        os.pwrite(data.fileno(), mixed, offset)
        return sum(mixed[at:at + SECTOR_BYTES] != new[at:at + SECTOR_BYTES]
                   for at in range(0, PAGE_BYTES, SECTOR_BYTES)) * SECTOR_BYTES

    def _forget_change(self, change):
        path = os.fsdecode(change.a)
        if change.kind in (CREATE, LINK):
            os.unlink(path)
        elif change.kind == MKDIR:
            os.rmdir(path)
        elif change.kind == RMDIR:
            os.mkdir(path)
        elif change.kind == UNLINK:
            os.link(os.path.join(self.kept, str(change.inode)), path)
        else:
            os.rename(os.fsdecode(change.b), path)
            if change.replaced:
                os.link(os.path.join(self.kept, str(change.replaced)), os.fsdecode(change.b))
