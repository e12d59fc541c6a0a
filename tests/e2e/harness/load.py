"""Clients that book all the time, in the background."""
import http.client
import threading

from harness.steps import book, new_key
from harness.wait import eventually


class Bookings:
    """
    So many clients, each of which books one seat after the other with fresh keys over and over until stop().
    `booked` holds the ids that were acknowledged, `failures` every other answer: nothing is repeated.

        with Bookings([first, second], event) as bookings:
            bookings.wait_for_more(50)
    """

    def __init__(self, replicas, event, clients=4):
        self.replicas = replicas
        self.event = event
        self.booked = []
        self.failures = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._buy, args=[i]) for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _buy(self, i):
        replica = self.replicas[i % len(self.replicas)]
        while not self.stopping.is_set():
            try:
                answer = book(replica, self.event, 1, new_key())
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(error)
                continue
            if answer.status == 201:
                self.booked.append(answer.json()["ID"])
            else:
                self.failures.append(answer)

    def wait_for_more(self, n, timeout=60):
        """Until `n` more bookings were acknowledged."""
        goal = len(self.booked) + n

        def made():
            """so many more bookings were acknowledged"""
            return len(self.booked) >= goal

        eventually(made, timeout)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
