"""Telling a form that was overtaken from one that was not, field by field. Pure.

A form carries a short mark of each value it showed. When it comes back and a value has another
mark by then, somebody else has changed it: the form is shown again with both.
"""

import hashlib
from collections.abc import Mapping

from shop.core.errors import StaleForm


def marks_of(values: Mapping[str, object]) -> str:
    """Return what a form carries to know later which of `values` have changed."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in sorted(values.items()))


def refuse_stale(
    seen: str | None, present: Mapping[str, object], wanted: Mapping[str, object] | None = None
) -> None:
    """Raise StaleForm with the values that differ from those whose marks are `seen`.

    What is as the form wants it (`wanted`) overtakes nobody. A form that carries no marks is not
    checked.
    """
    wanted = wanted or {}
    known = dict(part.split(":", 1) for part in (seen or "").split() if ":" in part)
    differs = {
        name: str(value)
        for name, value in present.items()
        if name in known and known[name] != _mark(value) and wanted.get(name) != value
    }
    if differs:
        raise StaleForm(present=differs, marks=marks_of(present))


def _mark(value: object) -> str:
    return hashlib.sha256(str(value).encode()).hexdigest()[:8]
