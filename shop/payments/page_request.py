"""What a payment page is to ask for, told in the shop's words; each provider makes its own of it.

Amounts are integers of minor units, currencies three capitals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One line of the frozen order; `unit_amount` in minor units.

    `product_ref` is the synced product's id at the provider; without one the line describes itself
    with `description`, `images` (public https URLs) and `metadata`.
    """

    name: str
    quantity: int
    unit_amount: int
    product_ref: str | None = None
    description: str = ""
    images: tuple[str, ...] = ()
    metadata: Mapping[str, str] | None = None

    @property
    def amount(self) -> int:
        """The line's total in minor units."""
        return self.quantity * self.unit_amount


@dataclass(frozen=True)
class Shipping:
    """The chosen delivery; `amount` in minor units, 0 for free delivery."""

    name: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """One attempt to have an order paid.

    `reference` is the order's number, `attempt_id` the attempt; `total` is what the buyer is to
    pay: Σ lines − `discount_amount` + shipping. `expires_at` is when the page must have ended by
    itself.
    """

    reference: str
    attempt_id: str
    lines: tuple[Line, ...]
    currency: str
    total: int
    expires_at: datetime
    success_url: str
    cancel_url: str
    shipping: Shipping | None = None
    discount_amount: int = 0
    customer_email: str | None = None
    locale: str = "auto"
