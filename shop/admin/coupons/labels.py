"""What the history of a coupon says."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _

_ACTIONS: Final = {
    "coupons.create": _("Made"),
    "coupons.change": _("Days, limits or minimum changed"),
    "coupons.switch": _("Paused or let go on"),
    "coupons.end": _("Ended"),
}


def coupon_event_labels(rows: Iterable[Any]) -> list[tuple[str, datetime, str]]:
    """Return (what, when, who and from what to what) of each entry of the trail."""
    return [
        (str(_ACTIONS.get(row.action, row.action)), row.created_at, " · ".join(_details(row)))
        for row in rows
    ]


def _details(row: Any) -> list[str]:
    before, after = row.before or {}, row.after or {}
    changes = [
        f"{name}: {before[name] or '–'} → {value or '–'}"
        for name, value in after.items()
        if name in before
    ]
    return [part for part in (row.who or "", *changes) if part]
