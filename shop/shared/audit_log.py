"""The staff trail: who changed what, with the values before and after, in the same transaction."""

from typing import Any, Final

from sqlalchemy import select, update

from shop.core.db import changed, db, insert_new
from shop.core.errors import NotFound, StaleForm
from shop.core.origin import origin
from shop.models import AuditEntry
from shop.models.columns import LONGEST_CODE

REVERTED: Final = "This was reverted before."


def write_audit_entry(
    action: str,
    object_type: str,
    object_id: int | str,
    *,
    user_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reverts_id: int | None = None,
) -> None:
    """Add an audit entry to the open transaction.

    `action` reads "orders.refund"; `user_id` None stands for a command or the shop itself;
    `reverts_id`: the entry that this one takes back. Values must be JSON and must never hold
    passwords or tokens. Raises StaleForm where the entry was taken back before.
    """
    values = {"before": before, "after": after, "reverts_id": reverts_id}
    entry = _who_and_what(action, object_type, object_id, user_id)
    if not insert_new(AuditEntry, **entry, **values):
        raise StaleForm(REVERTED)


def begin_audit_entry(
    action: str,
    object_type: str,
    object_id: int | str,
    *,
    user_id: int | None,
    form_token: str,
    reverts_id: int | None = None,
) -> str | None:
    """Begin the entry of a form before what it asks for is done.

    `complete_audit_entry()` ends it.

    Returns None, or, when the form was sent before, the id of the object that it made or changed:
    then nothing is left to do. A form that is being done at this moment is waited for.
    `reverts_id`: the entry that this one takes back. Raises StaleForm for a token of another form
    and for what was taken back before, NotFound for an id longer than any there is.
    """
    if len(str(object_id)) > LONGEST_CODE:
        raise NotFound
    entry = _who_and_what(action, object_type, object_id, user_id)
    if insert_new(AuditEntry, **entry, form_token=form_token, reverts_id=reverts_id):
        return None
    by_token = select(AuditEntry).where(AuditEntry.form_token == form_token)
    known = db.session.scalars(by_token).one_or_none()
    if known is None:
        raise StaleForm(REVERTED)
    is_same = (known.action, known.object_type, known.user_id) == (action, object_type, user_id)
    if not is_same or (object_id != "" and known.object_id != str(object_id)):
        raise StaleForm("This form was sent before, for something else. Please open it once more.")
    return known.object_id


def complete_audit_entry(
    form_token: str, object_id: int | str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Complete the entry that `begin_audit_entry()` began in this transaction."""
    entry = update(AuditEntry).where(AuditEntry.form_token == form_token)
    changed(entry.values(object_id=str(object_id), before=before, after=after))


def _who_and_what(
    action: str, object_type: str, object_id: int | str, user_id: int | None
) -> dict[str, Any]:
    began = origin()
    return {
        "user_id": user_id,
        "actor": "" if user_id is not None else ("web" if began.kind == "web" else "cli"),
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id),
        "request_id": began.id,
    }
