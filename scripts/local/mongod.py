"""A private mongod: a replica set of one on loopback."""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

from local.server import Server
from local.process import ProcessError
from mongo_command import MongoConnection, MongoError

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(SCRIPTS, "mongod-package.txt")
PACKAGED_VERSION = "6.0.5"
SET_NAME = "myevents"

ALREADY_INITIALIZED = 23

# Random index keys sink the insert rate at the default thresholds, and a restart after kill -9 takes
# 18 s instead of 2.5 with the default --syncdelay.
EVICTION = "eviction_dirty_target=70,eviction_dirty_trigger=85,eviction_updates_target=60,eviction_updates_trigger=80"


def find_mongod():
    """The program: MYEVENTS_MONGOD, else from PATH, else from the Python package that carries one."""
    given = os.environ.get("MYEVENTS_MONGOD")
    if given:
        if not os.access(given, os.X_OK):
            raise ProcessError(f"MYEVENTS_MONGOD={given} is not a program")
        return given
    return shutil.which("mongod") or packaged_mongod()


def packaged_mongod():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    mongod = os.path.join(cache, "myevents", f"mongod-{PACKAGED_VERSION}")
    if not os.path.exists(mongod):
        with open("/proc/cpuinfo") as file:
            if " avx " not in file.read():
                raise ProcessError("the packaged mongod needs a processor with AVX; install another one and"
                                   " name it in MYEVENTS_MONGOD")
        fetch_mongod(mongod)
    return mongod


def fetch_mongod(target):
    """Download the package (pip compares its SHA-256 with the one in PACKAGE) and keep the one file."""
    print(f"mongod {PACKAGED_VERSION} is fetched once into {target}", file=sys.stderr, flush=True)
    subprocess.run([os.path.join(SCRIPTS, "install"), "mongod"], check=True)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(target)) as folder:
        download = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
             "--require-hashes", "--dest", folder, "--requirement", PACKAGE])
        if download.returncode != 0:
            raise ProcessError("mongod could not be fetched; install one and name it in MYEVENTS_MONGOD")
        wheel = next(name for name in os.listdir(folder) if name.endswith(".whl"))
        unpack_mongod(os.path.join(folder, wheel), os.path.join(folder, "mongod"))
        # Another clone may do the same at the same time: the last one wins, and each is whole.
        os.replace(os.path.join(folder, "mongod"), target)


def unpack_mongod(wheel, target):
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/bin/mongod"))
        with archive.open(member) as source, open(target, "wb") as program:
            shutil.copyfileobj(source, program, 1 << 20)
    os.chmod(target, 0o755)


class Mongod(Server):
    name = "mongod"

    def launch(self):
        self.run("process", [
            find_mongod(), "--replSet", SET_NAME, "--bind_ip", "127.0.0.1", "--port", str(self.state["port"]),
            "--dbpath", self.folder, "--nounixsocket", "--networkMessageCompressors", "disabled",
            "--oplogSize", "256", "--wiredTigerCacheSizeGB", "1", "--syncdelay", "10",
            "--wiredTigerEngineConfigString", EVICTION,
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            # Nobody waits for another primary to be elected.
            "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
        ])

    def is_ready(self):
        try:
            with MongoConnection("127.0.0.1", self.state["port"], timeout=5) as mongo:
                return self._is_primary(mongo)
        except (OSError, MongoError):
            return False

    def _is_primary(self, mongo):
        hello = mongo.command("admin", {"hello": 1})
        if hello.get("isWritablePrimary") and hello["me"] == self.address():
            return True
        self._configure(mongo, self.address())
        return False

    def _configure(self, mongo, address):
        """Make it a replica set of one, under its address of today."""
        try:
            config = {"_id": SET_NAME, "members": [{"_id": 0, "host": address}]}
            mongo.command("admin", {"replSetInitiate": config})
        except MongoError as error:
            if error.code != ALREADY_INITIALIZED:
                raise
            config = mongo.command("admin", {"replSetGetConfig": 1})["config"]
            if config["members"][0]["host"] != address:
                config["members"][0]["host"] = address
                config["version"] += 1
                mongo.command("admin", {"replSetReconfig": config, "force": True})

    def environment(self):
        return {"MONGO_URL": f"mongodb://{self.address()}/?replicaSet={SET_NAME}"}
