"""Write the sandbox's run-time contract from the document that judges it in the tests.

    python -m tools.sandbox_contract

The document is generated from the installed ``stripe`` package; run this again at each upgrade of
the library (a test compares). The result keeps what a server needs (what a request may say, which
properties an object must have, what can be expanded), so that it loads in a few milliseconds.

Requests: ``t`` type, ``e`` enum, ``p`` properties, ``q`` required, ``i`` items,
``m`` longest string, ``d`` decimal, ``v`` values of a free hash, ``y`` alternatives.
Objects: 0 = must be given, 1 = null unless given, 2 = absent unless given; hashes: ``n`` the same,
``o`` properties, ``a`` items, ``r`` embedded object, ``x`` expandable into these objects.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from tests.contract.document import FORM, contract

TARGET = Path(__file__).parent.parent / "sandboxes" / "stripe" / "contract.json.gz"
Schema = dict[str, Any]


def main() -> None:
    """Write the file."""
    text = packed_text()
    # No time stamp inside: the same contract gives the same bytes.
    TARGET.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{TARGET}: {len(text)} bytes, {TARGET.stat().st_size} packed")


def packed_text() -> bytes:
    """The compact contract of the installed library as JSON."""
    return json.dumps(compress(contract()), separators=(",", ":"), sort_keys=True).encode()


def compress(document: Schema) -> Schema:
    """The compact contract of a whole OpenAPI document."""
    schemas = document["components"]["schemas"]
    kinds = {name: s for name, s in schemas.items() if "object" in s.get("properties", {})}
    return {
        "api_version": document["info"]["version"],
        "objects": {name: properties(schema) for name, schema in kinds.items()},
        "operations": [
            [verb.upper(), path, operation_request(verb, operation)]
            for path, operations in sorted(document["paths"].items())
            for verb, operation in sorted(operations.items())
        ],
    }


def operation_request(verb: str, operation: Schema) -> Schema:
    if verb != "get":
        return request(operation["requestBody"]["content"][FORM]["schema"])
    query = [one for one in operation["parameters"] if one["in"] == "query"]
    return {
        "t": "object",
        "p": {one["name"]: request(one["schema"]) for one in query},
        "q": [one["name"] for one in query if one["required"]],
    }


def request(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {"y": [request(one) for one in schema["anyOf"]]}
    result: Schema = {}
    if "type" in schema:
        result["t"] = schema["type"]
    # The library's types leave every enum open ("or any text"); the server does not.
    if "enum" in schema:
        result["e"] = schema["enum"]
    if "properties" in schema:
        result["p"] = {name: request(one) for name, one in schema["properties"].items()}
    if schema.get("required"):
        result["q"] = schema["required"]
    if "items" in schema:
        result["i"] = request(schema["items"])
    if "maxLength" in schema:
        result["m"] = schema["maxLength"]
    if schema.get("format") == "decimal":
        result["d"] = 1
    if isinstance(schema.get("additionalProperties"), dict):
        result["v"] = request(schema["additionalProperties"])
    return result


def properties(schema: Schema) -> Schema:
    required = schema.get("required", [])
    return {
        name: left_out(part(one)) if is_left_out(one, name in required) else part(one)
        for name, one in schema["properties"].items()
    }


def is_left_out(schema: Schema, required: bool) -> bool:
    """Whether a property is absent rather than null where it says nothing."""
    return not required and not schema.get("nullable")


def left_out(shape: Any) -> Any:
    return {**shape, "n": 2} if isinstance(shape, dict) else 2


def part(schema: Schema) -> Any:
    nullable = 1 if schema.get("nullable") else 0
    shape = shape_of(schema)
    if not shape:
        return nullable
    return {**shape, "n": nullable} if nullable else shape


def shape_of(schema: Schema) -> Schema:
    if "x-expansionResources" in schema:
        return {"x": [name_of(one) for one in schema["x-expansionResources"]["oneOf"]]}
    if "$ref" in schema:
        return {"r": name_of(schema)}
    if "anyOf" in schema:
        shapes = [shape for shape in map(shape_of, schema["anyOf"]) if shape]
        return shapes[0] if len(shapes) == 1 else {}
    if "properties" in schema:
        return {"o": properties(schema)}
    if schema.get("type") == "array":
        items = part(schema["items"])
        return {"a": items} if isinstance(items, dict) else {}
    return {}


def name_of(reference: Schema) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]


if __name__ == "__main__":
    main()
