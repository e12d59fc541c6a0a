"""A trace goes on from a request to its messages and to the log lines of whoever hears them (W3C Trace Context)."""
import re
import secrets

from harness import at_once, eventually, run
from harness.steps import make_bookable, messages_by_id, wait_bookable, wait_published

LINE = re.compile(r" trace=(?P<trace>[0-9a-f]{32}) .*?(?:path=(?P<path>\S+)|id=(?P<id>\S+))")


def traceparent(flags="01"):
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def traces_in_log(service, text):
    """The ids of the traces in which lines with this text stand."""
    return {found["trace"] for line in service.log_text().splitlines() if text in line and (found := LINE.search(line))}


def observed(world, wanted):
    """Messages by id, once so many have come."""
    seen = {}

    def come():
        """all messages have come"""
        seen.update(messages_by_id(world.observed())[0])
        return len(seen) >= wanted

    eventually(come)
    return seen


def expect_trace(message, parent):
    """It goes on in the trace of the request, as a step of its own."""
    _, trace, span, flags = message.headers["traceparent"].split("-")
    _, wanted, before, sampled = parent.split("-")
    assert (trace, flags) == (wanted, sampled), (message.headers, parent)
    assert span != before, "the step of the request itself"


def a_trace_goes_on(world):
    "the trace of a request is that of its log line, its message and the log lines of all who hear it, both ways"
    world.observe()
    events, bookings = world.start_eventservice({"log_level": "debug"}), world.start_bookingservice()
    search = world.start_searchservice()
    made, changed, booked, cancelled = traceparent(), traceparent("00"), traceparent(), traceparent()

    answer = events.post("/events", {"Name": "Traced", "Capacity": 5}, {"traceparent": made})
    event = answer.json()["ID"]
    assert events.request("PATCH", f"/events/{event}", {"Name": "New"}, {"traceparent": changed}).status == 200
    wait_bookable(bookings, event)
    answer = bookings.post(f"/events/{event}/bookings", {"seats": 2}, {"traceparent": booked})
    assert answer.status == 201, answer
    path = f"/bookings/{answer.json()['ID']}"
    assert bookings.request("DELETE", path, None, {"traceparent": cancelled}).status == 200

    messages = observed(world, 4)
    spans = set()
    rows = [(f"{event}:1", made, (bookings, search)), (f"{event}:2", changed, (bookings, search))]
    rows += [(message.id, parent, (events,)) for parent, name in ((booked, "event.booked"), (cancelled, "booking.cancelled"))
             for message in messages.values() if message.name == name]
    assert len(rows) == 4, messages
    for name, parent, hearers in rows:
        expect_trace(messages[name], parent)
        spans.add(messages[name].headers["traceparent"].split("-")[2])
        for hearer in hearers:
            eventually(lambda: traces_in_log(hearer, f"id={name} ") == {parent.split("-")[1]})
    assert len(spans) == 4, "two messages are one step"
    assert traces_in_log(bookings, f"path={path} ") == {cancelled.split("-")[1]}
    assert made.split("-")[1] in traces_in_log(events, "path=/events ")


def what_is_malformed_begins_anew(world):
    "a malformed or missing traceparent is not taken over: the request begins a trace of its own"
    world.observe()
    events = world.start_eventservice()
    good = traceparent()
    bad = [good.upper(), good[:-1], good + "-x", "ff" + good[2:], "00-" + "0" * 32 + good[35:], good.replace("-", "_"), "x", None]
    made = [events.post("/events", {"Name": f"E{i}"}, {"traceparent": text} if text else {}).json()["ID"]
            for i, text in enumerate(bad)]
    messages = observed(world, len(bad))
    traces = [messages[f"{event}:1"].headers["traceparent"].split("-")[1] for event in made]
    assert len(set(traces)) == len(bad) and good.split("-")[1] not in traces, traces
    assert set(traces) <= traces_in_log(events, "path=/events "), traces


def bookings_of_one_batch_keep_their_own(world):
    "many bookings at once, in a few entries of the ledger: each message goes on in the trace of its own request"
    world.observe(routing_key="event.booked")
    events, bookings = world.start_eventservice(), world.start_bookingservice()
    event = make_bookable(events, bookings, 1000)
    parents = [traceparent() for _ in range(48)]
    ids = at_once(len(parents), lambda i: bookings.post(f"/events/{event}/bookings", {"seats": 1},
                                                        {"traceparent": parents[i]}).json()["ID"])
    by_booking = {message.json()["bookingId"]: message for message in observed(world, len(ids)).values()}
    for booking, parent in zip(ids, parents):
        expect_trace(by_booking[booking], parent)


def the_outbox_keeps_it(world):
    "of the catalogue the trace lies in the document: a message that leaves after a death is still a step of it"
    events = world.start_eventservice()
    world.observe()
    world.kill_server("rabbitmq")
    parent = traceparent()
    event = events.post("/events", {"Name": "Kept"}, {"traceparent": parent}).json()["ID"]
    events.kill()
    world.start_server("rabbitmq")
    events.start()
    wait_published(world)
    expect_trace(observed(world, 1)[f"{event}:1"], parent)


if __name__ == "__main__":
    run(a_trace_goes_on, what_is_malformed_begins_anew, bookings_of_one_batch_keep_their_own, the_outbox_keeps_it)
