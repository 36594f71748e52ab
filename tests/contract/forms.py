"""From a form-encoded request to nested values, as Stripe reads it."""

import re
from typing import Any
from urllib.parse import parse_qsl

DEEPEST = 12


class BadForm(ValueError):
    """The names of a form contradict each other."""


def decode_form(text: str) -> dict[str, Any]:
    """Return `a[b][0][c]=v` and `a[]=v` as nested dictionaries and lists.

    Raises BadForm for a name that is a value and a hash at once, or is nested too deeply.
    """
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(root, name, value)
    return {key: _with_lists(value) for key, value in root.items()}


def _put(root: dict[str, Any], name: str, value: str) -> None:
    parts = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
    if len(parts) > DEEPEST:
        raise BadForm(f"nested too deeply: {name}")
    place = root
    for part in parts[:-1]:
        inner = place.setdefault(part or str(len(place)), {})
        if isinstance(inner, str):
            raise BadForm(f"a value and a hash at once: {name}")
        place = inner
    place[parts[-1] or str(len(place))] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: _with_lists(inner) for key, inner in value.items()}
    if found and all(key.isdigit() for key in found):
        return [found[key] for key in sorted(found, key=int)]
    return found
