"""What staff do: the change and its trail in one transaction, once for each form that is sent."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop.core.db import retried, transaction
from shop.shared.audit_log import begin_audit_entry, complete_audit_entry

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
State = dict[str, Any]


@dataclass(frozen=True)
class Staff:
    """Who acts, and by which rendered form; "" where the form names none."""

    user_id: int | None
    form_token: str = ""


def new_form_token() -> str:
    """Return the name of a form that is being rendered."""
    return secrets.token_urlsafe(24)


def read_form_token(text: str | None) -> str:
    """Return the token that a form sent, "" for none or nonsense."""
    return text if text and _TOKEN.fullmatch(text) else ""


@retried
def do_once(
    action: str,
    object_type: str,
    object_id: int | str,
    act: Callable[[], object],
    *,
    staff: Staff,
    state: Callable[[Any], State] = lambda _: {},
    more: State | None = None,
) -> str:
    """Run a use case in one transaction with its trail; the same form sent twice is done once.

    `object_id`: of what is changed, or "" when `act` makes it and returns its id. `state` gives
    the values of the object of an id whose change is written down, and locks what it reads;
    `more` is written beside them. Returns the id of the object. Raises what `act` raises: then
    there is no trace.
    """
    token = staff.form_token or new_form_token()
    with transaction() as session:
        known = begin_audit_entry(
            action, object_type, object_id, user_id=staff.user_id, form_token=token
        )
        if known is not None:
            return known
        before = state(object_id) if object_id != "" else {}
        made = act()
        if object_id == "":
            object_id = int(str(made))
        session.flush()
        after = state(object_id)
        differs = [name for name in after if before.get(name) != after[name]]
        complete_audit_entry(
            token,
            object_id,
            {name: before[name] for name in differs if name in before},
            {name: after[name] for name in differs} | (more or {}),
        )
        return str(object_id)
