"""What of a checkout is kept with the bag until it is paid for. Pure."""

from collections.abc import Mapping
from typing import Final

from shop.addresses import FIELDS

KEPT: Final = ("email", *FIELDS, "delivery", "note")
LONGEST: Final = 500  # characters of a field: no valid value is longer


def read_draft(posted: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept of the fields as they were posted, right or wrong."""
    return {name: posted[name][:LONGEST] for name in KEPT if name in posted}


def draft_of(
    email: str, address: Mapping[str, str], delivery_method_id: int | None, note: str
) -> dict[str, str]:
    """Return the draft that would make this order."""
    return {
        **{name: address.get(name, "") for name in FIELDS},
        "email": email,
        "delivery": str(delivery_method_id or ""),
        "note": note,
    }
