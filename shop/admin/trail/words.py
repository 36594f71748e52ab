"""What an entry of the trail says: each value that changed, before and after."""

import json
from collections.abc import Mapping
from typing import Any

from shop.admin.products.audit import VARIANT_STATE
from shop.core.config import config
from shop.core.money import format_money
from shop.settings.queries import shop_settings

LONGEST_VALUE = 200  # characters of a value in the list
_AMOUNTS = ("unit amount", "compare at amount", "free from")
Named = tuple[str, str]  # a value: of what (a SKU, or "" for the thing itself), and which


def flat(state: Mapping[str, Any] | None) -> dict[Named, Any]:
    """Return the values of a state by name, those of each variant by its SKU."""
    found: dict[Named, Any] = {}
    for name, value in (state or {}).items():
        if name == "variants" and isinstance(value, dict):
            for sku, values in value.items():
                found |= {(sku, each): one for each, one in zip(VARIANT_STATE, values)}  # noqa: B905 -- older entries have fewer
        elif name in {"on_hand", "level"} and isinstance(value, dict):
            found |= {(sku, name): one for sku, one in value.items()}
        else:
            found["", name] = value
    return found


def list_changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[tuple[str, Any, Any]]:
    """Return (name in words, before, after) of each value that differs."""
    then, now = flat(before), flat(after)
    names = [*now, *(name for name in then if name not in now)]
    return [
        (label(name), then.get(name), now.get(name))
        for name in names
        if name not in then or name not in now or then[name] != now[name]
    ]


def label(name: Named) -> str:
    """Return what a value is called: "RING-1: unit amount"."""
    of, which = name
    words = which.replace("_", " ")
    return f"{of}: {words}" if of else words.capitalize()


def describe(name: str, value: Any, longest: int = LONGEST_VALUE) -> str:
    """Return a value in words, cut to `longest` characters; 0 for all of it."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.lower().endswith(_AMOUNTS):
        return format_money(value, config().currency, shop_settings().locale)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = ", ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if not longest or len(text) <= longest else f"{text[: longest - 1]}…"
