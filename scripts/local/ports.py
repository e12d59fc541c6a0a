"""Free TCP ports on loopback that no other script of ours takes meanwhile."""
import random
import socket

# Below the range from which Linux takes the ports of outgoing connections.
FIRST, LAST = 20000, 32767

_claims = []


def is_free(port):
    with socket.socket() as probe:
        # A server that has just ended leaves connections in TIME_WAIT; they hinder nobody.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _claim(port):
    """Between finding a port free and the server's listening another script might find it too. An abstract
    socket is a lock that every process sees and that ends with ours."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0myevents-port-{port}")
    except OSError:
        claim.close()
        return False
    if not is_free(port):
        claim.close()
        return False
    _claims.append(claim)
    return True


def claim(wanted=None):
    """A free port, kept for this process until it ends: `wanted` when that is free, else any."""
    if wanted and _claim(wanted):
        return wanted
    for _ in range(1000):
        port = random.randint(FIRST, LAST)
        if _claim(port):
            return port
    raise RuntimeError("no free port on 127.0.0.1")
