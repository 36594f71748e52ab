"""Whether the shop is closed for visitors, and until when. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shop.settings.registry import ShopSettings


def closed_until(settings: ShopSettings, timezone: str) -> datetime | None:
    """Return the moment at which the shop opens by itself, None where staff will say so.

    It is typed in the shop's time zone.
    """
    if not settings.maintenance_until:
        return None
    local = datetime.fromisoformat(settings.maintenance_until)
    return local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def is_closed(settings: ShopSettings, at: datetime, timezone: str) -> bool:
    """Return whether visitors get the closed page at the moment `at`."""
    if not settings.maintenance:
        return False
    until = closed_until(settings, timezone)
    return until is None or at < until
