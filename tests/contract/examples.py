"""Objects made from the contract: whole, valid, and with what the test is about."""

from typing import Any

from tests.contract.document import contract
from tests.contract.sdk_schemas import Schema

MOMENT = 1_800_000_000


def example(object_name: str, **values: Any) -> dict[str, Any]:
    """Return an object of that name: null where it may be, the least elsewhere, then `values`."""
    made: dict[str, Any] = _value({"$ref": f"/{object_name}"})
    unknown = values.keys() - made.keys()
    assert not unknown, f"{object_name} has no {sorted(unknown)}"
    return {**made, "object": object_name, **values}


def _value(schema: Schema) -> Any:
    while "$ref" in schema:
        schema = contract()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("nullable"):
        return None
    if "anyOf" in schema:
        return _value(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {
                name: _value(inner)
                for name, inner in schema.get("properties", {}).items()
                if inner.get("nullable") or name in schema.get("required", [])
            }
        case "array":
            return []
        case "integer":
            return MOMENT if schema.get("format") == "unix-time" else 1
        case "number":
            return 1.5
        case "boolean":
            return False
    return "1.5" if schema.get("format") == "decimal" else "text"
