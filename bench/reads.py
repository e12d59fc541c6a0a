"""
How many reads and refusals a second, each against the HTTP library alone on the same machine.

For each kind of request the service and a bare handler of the library that answers the same bytes are measured in
turn, for some rounds of some seconds; the middle round counts. The processor time that a request takes, in the
service, in mongod and in the bare handler, depends least on what else goes on.
"""
import statistics

from ceilings import Bare, answer_to
from run import require_clean

from harness.steps import book, make_bookable


def middle(results):
    return sorted(results, key=lambda result: result["per_second"])[len(results) // 2]


def load_bare(run, answer, **flags):
    with Bare(answer) as bare:
        result = run.load(bare, **flags).result()
        return {**result, "bare_s": bare.processor_seconds()}


def compare(run, name, service, method, path, body=""):
    answer = answer_to(service, method, path, body)
    status = answer.split()[1].decode()
    flags = {"request": f"{method} {path}", "body": body}
    ours, bares, used = [], [], {service.name: 0, "mongod": 0}
    for _ in range(run.options.rounds):
        bares.append(load_bare(run, answer, **flags))
        with run.usage(service) as usage:
            ours.append(run.load(service, **flags).result())
        for who in used:
            used[who] += usage.seconds[who]
        require_clean(ours[-1], status)
    ours_middle, bare = middle(ours), middle(bares)
    ratio = statistics.median(one["per_second"] / other["per_second"] for one, other in zip(ours, bares))
    latency = ours_middle["latency_us"]
    n = sum(result["answered"] for result in ours)
    us_here, us_mongod, us_bare = (1e6 * used[service.name] / n, 1e6 * used["mongod"] / n, 1e6 * bare["bare_s"] / bare["answered"])
    run.say("", f"{name:27} {status} {len(answer):5} {ours_middle['per_second']:7.0f} {latency['p50'] / 1000:6.2f} "
            f"{latency['p99'] / 1000:6.2f} {bare['per_second']:7.0f} {ratio:5.2f} {us_here:7.1f} {us_mongod:6.1f} {us_bare:5.1f}",
            of=name, ratio=ratio, bare_per_second=bare["per_second"], us_here=us_here, us_mongod=us_mongod, us_bare=us_bare,
            **ours_middle)


def measure(run):
    events, bookings = run.start_services()
    event = make_bookable(events, bookings, 1, Location={"Name": "Opera House", "Address": "1 Quay Street"})
    assert book(bookings, event).status == 201
    run.say("", f"{'':27} {'':3} {'bytes':>5} {'/s':>7} {'p50 ms':>6} {'p99 ms':>6} {'bare /s':>7} {'ratio':>5} {'us here':>7} "
            f"{'mongod':>6} {'bare':>5}")
    for name, service, request in (
            ("GET event, event service", events, ("GET", f"/events/{event}")),
            ("GET event, booking service", bookings, ("GET", f"/events/{event}")),
            ("GET availability", bookings, ("GET", f"/events/{event}/availability")),
            ("POST booking, sold out", bookings, ("POST", f"/events/{event}/bookings", '{"seats":1}'))):
        compare(run, name, service, *request)
