"""What staff do: the change and its trail in one transaction, once for each form that is sent."""

import functools
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ParamSpec

from shop.core.db import retried, transaction
from shop.shared.audit_log import begin_audit_entry, complete_audit_entry

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
State = dict[str, Any]
P = ParamSpec("P")


@dataclass(frozen=True)
class Staff:
    """Who acts, and by which rendered form; "" where the form names none.

    `reverts_id`: the entry of the trail that is taken back by what is done.
    """

    user_id: int | None
    form_token: str = ""
    reverts_id: int | None = None


def new_form_token() -> str:
    """Return the name of a form that is being rendered."""
    return secrets.token_urlsafe(24)


def read_form_token(text: str | None) -> str:
    """Return the token that a form sent, "" for none or nonsense."""
    return text if text and _TOKEN.fullmatch(text) else ""


@dataclass
class Entry:
    """The entry of a change in the trail, while it is made.

    `object_id`: of what is changed; whoever makes it sets it. Of `before` and `after`, the values
    of the object, what differs is kept, with `more`.
    """

    object_id: int | str
    before: State = field(default_factory=dict)
    after: State = field(default_factory=dict)
    more: State = field(default_factory=dict)

    def difference(self) -> tuple[State, State]:
        """Return the values that differ, before and after, with what is written beside them."""
        names = [name for name in self.after if self.before.get(name) != self.after[name]]
        before = {name: self.before[name] for name in names if name in self.before}
        return before, {name: self.after[name] for name in names} | self.more


class SentBefore(Exception):
    """The form was sent before, and what it asks for is done, to the object of this id."""

    def __init__(self, object_id: str) -> None:
        super().__init__(object_id)
        self.object_id = object_id


@contextmanager
def audited(
    action: str, object_type: str, object_id: int | str = "", *, staff: Staff
) -> Iterator[Entry]:
    """Open the transaction of a use case of staff, with its entry of the trail.

    `object_id`: "" where the block makes the object. Raises SentBefore for a form that was sent
    before, for `done_once`, and StaleForm when it was sent for something else. If the block raises
    there is no trace.
    """
    token = staff.form_token or new_form_token()
    with transaction() as session:
        known = begin_audit_entry(
            action,
            object_type,
            object_id,
            user_id=staff.user_id,
            form_token=token,
            reverts_id=staff.reverts_id,
        )
        if known is not None:
            raise SentBefore(known)
        entry = Entry(object_id)
        yield entry
        session.flush()
        complete_audit_entry(token, entry.object_id, *entry.difference())


def done_once(use_case: Callable[P, Entry]) -> Callable[P, str]:
    """Do what a form of staff asks for once, however often it is sent; return the object's id.

    The use case opens one `audited()` block and returns its entry.
    """

    @functools.wraps(use_case)
    def does(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            return str(retried(use_case)(*args, **kwargs).object_id)
        except SentBefore as before:
            return before.object_id

    return does
