"""A certificate for this machine alone, signed by itself."""
import os
import subprocess

from local.process import ProcessError

DAYS = 365
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def _openssl(*words):
    return subprocess.run(["openssl", *words], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def lasts(certificate, seconds):
    """Whether there is one that is still good after so many seconds."""
    return os.path.exists(certificate) and \
        _openssl("x509", "-in", certificate, "-noout", "-checkend", str(seconds)).returncode == 0


def make(certificate, key, name="localhost"):
    """Write both files anew, each in one step, so that a service never reads half of one. The key is readable
    for its owner only."""
    new = [path + ".new" for path in (certificate, key)]
    done = _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", str(DAYS), "-subj", f"/CN={name}", "-addext", NAMES,
                    "-out", new[0], "-keyout", new[1])
    if done.returncode != 0:
        raise ProcessError(f"openssl made no certificate:\n{done.stdout}")
    for path in new:
        os.replace(path, path.removesuffix(".new"))
