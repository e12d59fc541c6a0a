#!/usr/bin/python3
"""
hail.py [--minutes M] [--seed S] [--replicas N] [--rate R]: the campaign with one fault, which hardly ever ends. Two
replicas of the event service and all of the booking service are killed at random moments, several times a second (see
lives.py), under the same load and before the same checker.
"""
from campaign import Round, main
from lives import hail
from town import Town

# So often it is seen whether all is well again.
HAIL_S = 60


class HailTown(Town):
    """The catalogue has a second replica as well."""

    def __init__(self, world, n_replicas):
        super().__init__(world, n_replicas)
        self.eventservices.append(self._service("eventservice", world.events_db))
        self.services.append(self.eventservices[-1])


def a_minute_of_hail(town, chance):
    "a minute of kill -9 on all services"
    return hail(town, chance, HAIL_S)


class HailRound(Round):
    town_class = HailTown
    cards = [a_minute_of_hail]
    must_see = ("killed at the start", "killed at work", "killed at the stop", "lost race",
                "sweep published what another left")


if __name__ == "__main__":
    main(HailRound)
