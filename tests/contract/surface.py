"""The contract as a flat list of lines, to see what an upgrade of the library changed.

    python -m tests.contract.surface         what changed since the committed list
    python -m tests.contract.surface accept  commit to the present one

A line is one parameter or property: `checkout.session.url: string, null`.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contract.document import FORM, contract
from tests.contract.sdk_schemas import Schema

ACCEPTED = Path(__file__).with_name("surface.txt.gz")


def surface(document: Schema) -> list[str]:
    """Return the lines of a contract, sorted."""
    lines = {f"version: {document['info']['version']}"}
    for name, schema in document["components"]["schemas"].items():
        lines.update(_lines(name, schema))
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            lines.update(_request_lines(f"{verb.upper()} {path}", operation))
    return sorted(lines)


def accepted() -> list[str]:
    """Return the committed lines."""
    return gzip.decompress(ACCEPTED.read_bytes()).decode().splitlines()


def changes(document: Schema) -> list[str]:
    """Return what is gone (-) and new (+) in `document` against the committed lines."""
    before, now = set(accepted()), set(surface(document))
    gone, new = sorted(before - now), sorted(now - before)
    return [f"- {line}" for line in gone] + [f"+ {line}" for line in new]


def accept(document: Schema) -> None:
    """Commit to `document`. No time stamp inside: the same contract gives the same bytes."""
    text = "\n".join(surface(document))
    ACCEPTED.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _request_lines(name: str, operation: Schema) -> Iterator[str]:
    yield f"{name}: answers"
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            yield from _lines(f"{name}?{parameter['name']}", parameter["schema"])
    yield from _lines(name, operation["requestBody"]["content"][FORM]["schema"])


def _lines(where: str, schema: Schema) -> Iterator[str]:
    yield f"{where}: {_said(schema)}"
    for choice in schema.get("anyOf", []):
        yield from _inner_lines(where, choice)
    yield from _inner_lines(where, schema)


def _inner_lines(where: str, schema: Schema) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        mark = "!" if name in schema.get("required", []) else ""
        yield from _lines(f"{where}.{name}{mark}", inner)
    if isinstance(schema.get("items"), dict):
        yield from _inner_lines(f"{where}[]", schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _inner_lines(f"{where}[key]", schema["additionalProperties"])


def _said(schema: Schema) -> str:
    words = [_kind(choice) for choice in schema.get("anyOf", [schema])]
    if schema.get("nullable"):
        words.append("null")
    return ", ".join(words)


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_said(schema.get('items', {}))}"
    if "enum" in schema:
        more = "|…" if schema.get("x-stripeBypassValidation") else ""
        return f"{kind} {'|'.join(sorted(map(str, schema['enum'])))}{more}"
    return kind


if __name__ == "__main__":
    if sys.argv[1:] == ["accept"]:
        accept(contract())
    else:
        print("\n".join(changes(contract())) or "nothing changed")
