"""The price of a cart: lines, discount, delivery, tax, total. The one function that knows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shop.core.money import included_tax, share
from shop.models import TaxClass, TaxMode
from shop.pricing.allocate import allocate


@dataclass(frozen=True)
class PriceLine:
    """What goes in: `unit_amount` in minor units, `key` to find the line again."""

    key: int
    quantity: int
    unit_amount: int
    tax_class: TaxClass = TaxClass.STANDARD

    @property
    def amount(self) -> int:
        """Quantity × unit price, minor units."""
        return self.quantity * self.unit_amount


@dataclass(frozen=True)
class Discount:
    """A reduction of the goods: `percent_bp` basis points or `amount_off` minor units of them.

    `keys` names the lines it is for; None means all. `is_free_delivery` touches delivery alone.
    """

    percent_bp: int = 0
    amount_off: int = 0
    is_free_delivery: bool = False
    keys: frozenset[int] | None = None


@dataclass(frozen=True)
class TaxRules:
    """The rates (basis points) of one country by class, and whether prices include them."""

    mode: TaxMode = TaxMode.INCLUSIVE
    rates: Mapping[TaxClass, int] = field(default_factory=dict)

    def rate(self, tax_class: TaxClass) -> int:
        """Return the rate of `tax_class`; nothing is taxed in a country without rates."""
        return 0 if self.mode is TaxMode.REVERSE_CHARGE else self.rates.get(tax_class, 0)


@dataclass(frozen=True)
class PricedLine:
    """What comes out for a line; `total` is after discount, tax inside it when inclusive."""

    key: int
    quantity: int
    unit_amount: int
    amount: int
    discount: int
    total: int
    tax_rate_bp: int
    tax: int


@dataclass(frozen=True)
class Totals:
    """The five sums of a cart or an order, minor units, and the lines they come from."""

    amount_subtotal: int
    amount_discount: int
    amount_shipping: int
    amount_tax: int
    amount_total: int
    shipping_tax: int
    lines: tuple[PricedLine, ...]


class RateTax(NamedTuple):
    """What is taxed at one rate, minor units: the lines at `places`, and their part of delivery."""

    rate_bp: int
    places: Sequence[int]
    shipping: int
    amount: int
    tax: int


def price(
    lines: Sequence[PriceLine],
    *,
    tax: TaxRules,
    shipping_amount: int = 0,
    discount: Discount | None = None,
) -> Totals:
    """Return what `lines` cost with `discount`, delivery and tax.

    Tax is computed per rate over the whole order and then spread, so that its sum is right; the
    tax of delivery follows the goods in proportion (Article 78 of the EU VAT directive: delivery
    shares the treatment of what is delivered). With inclusive prices tax is inside the total,
    with exclusive ones it is added.
    """
    subtotal = sum(line.amount for line in lines)
    discounts = _discounts(lines, discount)
    if discount and discount.is_free_delivery:
        shipping_amount = 0
    nets = [line.amount - off for line, off in zip(lines, discounts, strict=True)]
    rates = [tax.rate(line.tax_class) for line in lines]
    taxes, shipping_tax = _taxes(nets, rates, shipping_amount, tax.mode)
    amount_tax = sum(taxes) + shipping_tax
    added = amount_tax if tax.mode is TaxMode.EXCLUSIVE else 0
    return Totals(
        amount_subtotal=subtotal,
        amount_discount=sum(discounts),
        amount_shipping=shipping_amount,
        amount_tax=amount_tax,
        amount_total=subtotal - sum(discounts) + shipping_amount + added,
        shipping_tax=shipping_tax,
        lines=tuple(
            PricedLine(line.key, line.quantity, line.unit_amount, line.amount, off, net, rate, part)
            for line, off, net, rate, part in zip(lines, discounts, nets, rates, taxes, strict=True)
        ),
    )


def _discounts(lines: Sequence[PriceLine], discount: Discount | None) -> list[int]:
    """Return each line's part of the discount; together never more than the lines it is for."""
    if discount is None:
        return [0] * len(lines)
    weights = [
        line.amount if discount.keys is None or line.key in discount.keys else 0 for line in lines
    ]
    eligible = sum(weights)
    wanted = discount.amount_off + share(eligible, discount.percent_bp)
    return allocate(min(wanted, eligible), weights)


def _taxes(
    nets: Sequence[int], rates: Sequence[int], shipping: int, mode: TaxMode
) -> tuple[list[int], int]:
    """Return the tax of each line and of delivery."""
    taxes, shipping_tax = [0] * len(nets), 0
    for taxed in tax_by_rate(nets, rates, shipping, mode):
        parts = allocate(taxed.tax, [*(nets[i] for i in taxed.places), taxed.shipping])
        shipping_tax += parts.pop()
        for i, part in zip(taxed.places, parts, strict=True):
            taxes[i] = part
    return taxes, shipping_tax


def tax_by_rate(
    nets: Sequence[int], rates: Sequence[int], shipping: int, mode: TaxMode
) -> list[RateTax]:
    """Return the tax at each rate, the lowest first: of a cart, or of an order as it was placed.

    `nets`: what each line costs after discount, minor units; `rates`: its basis points.
    """
    by_rate: dict[int, list[int]] = defaultdict(list)
    for i, rate in enumerate(rates):
        by_rate[rate].append(i)
    groups = sorted(by_rate.items())
    goods = [sum(nets[i] for i in places) for _, places in groups]
    # All goods free: delivery follows their number.
    worth = goods if any(goods) else [len(places) for _, places in groups]
    shares = allocate(shipping, worth) if groups else []
    found = []
    for (rate, places), own, part in zip(groups, goods, shares, strict=True):
        gross = own + part
        tax = included_tax(gross, rate) if mode is TaxMode.INCLUSIVE else share(gross, rate)
        found.append(RateTax(rate, places, part, gross, tax))
    return found
