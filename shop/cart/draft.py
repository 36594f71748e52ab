"""What of a checkout is kept with the bag until it is paid for. Pure."""

from collections.abc import Mapping
from typing import Final

from shop.core.addresses import FIELDS
from shop.core.emails import normalise_email
from shop.models.order import CHECKOUT_TEXTS

KEPT: Final = ("email", *FIELDS, "delivery", *CHECKOUT_TEXTS, "payment")
LONGEST: Final = 500  # characters of a field: no valid value is longer
_IMPERSONAL: Final = {"country", "delivery", "payment"}


def read_draft(posted: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept of the fields as they were posted, right or wrong."""
    return {name: posted[name][:LONGEST] for name in KEPT if name in posted}


def may_follow(draft: Mapping[str, str], email_key: str) -> bool:
    """Return whether what a guest typed may go with their bag into the account of `email_key`.

    A browser may be shared, so it must bear the account's own address, or name nobody.
    """
    if draft.get("email"):
        return normalise_email(draft["email"]) == email_key
    return not any(value for name, value in draft.items() if name not in _IMPERSONAL)


def draft_of(
    email: str,
    address: Mapping[str, str],
    delivery_method_id: int | None,
    texts: Mapping[str, str],
    provider: str = "",
) -> dict[str, str]:
    """Return the draft that would make this order; `texts` by their CHECKOUT_TEXTS."""
    return {
        **{name: address.get(name, "") for name in FIELDS},
        "email": email,
        "delivery": str(delivery_method_id or ""),
        **texts,
        **({"payment": provider} if provider else {}),
    }
