"""What a customer tells the shop at checkout, and how an order is told from another. Pure."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shop.cart.contents import CartView
from shop.cart.draft import draft_of
from shop.models.order import CHECKOUT_TEXTS

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: numbers are read out on the telephone

# Stripe refuses a payment page that lives for less than 30 minutes, so the shop holds a minute
# longer and then asks Stripe to end the page, which by itself would end after an hour.
HOLD = timedelta(minutes=31)
SESSION = timedelta(minutes=60)
FORGOTTEN = timedelta(hours=24)  # past its end: a page Stripe does not know by then is dead


@dataclass(frozen=True, kw_only=True)
class CheckoutDetails:
    """What was entered and agreed to. `address` has the fields of an address, `country` among them.

    `texts`: what was written, by the names of CHECKOUT_TEXTS. `seen_total` (minor units) is what
    the page said; `checkout_token` names one rendered form, so that a double click is one order.
    `provider`: who is to take the money, "" for whoever the shop prefers. `locale` and `language`:
    how the page was written, as its mails and the payment page will be. `shown_versions`: of terms
    and the like, as the form showed them, by id; `are_terms_accepted`: only where terms were among
    them and ticked.
    """

    email: str
    email_key: str
    address: dict[str, str]
    delivery_method_id: int | None
    seen_total: int | None
    checkout_token: str
    ip: str
    phone: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    locale: str = "en"
    language: str = "en"
    user_id: int | None = None
    source: str = "web"
    shown_versions: tuple[int, ...] = ()
    are_terms_accepted: bool = False

    @property
    def draft(self) -> dict[str, str]:
        """What the bag keeps of it until it is paid for."""
        return draft_of(
            self.email, self.address, self.delivery_method_id, self.texts, self.provider
        )

    @property
    def country(self) -> str:
        """Where the parcel goes, ISO 3166-1 alpha-2."""
        return self.address["country"]


def random_number() -> str:
    """Return a fresh order number, such as 7K3M-9Q2P: 40 random bits, not a secret."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{digits[:4]}-{digits[4:]}"


def new_access_token() -> str:
    """Return the secret of a guest's order link: 192 random bits."""
    return secrets.token_urlsafe(24)


def snapshot_hash(cart: CartView, details: CheckoutDetails) -> str:
    """Return what makes two checkouts of a cart the same: goods, prices, address, delivery."""
    what: dict[str, Any] = {
        "lines": [(line.variant_id, line.quantity, line.unit_amount) for line in cart.lines],
        "total": cart.totals.amount_total,
        "coupon": cart.coupon.code if cart.coupon else "",
        "currency": cart.currency,
        "delivery": cart.quote.method_id if cart.quote else None,
        "email": details.email,
        "phone": details.phone,
        "address": details.address,
        **{name: details.texts.get(name, "") for name in CHECKOUT_TEXTS},
        "provider": details.provider,
        "user": details.user_id,
        # As hashes of orders before there were texts: where none are shown, nothing is added.
        **({"shown": sorted(details.shown_versions)} if details.shown_versions else {}),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
