"""Hold the examples, and what the AsyncAPI file names, against the JSON Schemas. Usage: test_schema.py CONTRACTS"""

import copy
import json
import pathlib
import re
import sys
import unittest

import jsonschema

FOLDER = pathlib.Path(sys.argv.pop()).resolve()


def load(kind):
    return {path.stem: json.loads(path.read_text("utf-8")) for path in (FOLDER / kind).glob("*.json")}


SCHEMAS = load("schema")
EXAMPLES = load("examples")


def validator_of(name):
    base = (FOLDER / "schema" / f"{name}.json").as_uri()
    store = {(FOLDER / "schema" / f"{other}.json").as_uri(): schema for other, schema in SCHEMAS.items()}
    resolver = jsonschema.RefResolver(base, SCHEMAS[name], store=store)
    return jsonschema.Draft202012Validator(SCHEMAS[name], resolver=resolver)


def members_of(name):
    schema = SCHEMAS[name]
    return SCHEMAS[schema["$ref"].removesuffix(".json")] if "$ref" in schema else schema


class Schemas(unittest.TestCase):
    def test_are_schemas(self):
        for name, schema in SCHEMAS.items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)
                self.assertEqual(schema["title"], name)

    def test_have_an_example_each(self):
        self.assertEqual(set(SCHEMAS), set(EXAMPLES))
        self.assertEqual(len(SCHEMAS), 8)

    def test_accept_their_example(self):
        for name, example in EXAMPLES.items():
            with self.subTest(name):
                validator_of(name).validate(example)

    def test_describe_and_want_every_member_of_their_example(self):
        for name, example in EXAMPLES.items():
            with self.subTest(name):
                self.assertEqual(list(members_of(name)["properties"]), list(example))
                self.assertEqual(members_of(name)["required"], list(example))

    def test_refuse_a_member_of_another_type(self):
        for name, example in EXAMPLES.items():
            for member in example:
                with self.subTest(name, member=member):
                    broken = copy.deepcopy(example)
                    broken[member] = {"of": "another type"}
                    self.assertFalse(validator_of(name).is_valid(broken))

    def test_let_unknown_members_pass(self):
        for name, example in EXAMPLES.items():
            with self.subTest(name):
                self.assertTrue(validator_of(name).is_valid({**example, "new": 1}))


class AsyncApi(unittest.TestCase):
    def test_names_every_schema_once(self):
        text = (FOLDER / "asyncapi.yaml").read_text("utf-8")
        self.assertEqual(sorted(re.findall(r"\./schema/([a-z.]+)\.json", text)), sorted(SCHEMAS))


if __name__ == "__main__":
    unittest.main()
