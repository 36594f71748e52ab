"""How the rows of a file are read, and what was noticed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How rows are read. `currency`: the shop's; `stock`: pieces where a row does not say it.

    `locale`: in whose marks prices that are texts are written. `rates`: what one unit of another
    currency is in the shop's. `unknown` collects currencies that had no rate and were taken one to
    one, `read` how prices in marks of their own were read, `remarks` what else should be known.
    """

    currency: str
    locale: str = "en"
    stock: int = 20
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    read: dict[str, str] = field(default_factory=dict)
    remarks: set[str] = field(default_factory=set)
