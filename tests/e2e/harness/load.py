"""Clients that book, and organisers who make events, all the time, in the background."""
import functools
import http.client
import time

from harness.steps import book, make_event, new_key
from harness.wait import COME_AGAIN, Background, wait_for_more


class Bookings(Background):
    """
    So many clients, each of which books one seat after the other with fresh keys, over and over, and comes again when
    it is told to. `booked` holds the ids that were acknowledged, `failures` the last answer of each who was not
    acknowledged within ten seconds, `turned_away` all who had to come again: on a machine that stands still now and
    then, some.

        with Bookings([first, second], event) as bookings:
            bookings.wait_for_more(50)
        bookings.check()
    """

    COMES_AGAIN_S = 10

    def __init__(self, replicas, event, clients=4):
        super().__init__(*(functools.partial(self._buy, replicas[i % len(replicas)], event) for i in range(clients)))
        self.booked = []
        self.failures = []
        self.turned_away = []

    def _buy(self, replica, event):
        self.slow_down(len(self.booked))
        key, until = new_key(), time.monotonic() + self.COMES_AGAIN_S
        try:
            while (answer := book(replica, event, 1, key)).status in COME_AGAIN and time.monotonic() < until:
                self.turned_away.append(answer)
        except (OSError, http.client.HTTPException) as error:
            answer = error
        if getattr(answer, "status", None) == 201:
            self.booked.append(answer.json()["ID"])
        else:
            self.failures.append(answer)

    def check(self):
        """Everybody was acknowledged, and next to nobody had to come again."""
        assert not self.failures, f"{len(self.failures)} failed: {self.failures[:3]}"
        assert len(self.turned_away) <= max(3, len(self.booked) // 100), (len(self.turned_away), self.turned_away[:3])

    def wait_for_more(self, n):
        """Until `n` more bookings were acknowledged."""
        wait_for_more(self.booked, n)


class Organiser(Background):
    """Makes event after event; `made` has them in order."""

    IN_HASTE = 300

    def __init__(self, events):
        super().__init__(self._make)
        self.events = events
        self.made = []

    def _make(self):
        self.slow_down(len(self.made))
        self.made.append(make_event(self.events, 3, name=f"meanwhile {len(self.made)}"))

    def wait_for_more(self, n):
        wait_for_more(self.made, n)
