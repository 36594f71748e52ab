"""A decoded request against the contract: unknown names, types, enums, required, lengths.

The messages are Stripe's. The first error wins, as Stripe reports one at a time.
"""

import re
from typing import Any

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid

# Every schema counts this as a value that unsets: docs.stripe.com/api, "empty string".
EMPTY = [""]


def check_request(values: Json, schema: Json) -> Json:
    """The parameters with their types; raises ApiError (400) for the first that is wrong."""
    result = _value(values, schema, "")
    return dict(result)


def _value(value: Any, schema: Json, name: str) -> Any:
    if "y" in schema:
        return _alternative(value, schema["y"], name)
    kind = schema.get("t")
    if kind == "object":
        return _hash(value, schema, name)
    if kind == "array":
        return _array(value, schema, name)
    if kind is None:
        return value
    if not isinstance(value, str):
        raise invalid(name, f"Invalid {kind}: {name}")
    return _scalar(value, schema, name)


def _alternative(value: Any, choices: list[Json], name: str) -> Any:
    errors: list[ApiError] = []
    for choice in choices:
        try:
            return _value(value, choice, name)
        except ApiError as error:
            errors.append(error)
    # The deepest complaint belongs to the alternative that came nearest.
    raise max(errors, key=lambda error: len(error.error.get("param", "")))


def _hash(value: Any, schema: Json, name: str) -> Json:
    if not isinstance(value, dict):
        raise invalid(name, "Invalid object" if not name else f"Invalid hash: {name}")
    known, free = schema.get("p"), schema.get("v")
    result: Json = {}
    for key, one in value.items():
        where = f"{name}[{key}]" if name else key
        if known is not None and key in known:
            result[key] = _value(one, known[key], where)
        elif free is not None:
            # Inside free hashes (metadata) an empty text means: remove this key.
            result[key] = one if one == "" else _value(one, free, where)
        elif known is None and name:
            result[key] = one  # the contract names no properties: a hash of another product
        else:
            raise invalid(where, f"Received unknown parameter: {where}", "parameter_unknown")
    for key in schema.get("q", ()):
        if key not in value:
            where = f"{name}[{key}]" if name else key
            raise invalid(where, f"Missing required param: {where}.", "parameter_missing")
    return result


def _array(value: Any, schema: Json, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(name, f"Invalid array: {name}")
    items = schema.get("i", {})
    return [_value(one, items, f"{name}[{index}]") for index, one in enumerate(value)]


def _scalar(text: str, schema: Json, name: str) -> Any:
    if text == "" and schema.get("e") != EMPTY:
        raise invalid(
            name,
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' "
            "from your request or supply a non-empty value.",
            "parameter_invalid_empty",
        )
    value = _convert(text, schema, name)
    if "e" in schema and value not in schema["e"]:
        choices = ", ".join(str(one) for one in schema["e"])
        raise invalid(name, f"Invalid {name}: must be one of {choices}")
    if len(text) > schema.get("m", 5000):
        raise invalid(
            name,
            f"Invalid string: {text[:9]}...{text[-9:]}; must be at most {schema.get('m', 5000)} "
            "characters",
        )
    return value


def _convert(text: str, schema: Json, name: str) -> Any:
    kind = schema["t"]
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]{1,15}", text):
            raise invalid(name, f"Invalid integer: {text[:40]}", "parameter_invalid_integer")
        return int(text)
    if kind == "number" or "d" in schema:
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text):
            raise invalid(name, f"Invalid decimal: {text[:40]}")
        return text if "d" in schema else float(text)
    if kind == "boolean":
        if text not in {"true", "false"}:
            raise invalid(name, f"Invalid boolean: {text[:40]}")
        return text == "true"
    return text
