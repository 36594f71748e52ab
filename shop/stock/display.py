"""What a shopper is shown about stock. Pure, but for the merchant's threshold."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from shop.models import StockPolicy
from shop.settings.queries import shop_settings


class StockLevel(NamedTuple):
    """The stock of one variant that is on sale."""

    policy: StockPolicy
    on_hand: int
    reserved: int

    @property
    def available(self) -> int | None:
        """How many may be sold now; None when stock does not limit it."""
        if self.policy is not StockPolicy.DENY:
            return None
        return max(0, self.on_hand - self.reserved)

    @property
    def can_be_bought(self) -> bool:
        """Whether at least one may be sold now."""
        return self.available != 0


class Priced(Protocol):
    """A variant on sale, as far as the price in lists depends on it; amounts in minor units."""

    @property
    def id(self) -> int:
        """The variant's id."""

    @property
    def unit_amount(self) -> int:
        """The price."""

    @property
    def compare_at_amount(self) -> int | None:
        """The price before a reduction."""

    @property
    def level(self) -> StockLevel:
        """The stock."""


class PriceShown(NamedTuple):
    """The price in lists, minor units; `has_price_range`: others cost more."""

    price_from: int
    compare_at: int | None
    has_price_range: bool


class Shown(NamedTuple):
    """The words on the page: `few_left` is the number in "Only 2 left", else None."""

    is_available: bool
    few_left: int | None


def shown(levels: Iterable[StockLevel], threshold: int) -> Shown:
    """Return what is shown for a product with these variants, or for one of them.

    `threshold`: at or below this many pieces, all variants together, the number is told.
    """
    total = 0
    for level in levels:
        available = level.available
        if available is None:
            return Shown(is_available=True, few_left=None)
        total += available
    return Shown(is_available=total > 0, few_left=total if 0 < total <= threshold else None)


def price_shown(variants: Sequence[Priced]) -> PriceShown:
    """Return the lowest price among those that can be bought now; of all, when none can."""
    priced = [one for one in variants if one.level.can_be_bought] or variants
    cheapest = min(priced, key=lambda one: (one.unit_amount, one.id), default=None)
    if cheapest is None:
        return PriceShown(0, None, has_price_range=False)
    amounts = {one.unit_amount for one in priced}
    return PriceShown(cheapest.unit_amount, cheapest.compare_at_amount, len(amounts) > 1)


def low_stock_threshold() -> int:
    """Return the merchant's low-stock level, pieces."""
    return shop_settings().low_stock_threshold
