"""Taking entries of the trail back: once each, as an edit like every other, with its own entry."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from shop.admin.staff_actions import Staff
from shop.admin.trail.plans import Old, Reversal
from shop.admin.trail.product_plans import (
    plan_counts,
    plan_grid,
    plan_stock,
    plan_texts,
    plan_variant,
)
from shop.admin.trail.queries import find_reversal, get_entry
from shop.admin.trail.text_plans import (
    plan_brand,
    plan_carrier,
    plan_category,
    plan_collection,
    plan_mail_text,
    plan_method,
    plan_page,
    plan_setting,
)
from shop.admin.trail.words import flat
from shop.core.db import retried, transaction
from shop.core.errors import NotPermitted, OrderError, StaleForm
from shop.models import AuditEntry
from shop.shared.audit_log import REVERTED

MOVED: Final = "It has moved on since, so nothing was reverted. What it says now is below."
_PLANS: Final[Mapping[str, Callable[[AuditEntry, Old, Old], Reversal]]] = {
    "brands.update": plan_brand,
    "categories.update": plan_category,
    "collections.update": plan_collection,
    "pages.publish": plan_page,
    "pages.restore": plan_page,
    "pages.update": plan_page,
    "products.grid": plan_grid,
    "products.update": plan_texts,
    "products.variant": plan_variant,
    "settings.carrier": plan_carrier,
    "settings.change": plan_setting,
    "settings.delivery_method": plan_method,
    "settings.mail_text": plan_mail_text,
    "stock.adjust": plan_stock,
    "stock.set": plan_counts,
}


def plan_reversal(entry: AuditEntry) -> Reversal | None:
    """Return what taking an entry back would change; None for what cannot be taken back.

    Raises OrderError where the thing is gone.
    """
    plan, then, now = _PLANS.get(entry.action), flat(entry.before), flat(entry.after)
    changed = [name for name in now if name in then and then[name] != now[name]]
    if plan is None or not changed:
        return None
    return plan(entry, {n: then[n] for n in changed}, {n: now[n] for n in changed})


@retried
def take_back(entry_id: int, *, may: Callable[[str], bool], staff: Staff) -> int:
    """Take an entry back; return the id of the entry that says so. Sent twice, it is done once.

    Raises NotFound, NotPermitted to whom `may` does not let edit the thing, StaleForm where it
    has moved on or somebody else took it back, OrderError where it is gone, BadInput as the edit.
    """
    with transaction():
        entry, done = get_entry(entry_id), _done_before(entry_id, staff)
        if done is not None:
            return done
        plan = plan_reversal(entry)
        if plan is None:
            raise OrderError("This entry cannot be reverted.")
        if not all(may(name) for name in plan.needed):
            raise NotPermitted
        if plan.has_moved:
            raise StaleForm(MOVED)
        plan.act(replace(staff, reverts_id=entry_id))
        made = find_reversal(entry_id)
        if made is None:
            raise StaleForm(MOVED)
        return made.id


def _done_before(entry_id: int, staff: Staff) -> int | None:
    """Return the entry by which the same person took it back. Raises StaleForm for another."""
    done = find_reversal(entry_id)
    if done is not None and done.user_id != staff.user_id:
        raise StaleForm(REVERTED)
    return done.id if done else None
