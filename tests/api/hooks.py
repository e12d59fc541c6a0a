"""What Schemathesis cannot know of our descriptions."""
import time

import schemathesis

# What stands under `default`, said status by status, so that no other one passes for described.
REFUSED = ["408", "411", "413", "414", "417", "431"]

# Rules that no schema can say: between members, and with what is stored. The end of a pointer, and the words.
RULES = {
    ("/ID", "is not the id in the path"),
    ("/EndDate", "is before the start"),
    ("/LocationID", "no such location"),
    ("/Hall", "is none of the location's halls"),
    ("/Hall", "needs a location that has it"),
    ("/name", "is the name of an earlier hall"),
    ("/Capacity", "is not given, and the halls of the location have"),
    ("/UserID", "no such user"),
    ("/Location/Name", "is required"),  # with an id of zeros alone, which boundary values make in spite of a `not`
    ("?q", "must have 1 to"),
    ("?place", "must have 1 to"),
}
COME_AGAIN = {408, 503}
COMES_AGAIN_S = 20
TWICE = "a member stands twice in its object"
# Accepted; or taken, removed, changed meanwhile, too long in sum, the key of another request.
FINE = {200, 201, 204, 304, 404, 409, 410, 412, 413, 414, 422}


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """
    Bodies are sent as JSON only: under the other media types they would be texts of any kind. Cursors are left out:
    only those that a service gave are good. Both are what the tests of bad input are for.
    """
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if "responses" not in operation:
                continue
            refused = operation["responses"].pop("default")
            operation["responses"] = {**dict.fromkeys(REFUSED, refused), **operation["responses"]}
            operation["parameters"] = [row for row in operation.get("parameters", [])
                                       if not row.get("$ref", "").endswith("/Cursor")]
    for body in raw_schema["components"].get("requestBodies", {}).values():
        body["content"] = {"application/json": body["content"]["application/json"]}


def breaks_rules_only(problem):
    rows = problem.get("errors", [])
    return bool(rows) and all(any(row["pointer"].endswith(end) and row["detail"].startswith(words)
                                  for end, words in RULES) for row in rows)


def has_a_name_twice(value):
    """No schema can say that an object has no name twice in any case of letters; members that we ignore count as well."""
    if isinstance(value, dict):
        names = {name.encode(errors="surrogatepass").lower() for name in value}
        return len(names) < len(value) or any(map(has_a_name_twice, value.values()))
    return isinstance(value, list) and any(map(has_a_name_twice, value))


@schemathesis.check
def who_comes_again_is_answered(_context, response, case):
    """Who was told to come again is answered when it does."""
    until = time.monotonic() + COMES_AGAIN_S
    while response.status_code in COME_AGAIN:
        assert time.monotonic() < until, f"still {response.status_code}: {response.text}"
        response = case.call()


@schemathesis.check
def good_data_acceptance(_context, response, case):
    """What a description allows is accepted, or refused for a rule that it cannot say."""
    if not case.meta or not case.meta.generation.mode.is_positive or response.status_code in FINE | COME_AGAIN:
        return
    if response.status_code == 400 and breaks_rules_only(response.json()):
        return
    if response.status_code == 400 and response.json()["detail"].endswith(TWICE) and has_a_name_twice(case.body):
        return
    if response.status_code != 405:  # whether a method is in the description is asked by another check
        raise AssertionError(f"{response.status_code} for data that the description allows: {response.text}")
