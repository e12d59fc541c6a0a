"""
run.py [--share | --all] [--minutes M] FOLDER [PATTERN]: a table of which seeded defect is caught by what, and after how
long.

FOLDER is the build folder, in which the target `defects` was built: one simulator and one explorer for each patch, and
for each one in adapters/ a build of the programs. Whatever runs on them knows nothing of the defect: it is what runs on
the clean ones, until an invariant falls or the time is over. The clean build has to pass the same end-to-end runs, and
does so at the end; simulator and explorer have their own word.

The explorers of the known wrong variants run each time, and print their shortest schedules; those of all with --all.
--share leaves out the end-to-end runs that take long, and the clean ones, which the end-to-end suite makes anyhow. After
M minutes nothing more is begun, and the last lines say what was left out.
"""
import argparse
import fnmatch
import glob
import os
import re
import subprocess
import sys
import time

LIMIT_S = 60
# Real servers start, die and come back within a run, and the machine may have other things to do.
SERVERS_LIMIT_S = 150
STOP_S = 20
# Millions of schedules are more than fit into the limit, so it is the limit that ends a run.
FORMS = {"simulator": ["--schedules", "1000000000", "--as-is"], "explorer": []}
WRONG_VARIANTS = ("01", "02", "03", "05", "06", "07", "09")
VIOLATION = re.compile(r"^(?:seed (\d+)|explorer): (I\d+): (.*)$", re.MULTILINE)
FAILURE = re.compile(r"^(?:\w+\.)*\w*Error(?:: (.*))?$", re.MULTILINE)

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.join(HERE, "..", "e2e")

# What shows it on real servers: program, test, the invariant that the test decides, whether it is in the share.
ON_SERVERS = {
    "29": ("06", "the_database_is_killed", "I3", True),
    "30": ("25", "a_full_queue_refuses", "I8", True),
    "31": ("31", "nobody_takes_a_message", "I8", True),
    "32": ("22", "what_was_mended_comes_back", "I10", True),
    "33": ("12", "what_cannot_be_handled_is_kept", "I10", False),
    "34": ("09", "trouble_quarantines_nothing", "I10", False),
    "35": ("26", "everything_twice_in_any_order", "I9", True),
    "36": ("09", "a_bad_message_does_not_stop_a_consumer", "I10", False),
    "37": ("05", "exactly_what_is_there_is_sold", "I1", True),
}


def _attempt(program, form):
    """(caught, seconds, evidence, shortest schedule)."""
    began = time.monotonic()
    try:
        run = subprocess.run([program, *FORMS[form]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return False, LIMIT_S, "nothing", ""
    took = time.monotonic() - began
    found = VIOLATION.search(run.stdout)
    if run.returncode == 0 or not found:
        return False, took, f"status {run.returncode}, no violation named", ""
    moves = re.findall(r"^ +\d+  .*\n", run.stdout, re.MULTILINE)
    where = f" (schedule {found.group(1)})" if found.group(1) else f" (after {len(moves)} moves)"
    return True, took, f"{found.group(2)} {found.group(3)[:70]}{where}", "".join(f"    {move}" for move in moves)


def _end_to_end(build, program, test):
    """(status, seconds, what it printed) of one test on the programs of a build."""
    path, = glob.glob(os.path.join(E2E, f"{program}-*.py"))
    began = time.monotonic()
    run = subprocess.Popen([sys.executable, "-B", path, test], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           env={**os.environ, "MYEVENTS_BUILD": build})
    try:
        printed, _ = run.communicate(timeout=SERVERS_LIMIT_S)
    except subprocess.TimeoutExpired:
        run.terminate()
        try:
            printed, _ = run.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            run.kill()
            printed, _ = run.communicate()
    return run.returncode, time.monotonic() - began, printed


def _row(defect, form, found, seconds, evidence, more=""):
    print(f"{defect:36} {form:10} {'caught' if found else 'MISSED':7} {seconds:6.2f} s  {evidence}\n{more}", end="", flush=True)
    return found


def _simulated(folder, defect, all_forms):
    found = False
    for form in FORMS:
        program = os.path.join(folder, "tests", "defects", f"{form}_{defect}")
        if os.path.exists(program) and (all_forms or form == "simulator" or defect[:2] in WRONG_VARIANTS):
            found |= _row(defect, form, *_attempt(program, form))
    return found


def _on_servers(folder, defect):
    program, test, invariant, _ = ON_SERVERS[defect[:2]]
    status, seconds, printed = _end_to_end(os.path.join(folder, "tests", "defects", defect, "build"), program, test)
    said = [match.group(1) or "" for match in FAILURE.finditer(printed)]
    found = status == 1 and bool(said)
    evidence = said[-1] if said else f"status {status}"
    if not evidence.startswith("I"):
        evidence = f"{invariant}: {evidence}"
    return _row(defect, f"e2e {program}", found, seconds, f"{evidence[:90]} ({test})")


def _clean(folder, row):
    program, test, _, _ = row
    status, seconds, printed = _end_to_end(folder, program, test)
    print(f"{'clean':36} e2e {program:6} {'passed' if status == 0 else 'FAILED':7} {seconds:6.2f} s  {test}", flush=True)
    if status != 0:
        print(printed)
    return status == 0


def _names(pattern, *folder):
    return sorted(name.removesuffix(".patch") for name in os.listdir(os.path.join(HERE, *folder))
                  if fnmatch.fnmatch(name, pattern + ".patch"))


def _tasks(options):
    """(name, what finds out whether all is as it ought to be), in order."""
    tasks = [(name, lambda name=name: _simulated(options.folder, name, options.all)) for name in _names(options.pattern)]
    rows = {name: ON_SERVERS[name[:2]] for name in _names(options.pattern, "adapters")}
    chosen = {name: row for name, row in rows.items() if row[3] or not options.share}
    tasks += [(name, lambda name=name: _on_servers(options.folder, name)) for name in chosen]
    if not options.share:
        tasks += [(f"clean {row[1]}", lambda row=row: _clean(options.folder, row)) for row in chosen.values()]
    return tasks, [name for name in rows if name not in chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("folder")
    parser.add_argument("pattern", nargs="?", default="*")
    options = parser.parse_args()
    options.folder = os.path.abspath(options.folder)

    deadline = time.monotonic() + options.minutes * 60
    tasks, left_out = _tasks(options)
    results = []
    for name, task in tasks:
        if time.monotonic() < deadline:
            results.append(task())
        else:
            left_out.append(name)
    if left_out:
        print(f"left out: {', '.join(left_out)}")
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
