"""Lists that staff put in order: what a button or a drag makes of one. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from shop.core.errors import BadInput, StaleForm
from shop.core.row_ids import parse_id

MOST_IN_A_FORM: Final = 600
_ACT = re.compile(r"(up|down|top|add|drop)-([0-9]{1,10})", re.ASCII)


def read_ids(texts: Sequence[str]) -> list[int]:
    """Return the ids that a form names, each once, in their order; nonsense is left out."""
    found = (parse_id(text) for text in texts[:MOST_IN_A_FORM])
    return list(dict.fromkeys(one for one in found if one))


def read_act(text: str) -> tuple[str, int]:
    """Return what the pressed button does with which row: ("up", 12); ("", 0) for none.

    Raises BadInput for nonsense.
    """
    if not text:
        return "", 0
    found = _ACT.fullmatch(text)
    if found is None:
        raise BadInput("Choose what should become of it.")
    return found[1], parse_id(found[2])


def rearrange(ids: Sequence[int], act: str, which: int) -> list[int]:
    """Return the list after a button: one step up or down, to the top, put at its end, taken out.

    What is not there cannot be moved: the list stays as it is.
    """
    rest = [one for one in ids if one != which]
    if act == "add":
        return [*ids, which] if which not in ids else list(ids)
    if which not in ids:
        return list(ids)
    if act == "drop":
        return rest
    place = ids.index(which)
    target = {"up": place - 1, "down": place + 1, "top": 0}.get(act, place)
    target = min(max(target, 0), len(rest))
    return [*rest[:target], which, *rest[target:]]


def refuse_overtaken(was: Sequence[int], present: Sequence[int], wanted: Sequence[int]) -> None:
    """Raise StaleForm where the list is no longer as the form showed it, and would change."""
    if list(was) != list(present) and list(wanted) != list(present):
        raise StaleForm
