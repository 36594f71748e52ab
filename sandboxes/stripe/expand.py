"""``expand[]``: ids replaced by objects, up to four levels deep."""

from collections.abc import Callable
from typing import Any

from sandboxes.stripe.contract import Json, load
from sandboxes.stripe.errors import invalid
from sandboxes.stripe.store import Tx

MAX_DEPTH = 4
# What only an expansion brings: (kind, property) → function(tx, object of that kind).
Include = Callable[[Tx, Json], Any]
INCLUDES: dict[tuple[str, str], Include] = {}


def include(kind: str, name: str) -> Callable[[Include], Include]:
    """Register what ``expand=[name]`` puts into an object of ``kind``."""

    def register(function: Include) -> Include:
        INCLUDES[kind, name] = function
        return function

    return register


def expand(tx: Tx, answer: Json, paths: list[str]) -> Json:
    """The answer with the named properties expanded; raises ApiError for what cannot be."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH + (steps[0] == "data"):
            raise invalid(
                "expand", f"You cannot expand more than {MAX_DEPTH} levels of a property."
            )
        _walk(tx, answer, steps, path)
    return answer


def _walk(tx: Tx, value: Any, steps: list[str], path: str, owner: Json | None = None) -> None:
    if isinstance(value, list):
        for one in value:
            _walk(tx, one, steps, path, owner)
        return
    if not isinstance(value, dict) or not steps:
        return
    name = steps[0]
    owner = value if "object" in value or owner is None else owner
    kind = owner.get("object", "")
    if value.get(name) is None and (kind, name) in INCLUDES:
        value[name] = INCLUDES[kind, name](tx, owner)
    elif isinstance(value.get(name), str):
        value[name] = _fetch(tx, kind, name, value[name], path)
    elif name not in value or not isinstance(value[name], dict | list | None):
        raise invalid("expand", f"This property cannot be expanded ({path}).")
    _walk(tx, value[name], steps[1:], path, owner)


def _fetch(tx: Tx, kind: str, name: str, object_id: str, path: str) -> Any:
    candidates = _expandable(load().objects.get(kind, {}), name)
    if not candidates:
        raise invalid("expand", f"This property cannot be expanded ({path}).")
    for candidate in candidates:
        row = tx.find(candidate, object_id)
        if row is not None:
            return row.body
    return object_id


def _expandable(shape: Any, name: str) -> list[str]:
    """Kinds that the property ``name`` may expand to, at any depth of the shape."""
    if not isinstance(shape, dict):
        return []
    found: list[str] = list(shape[name].get("x", [])) if isinstance(shape.get(name), dict) else []
    for part in shape.values():
        if not found and isinstance(part, dict):
            found = _expandable(part.get("o") or _item_shape(part), name)
    return found


def _item_shape(part: Json) -> Any:
    items = part.get("a")
    return items.get("o") if isinstance(items, dict) else None
