"""What operators see and do: metrics, probes, pages of other origins, replicas that come and go."""
import re

from harness import eventually, run
from harness.metrics import parse
from harness.steps import book, make_bookable, new_key

NAME = re.compile(r"(myevents|process)(_[a-z0-9]+)+")
ABBREVIATED = {"s", "ms", "us", "ns", "sec", "secs", "b", "kb", "mb", "milliseconds", "microseconds", "minutes",
               "hours", "kilobytes", "megabytes", "percent"}
KINDS = {"counter", "gauge", "histogram", "summary", "untyped"}


def families(text):
    """Kind and help of each metric by name; every sample belongs to the family above it."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, help_text = line.split(" ", 3)[2:]
            assert name not in found, f"{name} is there twice"
            found[name] = [None, help_text]
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name and found[name][0] is None, line
            found[name][0] = line.split()[3]
        else:
            sample = re.match(r"\w+", line)[0]
            suffix = "(_bucket|_sum|_count)" if found[name][0] == "histogram" else ""
            assert re.fullmatch(name + suffix, sample), f"{sample} stands under {name}"
    return found


def complaints(text):
    """What the linter of Prometheus says, and a little more."""
    for name, (kind, help_text) in families(text).items():
        words = name.split("_")
        if not NAME.fullmatch(name):
            yield f"{name}: not in our name space, or not in lower case"
        if (kind == "counter") != (words[-1] == "total"):
            yield f"{name}: _total belongs to counters, and to all of them"
        if words[-1] in ("count", "sum", "bucket"):
            yield f"{name}: ends like a part of a histogram"
        if set(words) & (KINDS | ABBREVIATED):
            yield f"{name}: names a kind, or no base unit"
        if kind not in KINDS or not help_text.endswith("."):
            yield f"{name}: {kind}, {help_text!r}"


def check_histograms(text):
    """Buckets rise, and the last one is the count."""
    buckets, counts = {}, {}
    for name, labels, value in parse(text):
        bound = labels.pop("le", None)
        key = re.sub("_(bucket|count)$", "", name), tuple(sorted(labels.items()))
        if bound:
            buckets.setdefault(key, []).append((float(bound), value))
        elif name.endswith("_count"):
            counts[key] = value
    assert buckets and buckets.keys() == counts.keys()
    for key, rows in buckets.items():
        assert rows == sorted(rows) and [value for _, value in rows] == sorted(value for _, value in rows), (key, rows)
        assert rows[-1] == (float("inf"), counts[key]), (key, rows, counts[key])


def metrics_are_clean(world):
    "P26: metrics keep the rules of Prometheus, and say what happened: by route, by reason, by age"
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 3)
    assert book(bookings, event, 2, new_key()).status == 201
    assert book(bookings, event, 2, new_key()).status == 409
    assert bookings.get("/nowhere").status == 404

    def measured(service, **labels):
        return service.metric("myevents_http_request_duration_seconds_count", **labels)

    create = {"method": "POST", "route": "/events/{id}/bookings"}
    eventually(lambda: measured(bookings, route="none", **{"class": "4xx"}) == 1)
    assert measured(bookings, **create, **{"class": "2xx"}) == measured(bookings, **create, **{"class": "4xx"}) == 1
    assert bookings.metric("myevents_seats_booked_total") == 2
    assert bookings.metric("myevents_bookings_rejected_total", reason="sold-out") == 1
    assert bookings.metric("myevents_ledger_batch_bookings_count") == 1
    assert bookings.metric("myevents_ledger_lost_races_total") == 0
    for service in (events, bookings):
        eventually(lambda: 0 <= service.metric("myevents_messages_heard_age_seconds") < 60)
        eventually(lambda: service.metric("myevents_outbox_oldest_seconds") == 0)
        text = service.health("/metrics").body.decode()
        assert not list(complaints(text)), list(complaints(text))
        check_histograms(text)


def names_of_myevents(world):
    "P26: the names that MyEvents gave its metrics are there when asked for, beside the others"
    bookings = world.start_bookingservice({"metrics_myevents_names": "true"})
    event = make_bookable(world.start_eventservice(), bookings, 3)
    assert book(bookings, event).status == 201
    assert bookings.metric("myevents_bookings_count") == bookings.metric("myevents_bookings_total") == 1
    assert bookings.metric("myevents_seats_per_booking_count") == 1
    # Which is why they are not there unless asked for.
    assert {line.split(":")[0] for line in complaints(bookings.health("/metrics").body.decode())} == \
        {"myevents_bookings_count"}


if __name__ == "__main__":
    run(metrics_are_clean, names_of_myevents)
