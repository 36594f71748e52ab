"""Form bodies with brackets to nested hashes and lists, as Stripe reads them."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError

MAX_FIELDS = 5000
MAX_DEPTH = 12


def decode_form(text: str) -> Json:
    """``a[b][0][c]=v&d[]=w`` as ``{"a": {"b": [{"c": "v"}]}, "d": ["w"]}``; values stay text.

    Raises ApiError (400) on nesting deeper than 12, on more than 5000 fields and where a name is
    used both as a value and as a hash.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise ApiError("Invalid form encoding: too many parameters.") from error
    root: Json = {}
    for key, value in pairs:
        if "\x00" in key or "\x00" in value:
            raise ApiError("Invalid string: null bytes are not accepted.", param=key[:40])
        _put(root, key, value)
    return {key: _lists(value) for key, value in root.items()}


def _put(root: Json, key: str, value: str) -> None:
    head, _, rest = key.partition("[")
    parts = [head, *re.findall(r"([^\[\]]*)\]", rest)] if rest else [head]
    if len(parts) > MAX_DEPTH:
        raise ApiError(f"Invalid parameter name, nested too deep: {key[:80]}")
    current = root
    for part in parts[:-1]:
        current = _child(current, part or str(len(current)), key)
    last = parts[-1] or str(len(current))
    if isinstance(current.get(last), dict):
        raise ApiError(f"Invalid hash: {key[:80]}", param=key[:80])
    current[last] = value


def _child(parent: Json, name: str, key: str) -> Json:
    child = parent.setdefault(name, {})
    if not isinstance(child, dict):
        raise ApiError(f"Invalid hash: {key[:80]}", param=key[:80])
    return child


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(re.fullmatch(r"[0-9]{1,6}", key) for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(one) for key, one in value.items()}
