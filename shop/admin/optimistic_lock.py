"""Telling a form that was overtaken from one that was not. Pure.

What staff edit has a version, which grows with each change of what its form shows, and with
nothing else. A form carries the version that it was made from.
"""

import re
from collections.abc import Mapping

from shop.core.errors import StaleForm

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


def read_version(text: str | None) -> int | None:
    """Return the version that a form carries, None for none or nonsense."""
    return int(text) if text and _VERSION.fullmatch(text) else None


def refuse_stale(
    seen: int | None, version: int, present: Mapping[str, object], wanted: Mapping[str, object]
) -> None:
    """Raise StaleForm where saving `wanted` would undo what others have changed.

    `seen`: the version that the form was made from; `present` and `wanted`: what the form shows by
    field, as it is and as it would be. Where they are the same, nobody is overtaken. A form that
    carries no version is not checked.
    """
    if seen is None or seen == version:
        return
    differs = {
        name: str(value)
        for name, value in present.items()
        if name in wanted and wanted[name] != value
    }
    if differs:
        raise StaleForm(present=differs, version=version)
