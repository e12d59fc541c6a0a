"""Hold examples, schemas, AsyncAPI file and the tables in C against each other. Usage: test_schema.py CONTRACTS"""

import copy
import json
import pathlib
import re
import sys
import unittest

import jsonschema
import yaml

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


def read(path):
    return (FOLDER.parent / path).read_text("utf-8")


def messages_in_c():
    """The rows of the table of messages: name and spelling."""
    return dict(re.findall(r'\] = \{"([a-z.]+)",\s*(?:"(\w+)"|NULL)', read("contracts/message.c")))


def queues_in_c():
    """Every queue and log that a program of ours declares: name and keys."""
    text = read("contracts/topology.c") + read("searchservice/main.c")
    keys = {name: re.findall(r'"([\w.*]+)"', rows)
            for name, rows in re.findall(r"const char \*const (\w+)\[\] = \{([^}]*)\}", text)}
    return {name: keys[rows] for name, rows in re.findall(r'struct topology_queue \w+ = \{"([\w.]+)", (\w+)\}', text)}


def takes(keys, name):
    return any(re.fullmatch(key.replace(".", r"\.").replace("*", r"[^.]+"), name) for key in keys)


class AsyncApi(unittest.TestCase):
    document = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))
    messages = messages_in_c()
    queues = queues_in_c()

    def names_of(self, channel):
        return set(self.document["channels"][channel]["messages"])

    def test_tells_of_every_message(self):
        self.assertEqual(len(self.messages), 8)
        self.assertEqual(set(self.document["components"]["messages"]), set(self.messages))
        for name, spelling in self.messages.items():
            row = self.document["components"]["messages"][name]
            with self.subTest(name):
                self.assertEqual(row["name"], name)
                self.assertEqual(row["payload"], {"$ref": f"./schema/{name}.json"})
                self.assertEqual(f"`{spelling}`" in row["summary"], bool(spelling), row["summary"])
        self.assertEqual(set(SCHEMAS), set(self.messages))

    def test_has_a_channel_for_every_message_queue_and_log(self):
        self.assertEqual(len(self.queues), 5, self.queues)
        own = [name for name in self.queues if not name.endswith(".log")]
        self.assertEqual(set(self.document["channels"]),
                         set(self.messages) | set(self.queues) | {f"{name}.dead" for name in own})
        for name, channel in self.document["channels"].items():
            with self.subTest(name):
                self.assertEqual(channel["address"], name)
                self.assertEqual(channel["bindings"]["amqp"]["is"], "routingKey" if name in self.messages else "queue")

    def test_says_what_comes_out_of_each(self):
        for name in self.messages:
            self.assertEqual(self.names_of(name), {name})
        for queue, keys in self.queues.items():
            wanted = {name for name in self.messages if takes(keys, name)}
            with self.subTest(queue):
                self.assertEqual(self.names_of(queue), wanted)
                if not queue.endswith(".log"):
                    self.assertEqual(self.names_of(f"{queue}.dead"), wanted)
                    self.assertEqual(self.document["channels"][queue]["x-arguments"]["x-dead-letter-routing-key"], queue)

    def test_has_an_operation_for_every_channel_but_the_dead_ones(self):
        told = [row["channel"]["$ref"] for row in self.document["operations"].values()]
        self.assertEqual(sorted(told), sorted(f"#/channels/{name}" for name in self.document["channels"]
                                              if not name.endswith(".dead")))


if __name__ == "__main__":
    unittest.main()
