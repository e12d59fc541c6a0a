"""
lint.py: the descriptions in docs/api/ are OpenAPI 3.1, each example fits its schema, and all of them is used.
To be run by the Python of build/python-tools.
"""
import pathlib
import sys

import jsonschema
import openapi_spec_validator
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "cmake" / "documents"))
import make  # noqa: E402

API = ROOT / "docs" / "api"
FORMATS = jsonschema.FormatChecker()


def bodies(document):
    """Each place that has a schema and an example."""
    components = document["components"]
    for kind in ("requestBodies", "responses"):
        for name, row in components.get(kind, {}).items():
            for media_type, content in row.get("content", {}).items():
                yield f"{kind}/{name} {media_type}", content
    for name, schema in components["schemas"].items():
        for example in schema.get("examples", []):
            yield f"schemas/{name}", {"schema": schema, "example": example}


def bad_examples(document):
    for place, content in bodies(document):
        if "example" not in content:
            continue
        schema = {"components": document["components"], **content["schema"]}
        for error in jsonschema.Draft202012Validator(schema, format_checker=FORMATS).iter_errors(content["example"]):
            yield f"{place}: {error.json_path}: {error.message}"


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def unused(document):
    used = set(references(document))
    for kind, rows in document["components"].items():
        for name in rows:
            if f"#/components/{kind}/{name}" not in used:
                yield f"{kind}/{name} is not used"


def faults(path):
    document = make.Description(path).document
    try:
        openapi_spec_validator.validate(document)
    except Exception as error:  # each way of being wrong has its own
        yield f"is not OpenAPI: {str(error)[:1000]}"
        return
    yield from bad_examples(document)
    yield from unused(document)


def unused_in_common(documents):
    common = yaml.safe_load((API / make.COMMON).read_text())
    for kind, rows in common["components"].items():
        for name in rows:
            if not any(name in document["components"].get(kind, {}) for document in documents):
                yield f"{make.COMMON}: {kind}/{name} is not used"


def main():
    paths = sorted(path for path in API.glob("*.yaml") if path.name != make.COMMON)
    found = [f"{path.name}: {fault}" for path in paths for fault in faults(path)]
    found += unused_in_common([make.Description(path).document for path in paths])
    print("\n".join(found) or f"{len(paths)} descriptions")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
