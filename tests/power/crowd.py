"""Both services, and the people of a campaign who write down what they see of them."""
import os

from harness import at_once, eventually
from harness.history import History
from people import People, make_events
from town import Town

CAPACITIES = (10, 200, 1000, None)
N_CLIENTS = 6
N_REPLICAS = 2
RATE = 80


class Crowd:
    def __init__(self, world, seed):
        self.world = world
        self.seed = seed
        self.path = os.path.join(world.folder, f"{world.id}.supervisor")
        self.people_path = os.path.join(world.folder, f"{world.id}.clients")
        self.history = History(self.path)
        self.town = Town(world, N_REPLICAS)
        self.people = None

    def __enter__(self):
        # A classic queue of RabbitMQ 3.10 does not survive a loss of power, which is why none of ours is one.
        with self.world.amqp() as amqp:
            amqp.declare_exchange("events")
            amqp.declare_queue("observer", arguments={"x-queue-type": "quorum"})
            amqp.bind("observer", "events", "#")
        self.town.start(self.history)
        return self

    def __exit__(self, *_):
        if self.people:
            self.people.close()
        for link in self.town.links:
            link.proxy.close()
        self.history.file.close()

    def come(self, chance):
        """From now on there is load."""
        events = make_events(self.town, chance, CAPACITIES)
        self.people = People(self.town, self.people_path, self.seed, N_CLIENTS, RATE, events)

    def go(self):
        """Everybody finishes what he has begun."""
        return self.people.go()["counts"]

    def await_well(self):
        """Bookings succeed at every replica, and what the event service says arrives."""
        town = self.town
        at_once(len(town.replicas), lambda n: town.await_booking(town.replicas[n]))
        town.await_message()
        closed = [replica.name for replica in town.replicas if replica.metric("myevents_ledger_contradictions")]
        assert not closed, f"ledgers were found to contradict themselves: {closed}"

    def judge(self):
        """What the checker says of all that was ever seen, when everything is quiet."""
        eventually(self.town.is_quiet, 90, pause=0.2)
        return self.read()

    def read(self):
        """What the checker says of all that was ever seen, and of what is there now."""
        self.history.file.flush()
        path = os.path.join(self.world.folder, f"{self.world.id}.history")
        with History(path, [self.path, self.people_path]) as history:
            history.read_databases(self.world)
            history.write_messages(self.world.observed())
            history.read_queues(self.world)
            return history.check()
