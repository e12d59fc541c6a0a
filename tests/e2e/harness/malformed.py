"""Bodies that have to be refused: the product of members, each with its rule, and all that can be wrong with it."""
import json

UNKNOWN = "f" * 24

# Values are kept as JSON text, because most of the bad ones cannot be written by a library.
OPERATORS = [b'{"$gt": ""}', b'{"$ne": null}', b'{"$where": "sleep(1)"}', b'{"$regex": ".*"}', b'[{"$gt": ""}]']
KINDS = {
    "text": [b'"seven"', b'"7"', b'""'],
    "number": [b"7", b"-1", b"1.5", b"1e2"],
    "boolean": [b"true", b"false"],
    "array": [b"[]", b"[7]", b'["seven"]'],
    "object": [b"{}", b'{"ID": "7"}'],
    "operator": OPERATORS,
}


def kinds_but(*right):
    return [value for kind, values in KINDS.items() if kind not in right for value in values]


class Rule:
    """`good` is what stands in a good body, `bad` everything that is refused in its place."""

    def __init__(self, good, bad, required=False):
        self.good = good
        self.bad = bad + ([b"null"] if required else [])
        self.required = required


def text(required=False):
    bad = kinds_but("text") + [b'"' + "\u00e9".encode() * 201 + b'"', b'"' + b"x" * 10000 + b'"']
    return Rule("seven", bad + ([b'""'] if required else []), required)


def integer(low, high, required=False):
    beyond = [low - 1, high + 1, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 63, -(1 << 63), 10 ** 30]
    bad = [str(number).encode() for number in beyond if not low <= number <= high]
    return Rule(low, kinds_but("number") + bad + [b"1.5", b"0.9999999999", b"-0.1", b"1e308"], required)


def moment():
    times = ["soon", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01",
             "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "12", ""]
    return Rule(0, kinds_but("number", "text") + [b"-1", b"1.5", b"253402300800", b"1e300"]
                + [f'"{time}"'.encode() for time in times])


def boolean():
    return Rule(False, kinds_but("boolean") + [b"0", b"1", b'"true"'])


def identity():
    bad = ["short", "g" * 24, "f" * 23, "f" * 25, " " + "f" * 23, "$where"]
    return Rule(None, kinds_but("text") + [f'"{value}"'.encode() for value in bad])


def holder():
    """A user's id: unlike ids that a client may choose, it has to be known."""
    return Rule(None, identity().bad + [b'""', f'"{UNKNOWN}"'.encode()])


def group(members, required=False):
    return Rule(members, kinds_but("object", "operator") + [OPERATORS[-1]], required)


def listing(item):
    too_many = json.dumps([{"name": f"{n}", "capacity": 1} for n in range(101)]).encode()
    return Rule([item], kinds_but("array", "operator") + OPERATORS[:-1] + [too_many])


def good(rule):
    """A value that the rule accepts, without members that may as well be absent."""
    if isinstance(rule.good, dict):
        return good_body(rule.good)
    return [good(item) for item in rule.good] if isinstance(rule.good, list) else rule.good


def good_body(members):
    return {name: good(rule) for name, rule in members.items() if rule.good is not None}


def places(members, path=()):
    """Each member with its rule, also those of objects and arrays inside."""
    for name, rule in members.items():
        yield (*path, name), rule
        if isinstance(rule.good, list):
            yield (*path, name, 0), rule.good[0]
            yield from places(rule.good[0].good, (*path, name, 0))
        elif isinstance(rule.good, dict):
            yield from places(rule.good, (*path, name))


def with_hole(members, path, value=None):
    """A good body that has `value` at the path, or lacks what stands there."""
    body = inside = good_body(members)
    for step in path[:-1]:
        inside = inside[step]
    if value is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return json.dumps(body).encode()


def bad_members(members, partial):
    """Bodies with one bad member, and the pointer to it. A partial change may lack what is there already."""
    for path, rule in places(members):
        pointer = "".join(f"/{step}" for step in path)
        for value in rule.bad:
            yield with_hole(members, path, "@").replace(b'"@"', value), pointer
        if rule.required and isinstance(path[-1], str) and not (partial and len(path) == 1):
            yield with_hole(members, path), pointer


def in_capitals(body):
    """The same body with its members spelled in capitals; what is no JSON stays as it is."""
    def spelled(value):
        if isinstance(value, dict):
            return {name.upper(): spelled(item) for name, item in value.items()}
        return [spelled(item) for item in value] if isinstance(value, list) else value

    return json.dumps(spelled(json.loads(body))).encode()


NO_TEXTS = [
    b'"\\u0000"', b'"a\\u0000b"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud800\\u0041"', b'"\xff"', b'"\xc0\x80"',
    b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b'"a\nb"', b'"\x01"', b'"\\x41"', b'"\\u12g4"', b"'a'",
    b'"a',
]
NO_NUMBERS = [b"NaN", b"-Infinity", b"01", b"1.", b".5", b"+1", b"-", b"0x10", b"1e", b"1e400", b"-1e400", b"9" * 400]
NO_VALUES = NO_TEXTS + NO_NUMBERS + [
    b"True", b"nul", b"", b"[" * 64 + b"]" * 64, b"[" * 5000, b'{"a": 1, "A": 2}', b'{"a": 1, "\\u0061": 2}',
    b'{"": 1, "": 2}', b"[1,]", b'{"a": 1,}', b'{"a"}', b"{1: 2}", b"[1 2]", b"1 // one", b"/* one */ 1",
]


def no_bodies(body):
    """What is no JSON object, made of a good body; with the pointer to the whole where it is JSON, else with None."""
    for value in (b"", b"[" + body + b"]", b'"text"', b"7", b"null", b"true", b"[]"):
        yield value, ""
    for value in (b"seats=1", b" ", b"{", b"}", body[:-1], body[1:], body + b" x", body + body, body + b",",
                  body + b"\0", b"\0" + body, b")]}'\n" + body, b"\xef\xbb\xbf" + body, body.decode().encode("utf-16"),
                  body.decode().encode("utf-32-be")):
        yield value, None
    for value in NO_VALUES:
        yield body[:-1] + b', "unheard of": ' + value + b"}", None
    for name in json.loads(body):
        for again in (name, name.upper(), name.lower(), f"\\u{ord(name[0]):04x}{name[1:]}"):
            yield body[:-1] + f', "{again}": null}}'.encode(), None
