"""How soon a service is ready after it was started: until /readyz answers 200."""
import statistics

WANTED_MS = 200


def measure(run):
    """The first start makes collections, indexes and queues; those after it find them, as after a crash or a rollout."""
    for start in (run.start_eventservice, run.start_bookingservice):
        service = start()
        first_ms, times = 1000 * service.ready_after_s, []
        for _ in range(run.options.times):
            service.kill()
            service.start()
            times.append(1000 * service.ready_after_s)
        median = statistics.median(times)
        run.say(service.name, f"first start {first_ms:.0f} ms, then {len(times)} times: median {median:.0f}, most {max(times):.0f} ms",
                first_ms=first_ms, times_ms=times)
        run.wanted(f"S8 ms until {service.name} is ready, most", f"<= {WANTED_MS}", max(times), max(times) <= WANTED_MS)
