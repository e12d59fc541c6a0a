"""
run.py [--all] FOLDER [PATTERN]: a table of which seeded defect is caught by what, and after how long.

FOLDER holds the programs that the target `defects` builds: one simulator and one explorer for each patch. They know
nothing of the defect in them: they run what the clean ones run, until an invariant falls or the time is over. The
explorers of the known wrong variants run each time, and print their shortest schedules; those of all with --all.
"""
import fnmatch
import os
import re
import subprocess
import sys
import time

LIMIT_S = 60
# Millions of schedules are more than fit into the limit, so it is the limit that ends a run.
FORMS = {"simulator": ["--schedules", "1000000000", "--as-is"], "explorer": []}
WRONG_VARIANTS = ("01", "02", "03", "05", "06", "07", "09")
VIOLATION = re.compile(r"^(?:seed (\d+)|explorer): (I\d+): (.*)$", re.MULTILINE)


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


def main(folder, pattern, all_forms):
    here = os.path.dirname(os.path.abspath(__file__))
    defects = sorted(name.removesuffix(".patch") for name in os.listdir(here) if fnmatch.fnmatch(name, pattern + ".patch"))
    caught = 0
    for defect in defects:
        is_caught = False
        for form in FORMS:
            program = os.path.join(folder, f"{form}_{defect}")
            if os.path.exists(program) and (all_forms or form == "simulator" or defect[:2] in WRONG_VARIANTS):
                found, seconds, evidence, schedule = _attempt(program, form)
                is_caught |= found
                print(f"{defect:36} {form:10} {'caught' if found else 'MISSED':7} {seconds:6.2f} s  {evidence}\n{schedule}", end="",
                      flush=True)
        caught += is_caught
    print(f"{caught} passed, {len(defects) - caught} failed")
    return 0 if defects and caught == len(defects) else 1


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--all"]
    sys.exit(main(words[0], words[1] if len(words) > 1 else "*", "--all" in sys.argv))
