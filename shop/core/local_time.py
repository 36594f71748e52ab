"""Moments as people type them: the shop's wall clock, both changes of it included. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shop.core.errors import BadInput


def parse_local(text: str, zone: str) -> datetime:
    """Return the moment of a day and time such as 2026-03-29T09:30 in `zone`.

    Of an hour that comes twice it is the first. Raises BadInput for what is none, and for the hour
    that is left out when clocks are put forward.
    """
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        local = None
    if local is None or local.tzinfo or not 1970 <= local.year <= 9000:
        raise BadInput("Enter a day and a time, like 2026-12-24 09:00.")
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise BadInput("Clocks are put forward then: there is no such time on that day.")
    return moment


def typed_local(moment: datetime | None, zone: str) -> str:
    """Return a moment as one types it, "" for none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}" if moment else ""
