"""F13: the disk of the database is full under load, then that of the broker; freed, nothing acknowledged is missing."""
import http.client
import time

from harness import eventually
from harness.steps import new_key

from crowd import Crowd

ANSWER_WITHIN_S = 2
# A process that waits for its turn on a busy machine is no fault of its own.
BUSY_S = 3
BOOKINGS = 5


def answer_of(town):
    """One booking, as a client sees it: status, and how long it took."""
    began = time.monotonic()
    try:
        answer = town.recorder.book(town.replicas[0], town.probe_event, 1, new_key())
    except (OSError, http.client.HTTPException):
        answer = None
    seconds = time.monotonic() - began
    assert answer is not None, "a booking was not answered"
    assert seconds < ANSWER_WITHIN_S + BUSY_S, f"a booking was answered after {seconds:.1f} s"
    return answer.status, seconds


def database(stage, crowd):
    """Until it is freed bookings are refused in time, and none is answered wrongly."""
    disk = stage.servers.disks["mongod"]
    disk.fill()

    def refused():
        """a booking finds no room"""
        return answer_of(crowd.town)[0] == 503

    eventually(refused, 30)
    answers = [answer_of(crowd.town) for _ in range(BOOKINGS)]
    assert {status for status, _ in answers} == {503}, answers
    disk.free()
    ended = stage.servers.start_ended("mongod")
    crowd.await_well()
    slowest_s = max(seconds for _, seconds in answers)
    return f"the database {'ended and was started' if ended else 'went on'}, 503 within {slowest_s:.1f} s meanwhile"


def broker(stage, crowd):
    """Bookings do not notice."""
    disk = stage.servers.disks["rabbitmq"]
    before = disk.refused()
    disk.fill()
    eventually(lambda: disk.refused() > before, 60)
    answers = [answer_of(crowd.town) for _ in range(BOOKINGS)]
    assert {status for status, _ in answers} == {201}, answers
    disk.free()
    # Out of room RabbitMQ 3.10 loses the writer of its quorum queues and goes on without it: whoever frees the disk
    # has to start it anew. Its disk_free_limit is there so that it does not come to this.
    stage.servers.end("rabbitmq")
    stage.servers.start("rabbitmq")
    crowd.await_well()
    return "bookings did not notice that the broker's was"


def run(stage):
    with Crowd(stage.world, stage.chance.randrange(10**6)) as crowd:
        crowd.come(stage.chance)
        said = [kind(stage, crowd) for kind in (database, broker)]
        crowd.go()
        checked = crowd.judge()
        assert checked.status == 0, checked
        complaints = stage.world.complaints()
        assert not complaints, "; ".join(complaints)
    return f"{'; '.join(said)}; {checked.summary['calls']} calls, {checked.summary['violations']} violations"
