"""
P20: backends swap by configuration, and one suite runs over each that is built in. Compares the tables of backends in
C, what the configuration may name, and the suites that CTest knows. Usage: backends.py SOURCE BUILD
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

BUILD = pathlib.Path(sys.argv.pop())
SOURCE = pathlib.Path(sys.argv.pop())


def read(path):
    return (SOURCE / path).read_text("utf-8")


def backends_in(table):
    """Names of the backends in the table `backends[]` of a file, each as its own row says it."""
    sources = "".join(path.read_text("utf-8") for path in (SOURCE / table).parent.rglob("*.c"))
    rows = re.search(r"backends\[\] = \{([^}]*)\}", read(table))[1]
    return {re.search(rf'{row} = \{{\s*\.name = "(\w+)"', sources)[1] for row in re.findall(r"&(\w+)", rows)}


def words_of(table):
    """What an option may be."""
    return set(re.findall(r'"(\w+)"', re.search(rf"{table}\[\] = \{{([^}}]*)\}}", read("configs/option.c"))[1]))


def suites():
    listed = subprocess.run(["ctest", "--show-only=json-v1", "--test-dir", BUILD], check=True, capture_output=True)
    return {test["name"] for test in json.loads(listed.stdout)["tests"]}


class Backends(unittest.TestCase):
    suites = suites()
    databases = backends_in("persistence/database.c")
    brokers = backends_in("msgqueue/backend.c")

    def test_are_what_the_configuration_may_name(self):
        self.assertEqual(self.databases, words_of("database_types"))
        self.assertEqual(self.brokers, words_of("broker_types"))
        self.assertGreaterEqual(min(len(self.databases), len(self.brokers)), 2)

    def test_have_the_suite_of_the_queues_each(self):
        for backend in self.brokers:
            self.assertIn(f"behaviour_msgqueue_{backend}", self.suites)

    def test_have_a_suite_of_every_store_each(self):
        stores = [path.name.removesuffix("_store.h") for path in (SOURCE / "persistence").glob("*_store.h")]
        self.assertGreaterEqual(len(stores), 6)
        for store in ["database", *stores]:
            for backend in self.databases:
                found = [name for name in self.suites
                         if re.fullmatch(rf"persistence_{store}s?(_\w+)?_{backend}", name)]
                self.assertTrue(found, f"no suite of {store} over {backend}")

    def test_have_the_same_suites(self):
        of_each = {backend: {name.removesuffix(backend) for name in self.suites
                             if name.startswith("persistence_") and name.endswith(f"_{backend}")}
                   for backend in self.databases}
        first, *others = of_each.values()
        for other in others:
            self.assertEqual(first, other)


if __name__ == "__main__":
    unittest.main()
