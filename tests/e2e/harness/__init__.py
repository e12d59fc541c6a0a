"""
End-to-end tests in Python's standard library.

    from harness import at_once, eventually, run

    def messages_wait(world):
        "P4: messages wait while the booking service is down"
        events = world.start_eventservice()
        ...
        bookings = world.start_bookingservice()
        eventually(lambda: bookings.get(f"/events/{event}").status == 200)

    if __name__ == "__main__":
        run(messages_wait)

A program is run by `scripts/check e2e`, or alone: it then starts servers of its own. The services come from
MYEVENTS_BUILD, build/release when not given.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "scripts"))

from harness.client import Answer, Client, next_of, pages, send_raw, walk  # noqa: E402 (after the path)
from harness.runner import run  # noqa: E402
from harness.wait import COME_AGAIN, PATIENCE_S, Background, at_once, eventually, known, wait_for_more  # noqa: E402

__all__ = ["COME_AGAIN", "PATIENCE_S", "Answer", "Background", "Client", "at_once", "eventually", "known", "next_of",
           "pages", "run", "send_raw", "wait_for_more", "walk"]
