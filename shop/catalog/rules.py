"""The rule of a collection: all that a piece must fulfil to stand in it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from shop.core.errors import BadInput
from shop.core.money import LARGEST

MOST_DAYS: Final = 365


@dataclass(frozen=True)
class Rule:
    """What all pieces of a collection have in common; None and False: it does not matter.

    Prices in minor units, both included. A category means all below it, too. `new_days`: first on
    sale at most so many days ago.
    """

    category_id: int | None = None
    brand_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    is_reduced: bool = False
    new_days: int | None = None
    in_stock: bool = False

    def check(self) -> None:
        """Raise BadInput naming every field that makes no sense."""
        wrong = {}
        for name in ("min_price", "max_price"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount <= LARGEST:
                wrong[name] = "Enter a price, like 148.00"
        low, high = self.min_price, self.max_price
        if low is not None and high is not None and low > high:
            wrong.setdefault("max_price", "The highest price must not be below the lowest.")
        if self.new_days is not None and not 1 <= self.new_days <= MOST_DAYS:
            wrong["new_days"] = f"Enter 1 to {MOST_DAYS} days."
        if self == Rule():
            wrong["form"] = "Say what the pieces have in common: one of these at least."
        if wrong:
            raise BadInput(**wrong)

    def stored(self) -> dict[str, Any]:
        """Return the rule as its column keeps it: what matters, by name."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value is not None and value is not False
        }

    def since(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return from when on a piece is new enough, None where that does not matter.

        Days begin at midnight in `zone`, so that the answer changes once a day.
        """
        if self.new_days is None:
            return None
        day = moment.astimezone(zone).date() - timedelta(days=self.new_days)
        return datetime.combine(day, time(), zone)


def rule_of(stored: Mapping[str, Any]) -> Rule:
    """Return the rule that a column holds."""
    return Rule(**stored)
