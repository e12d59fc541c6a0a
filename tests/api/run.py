"""
run.py [AMOUNT [SEED]]: Schemathesis against the running services: requests made from their descriptions, good ones
and bad ones, and every answer held against what is described. AMOUNT is how many are made up for each operation, or
with an s behind it for how many seconds. SEED repeats what a run has sent; with seconds a faster machine sends more.
"""
import os
import secrets
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import run  # noqa: E402
from harness.steps import book_until_known, known, make_bookable, make_event, make_location  # noqa: E402

SCHEMATHESIS = os.path.join(ROOT, "build", "python-tools", "bin", "schemathesis")
AMOUNT = sys.argv.pop(1) if len(sys.argv) > 1 else "60"
SEED = sys.argv.pop(1) if len(sys.argv) > 1 else str(secrets.randbelow(1 << 32))


def bring_data(events, bookings):
    """Something of each kind, to be found in lists."""
    location = make_location(events, Halls=[{"name": "Main", "capacity": 100}])
    make_event(events, name="Matinee", LocationID=location, Hall="Main")
    event = make_bookable(events, bookings, 1000000)
    user = known(lambda: bookings.post("/users", {"First": "Ada"})).json()["ID"]
    assert known(lambda: bookings.post(f"/events/{event}/bookings", {"seats": 1, "UserID": user})).status == 201
    assert book_until_known(bookings, event).status == 201


def start(service, folder):
    """One process; what it says goes to a file."""
    log = os.path.join(folder, f"{service.name}.schemathesis")
    amount = ["--max-time", AMOUNT.removesuffix("s")] if AMOUNT.endswith("s") else ["--max-examples", AMOUNT]
    command = [SCHEMATHESIS, "--config-file", os.path.join(HERE, "schemathesis.toml"), "run", "--no-color",
               f"http://{service.host}:{service.port}/openapi.json", *amount, "--seed", SEED]
    with open(log, "w") as output:
        return log, subprocess.Popen(command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                     env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1",
                                          "HYPOTHESIS_STORAGE_DIRECTORY": os.path.join(folder, "hypothesis")})


def as_described(world):
    "P48: the services answer what their descriptions say, to good requests and to bad ones"
    events = world.start_eventservice()
    # As many as can be configured, since the description says so.
    bookings = world.start_bookingservice({"seats_per_booking": 1000})
    search = world.start_searchservice()
    bring_data(events, bookings)
    runs = [start(service, world.folder) for service in (events, bookings, search)]
    try:
        statuses = [process.wait() for _, process in runs]
    finally:
        for _, process in runs:
            process.kill()
    for (log, _), status in zip(runs, statuses):
        with open(log) as file:
            text = file.read()
        print(text if status else "".join(text.splitlines(True)[-3:]), flush=True)
    assert not any(statuses), f"see above; again with the seed {SEED}"


if __name__ == "__main__":
    run(as_described)
