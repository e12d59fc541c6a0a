"""What a campaign did and saw, added up over all its rounds."""
import collections
import statistics


class Report:
    def __init__(self):
        self.injected = collections.Counter()
        self.recoveries = collections.defaultdict(list)  # (fault, path): seconds
        self.totals = collections.Counter()  # calls, kills ...
        self.seen = collections.Counter()
        self.ready_s = []
        self.lines = []

    def add(self, fault, bookings_s, messages_s):
        self.injected[fault] += 1
        self.recoveries[fault, "bookings"].append(bookings_s)
        self.recoveries[fault, "messages"].append(messages_s)

    def note(self, line):
        self.lines.append(line)

    def _figures(self, fault, path):
        seconds = self.recoveries[fault, path]
        return f"{statistics.median(seconds):7.2f} {max(seconds):7.2f}"

    @staticmethod
    def _counts(name, counts):
        return f"{name}: " + ", ".join(f"{what} {n}" for what, n in counts.items())

    def in_all(self):
        return self._counts("in all", self.totals)

    def _sums(self):
        if self.ready_s:
            late = sum(seconds > 0.3 for seconds in self.ready_s)
            yield (f"ready again after a kill: p50 {statistics.median(self.ready_s):.2f} s, max {max(self.ready_s):.2f} s,"
                   f" {late} of {len(self.ready_s)} later than 0.3 s")
        yield self._counts("seen", self.seen)
        yield self.in_all()

    def __str__(self):
        rows = [f"{'fault':48} {'times':>5}  {'bookings p50, max':>16} {'messages p50, max':>16}  (seconds until it is well)"]
        rows += [f"{fault:48} {times:5}  {self._figures(fault, 'bookings'):>16} {self._figures(fault, 'messages'):>16}"
                 for fault, times in sorted(self.injected.items())]
        return "\n".join(rows + self.lines + list(self._sums()))
