"""What a shopper is shown about stock. Pure, but for the merchant's threshold."""

from collections.abc import Iterable
from typing import NamedTuple

from shop.models import StockPolicy
from shop.settings.queries import shop_settings


class Level(NamedTuple):
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


class Shown(NamedTuple):
    """The words on the page: `few_left` is the number in "Only 2 left", else None."""

    is_available: bool
    few_left: int | None


def shown(levels: Iterable[Level], threshold: int) -> Shown:
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


def low_stock_threshold() -> int:
    """Return the merchant's low-stock level, pieces."""
    return shop_settings().low_stock_threshold
