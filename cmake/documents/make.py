#!/usr/bin/python3
"""
make.py DESCRIPTION VERSION SYMBOL FOLDER [SWAGGER_UI]: the documents of one service, into FOLDER.

From the OpenAPI description in YAML come openapi.json, which stands alone, and the page that makes it readable:
with Swagger UI where SWAGGER_UI, the folder of its npm package, is given, else a plain one. SYMBOL.c puts their
bytes into the program, as a `const struct documents` of that name.
"""
import hashlib
import json
import pathlib
import sys

import yaml

import page

HERE = pathlib.Path(__file__).resolve().parent
COMMON = "common.yaml"
MEDIA_TYPES = {".json": "application/json", ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
               ".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8",
               "": "text/plain; charset=utf-8"}
SWAGGER_UI_FILES = ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "LICENSE"]


class Description:
    """An OpenAPI document; what it refers to in COMMON becomes a component of its own."""

    def __init__(self, path):
        self.document = yaml.safe_load(path.read_text())
        self.common = yaml.safe_load((path.parent / COMMON).read_text())
        self._resolve(self.document)
        self.document["components"] = {kind: dict(sorted(rows.items()))
                                       for kind, rows in sorted(self.document["components"].items())}

    def _resolve(self, value):
        if isinstance(value, list):
            for item in value:
                self._resolve(item)
        elif isinstance(value, dict):
            if value.get("$ref", "").startswith(COMMON):
                value["$ref"] = value["$ref"].removeprefix(COMMON)
                self._take_over(*value["$ref"].split("/")[2:])
            for item in list(value.values()):
                self._resolve(item)

    def _take_over(self, kind, name):
        components = self.document.setdefault("components", {}).setdefault(kind, {})
        if name in components:
            return
        components[name] = json.loads(json.dumps(self.common["components"][kind][name]).replace(
            '"$ref": "#/', f'"$ref": "{COMMON}#/'))
        self._resolve(components[name])


def write_page(document, folder, swagger_ui):
    """The files of /docs by their paths."""
    if not swagger_ui:
        (folder / "docs.html").write_text(page.write(document))
        return {"/docs": folder / "docs.html", "/docs/page.css": HERE / "page.css"}
    start = (HERE / "swagger.html").read_text().replace("@TITLE@", document["info"]["title"])
    (folder / "docs.html").write_text(start)
    return {"/docs": folder / "docs.html", "/docs/swagger.js": HERE / "swagger.js",
            **{f"/docs/{name}": swagger_ui / name for name in SWAGGER_UI_FILES}}


def quote(text):
    """As a string of C, or of its assembler."""
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def embed(name, file):
    """The bytes of a file under a name. The assembler reads them: as an initializer a megabyte takes many seconds."""
    lines = [".pushsection .rodata", f"{name}:", f".incbin {quote(file)}", ".popsection"]
    text = "\n        ".join(quote(line)[:-1] + '\\n"' for line in lines)
    return f"extern const char {name}[];\n__asm__({text});\n"


def write_table(files, symbol, target):
    blocks, rows = [], []
    for number, (path, file) in enumerate(files.items()):
        name = f"{symbol}_{number}"
        data = file.read_bytes()
        tag = hashlib.sha256(data).hexdigest()[:16]
        blocks.append(embed(name, file))
        rows.append(f"    {{{quote(path)}, {quote(MEDIA_TYPES[file.suffix])}, {quote(tag)}, {name}, {len(data)}}},\n")
    target.write_text(
        '#include "service/documents.h"\n\n' + "".join(blocks) +
        f"\nstatic const struct document rows[] = {{\n{''.join(rows)}}};\n\n"
        f"extern const struct documents {symbol};\n"
        f"const struct documents {symbol} = {{rows, sizeof(rows) / sizeof(rows[0])}};\n")


def main():
    description, version, symbol, folder = sys.argv[1:5]
    swagger_ui = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 else None
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    document = Description(pathlib.Path(description)).document
    if document["info"]["version"] != version:
        sys.exit(f"{description}: version {document['info']['version']}, and the project's is {version}")
    (folder / "openapi.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    files = {"/openapi.json": folder / "openapi.json", **write_page(document, folder, swagger_ui)}
    write_table(files, symbol, folder / f"{symbol}.c")


if __name__ == "__main__":
    main()
