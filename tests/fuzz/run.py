"""
run.py FOLDER AMOUNT SEED [PLAIN]: feed every target below FOLDER, where the preset `fuzz` built them, so many inputs,
or with an s behind AMOUNT for so many seconds.

What reaches new lines in that time is kept in FOLDER/found/<target>, and is where the next such run goes on. So many
inputs are the same ones for the same seed, but where the product draws itself: they begin with the kept corpus alone,
and end in FOLDER/counted/<target>. PLAIN holds the same targets without sanitizers: they take all of that again, in the
processor time that the product may take. At the end stands which lines of the parsers (FOLDER/parsers.txt) were reached,
and which were not; below nine tenths is a failure.
"""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(CORPUS)))
LEAST_REACHED = 0.9
INPUT_BYTES_MAX = 16 * 1024
LIMITS = ["-timeout=20", "-rss_limit_mb=1024", "-malloc_limit_mb=64", f"-max_len={INPUT_BYTES_MAX}"]
FAULT = re.compile(r"^.*(?:must hold: |runtime error: |ERROR: ).*$", re.MULTILINE)


class Target:
    """One program, and what became of it."""

    def __init__(self, program, amount):
        self.program = program
        self.amount = amount
        self.name = os.path.basename(program).removeprefix("fuzz_")
        self.corpus = os.path.join(CORPUS, self.name)
        self.found = os.path.join(os.path.dirname(program), "found" if amount.endswith("s") else "counted", self.name)
        self.profile = f"{self.found}.profraw"
        self.executions = self.kept = 0
        self.slowest_us = -1
        self.fault = ""

    def _work(self):
        """How long, and where it begins."""
        if self.amount.endswith("s"):
            os.makedirs(self.found, exist_ok=True)
            return [f"-max_total_time={self.amount.removesuffix('s')}", self.found, self.corpus]
        shutil.rmtree(self.found, ignore_errors=True)
        os.makedirs(self.found)
        # Not what comes from outside: the order of a directory, the time, and addresses that were compared.
        kept = sorted(glob.glob(os.path.join(self.corpus, "*")))
        return [f"-runs={self.amount}", f"-seed_inputs={','.join(kept)}", "-reload=0", "-use_cmp=0", self.found]

    def run(self, seed):
        """Let libFuzzer work."""
        environment = dict(os.environ, LLVM_PROFILE_FILE=self.profile, ASAN_OPTIONS="quarantine_size_mb=16")
        command = [self.program, f"-seed={seed}", *LIMITS, "-print_final_stats=1", f"-artifact_prefix={self.found}-",
                   *self._work()]
        run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", check=False)
        executions = re.search(r"stat::number_of_executed_units: (\d+)", run.stdout)
        self.executions = int(executions[1]) if executions else 0
        self.kept = len(os.listdir(self.found))
        if run.returncode:
            fault = FAULT.search(run.stdout)
            unit = re.search(r"Test unit written to (\S+)", run.stdout)
            self.fault = f"{fault[0] if fault else f'status {run.returncode}'}; {unit[1] if unit else run.stdout[-2000:]}"

    def replay(self, folder):
        """All of it again, without sanitizers."""
        run = subprocess.run([os.path.join(folder, f"fuzz_{self.name}"), self.corpus, self.found],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        slowest = re.search(r"the slowest took (\d+) us", run.stdout)
        self.slowest_us = int(slowest[1]) if slowest else -1
        if run.returncode:
            self.fault = self.fault or f"replayed: {run.stdout}{run.stderr[-1000:]}"

    def line(self):
        """Its row of the table."""
        slowest = f"{self.slowest_us / 1000:8.1f} ms" if self.slowest_us >= 0 else ""
        return f"{self.name:14} {self.executions:10} {self.kept:6} {slowest:12}{self.fault}".rstrip()


def _reached(folder, targets):
    """{file: {line: how often}} of the parsers."""
    merged = os.path.join(folder, "found.profdata")
    subprocess.run(["llvm-profdata-14", "merge", "-o", merged, *(target.profile for target in targets)], check=True)
    with open(os.path.join(folder, "parsers.txt"), encoding="utf-8") as names:
        parsers = [os.path.join(ROOT, name) for name in names.read().split()]
    programs = [f"-object={target.program}" for target in targets[1:]]
    report = subprocess.run(["llvm-cov-14", "export", "-format=lcov", f"-instr-profile={merged}", targets[0].program, *programs,
                             *parsers], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    lines, of_file = {}, {}
    for row in report.splitlines():
        if row.startswith("SF:"):
            of_file = lines.setdefault(os.path.relpath(row[3:], ROOT), {})
        elif row.startswith("DA:"):
            number, times = (int(part) for part in row[3:].split(",")[:2])
            of_file[number] = max(times, of_file.get(number, 0))
    return lines


def _ranges(numbers):
    """[1, 2, 3, 7] is "1-3 7"."""
    ranges = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _print_reached(lines):
    """The share of all lines that was reached."""
    n_all = sum(len(of_file) for of_file in lines.values())
    n_reached = sum(1 for of_file in lines.values() for times in of_file.values() if times)
    print("\nlines of parsers that no input reached:")
    for name, of_file in sorted(lines.items()):
        missing = [number for number, times in of_file.items() if not times]
        if missing:
            print(f"    {name}: {_ranges(missing)} ({len(of_file) - len(missing)} of {len(of_file)} reached)")
    print(f"reached: {n_reached} of {n_all} lines in {len(lines)} files, {100 * n_reached / max(n_all, 1):.1f} %")
    return n_reached / max(n_all, 1)


def main(folder, amount, seed, plain=None):
    """0 when all is well."""
    targets = [Target(program, amount) for program in sorted(glob.glob(os.path.join(folder, "fuzz_*")))
               if os.access(program, os.X_OK)]
    print(f"seed {seed}, {amount} each\ntarget         executions   kept      slowest")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda target: target.run(seed), targets))
    for target in targets:
        if plain:
            target.replay(plain)
        print(target.line(), flush=True)
    print(f"all            {sum(target.executions for target in targets):10}")
    covered = _print_reached(_reached(folder, [target for target in targets if os.path.exists(target.profile)]))
    failed = sum(1 for target in targets if target.fault) + (covered < LEAST_REACHED)
    print(f"{len(targets) + 1 - failed} passed, {failed} failed")
    return 1 if failed or not targets else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
