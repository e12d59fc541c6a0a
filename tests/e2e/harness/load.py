"""Clients that book, and organisers who make events, all the time, in the background."""
import functools
import http.client

from harness.steps import book, make_event, new_key
from harness.wait import Background, asked, wait_for_more


class Bookings(Background):
    """
    So many clients, each of which books one seat after the other with fresh keys, over and over. `booked` holds the ids
    that were acknowledged, `failures` every other answer; `stalls` what came before either, where the database stood
    still: then a booking is sent again.

        with Bookings([first, second], event) as bookings:
            bookings.wait_for_more(50)
        bookings.check()
    """

    STALLS_MAX = 3  # one does not make many

    def __init__(self, replicas, event, clients=4):
        super().__init__(*(functools.partial(self._buy, replicas[i % len(replicas)], event) for i in range(clients)))
        self.booked = []
        self.failures = []
        self.stalls = []

    def _buy(self, replica, event):
        self.slow_down(len(self.booked))
        key = new_key()
        try:
            answer = asked(lambda: book(replica, event, 1, key), self.stalls)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(error)
            return
        if answer.status == 201:
            self.booked.append(answer.json()["ID"])
        else:
            self.failures.append(answer)

    def check(self):
        """Everybody was acknowledged."""
        assert not self.failures, f"{len(self.failures)} failed: {self.failures[:3]}"
        assert len(self.stalls) <= self.STALLS_MAX, (len(self.stalls), self.stalls[:3])

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
