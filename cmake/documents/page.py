"""An OpenAPI document as one plain page of HTML, without scripts."""
import html
import json
import re

PROBLEM = "application/problem+json"
METHODS = ["get", "put", "patch", "post", "delete"]
# What a keyword of JSON Schema means, before its value.
WORDS = {"minimum": "from", "maximum": "to", "minLength": "at least", "maxLength": "at most", "maxItems": "at most",
         "format": "", "pattern": "like", "const": "always", "default": "by default"}


def inline(text):
    """The Markdown that our descriptions use, within a paragraph."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def paragraphs(text):
    return "".join(f"<p>{inline(part)}</p>\n" for part in re.split(r"\n\n+", text.strip()))


def table(rows):
    """Each row is a name, and HTML about it."""
    lines = "".join(f"<tr><th><code>{html.escape(name)}</code></th><td>{text}</td></tr>\n" for name, text in rows)
    return f"<table>\n{lines}</table>\n" if lines else ""


class Page:
    """Writes one document; components are followed where they are used, schemas are linked."""

    def __init__(self, document):
        self.document = document

    def follow(self, value):
        while "$ref" in value:
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            value = place
        return value

    def schema(self, schema):
        """A schema in a few words."""
        parts = []
        if schema is False:
            return "not there"
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            parts.append(f'<a href="#{name}">{name}</a>')
        parts += [" or ".join(self.schema(choice) for choice in schema["anyOf"])] if "anyOf" in schema else []
        kind = schema.get("type", [])
        parts += [" or ".join([kind] if isinstance(kind, str) else kind)] if kind else []
        parts += [f"of {self.schema(schema['items'])}"] if "items" in schema else []
        parts += ["of JSON: " + self.schema(schema["contentSchema"])] if "contentSchema" in schema else []
        parts += [f"{word} <code>{html.escape(str(schema[key]))}</code>" for key, word in WORDS.items()
                  if key in schema]
        if "enum" in schema:
            parts.append("one of " + ", ".join(f"<code>{value}</code>" for value in schema["enum"]))
        return " ".join(parts)

    def described(self, schema):
        text = schema.get("description", "") if isinstance(schema, dict) else ""
        return f"{self.schema(schema)}<br>{inline(text)}" if text else self.schema(schema)

    def content(self, content):
        """Media types and their schemas; an example below."""
        text = ""
        for media_type, row in content.items():
            text += f"<div><code>{media_type}</code> {self.schema(row.get('schema', {}))}</div>"
            text += self.example(row["example"]) if "example" in row else ""
        return text

    def example(self, value):
        return f"<pre>{html.escape(json.dumps(value, ensure_ascii=False))}</pre>"

    def parameters(self, rows):
        for row in map(self.follow, rows):
            need = ", always" if row.get("required") else ""
            yield row["name"], (f"{inline(row.get('description', ''))}<br>in the {row['in']}{need}: "
                                f"{self.schema(row['schema'])}")

    def responses(self, rows):
        """What stands in every answer, and problems, are told once for all of the page."""
        for status, row in rows.items():
            name = row.get("$ref", "").rsplit("/", 1)[-1]
            row = self.follow(row)
            content = row.get("content", {})
            if PROBLEM in content:
                yield status, f'<a href="#{name}">{name}</a>: {inline(row["description"])}'
                continue
            headers = ", ".join(f"<code>{header}</code>" for header in row.get("headers", {})
                                if header != "X-Request-Id")
            yield status, (inline(row["description"]) + (f"<div>Headers: {headers}</div>" if headers else "") +
                           self.content(content))

    def problems(self):
        for name, row in self.document["components"]["responses"].items():
            if PROBLEM in row.get("content", {}):
                yield (f'<h3 id="{name}">{name}</h3>\n<p>{inline(row["description"])}</p>\n'
                       f'{self.content(row["content"])}\n')

    def operation(self, path, method, operation, shared):
        text = (f"<h3 id=\"{operation['operationId']}\"><span class=\"method\">{method}</span> "
                f"<code>{html.escape(path)}</code></h3>\n<p>{inline(operation['summary'])}.</p>\n")
        text += paragraphs(operation.get("description", ""))
        text += table(self.parameters(shared + operation.get("parameters", [])))
        if "requestBody" in operation:
            text += f"<h4>Body</h4>\n{self.content(self.follow(operation['requestBody'])['content'])}\n"
        return text + f"<h4>Answers</h4>\n{table(self.responses(operation['responses']))}"

    def schemas(self):
        for name, schema in self.document["components"]["schemas"].items():
            required = schema.get("required", [])
            example = "".join(self.example(value) for value in schema.get("examples", []))
            rows = ((f"{member}{'' if member in required else '?'}", self.described(value))
                    for member, value in schema.get("properties", {}).items())
            yield f'<h3 id="{name}">{name}</h3>\n<p>{self.described(schema)}</p>\n{table(rows)}{example}\n'

    def write(self):
        info = self.document["info"]
        text = f"<h1>{info['title']} {info['version']}</h1>\n<p>{inline(info['summary'])}</p>\n"
        text += paragraphs(info["description"])
        text += '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>\n'
        for tag in self.document["tags"]:
            text += f"<h2>{tag['name']}</h2>\n<p>{inline(tag['description'])}</p>\n"
            for path, item in self.document["paths"].items():
                for method in METHODS:
                    if tag["name"] in item.get(method, {}).get("tags", []):
                        text += self.operation(path, method, item[method], item.get("parameters", []))
        text += f"<h2>Problems</h2>\n{''.join(self.problems())}"
        text += "<h2>Schemas</h2>\n<p>A member with a question mark may be left out.</p>\n"
        return text + "".join(self.schemas())


def write(document):
    """The whole page."""
    title = html.escape(document["info"]["title"])
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{title}</title>\n<link rel="stylesheet" href="docs/page.css">\n</head>\n<body>\n'
            f'{Page(document).write()}</body>\n</html>\n')
