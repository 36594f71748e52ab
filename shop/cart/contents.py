"""What a cart holds, as pages show it and as an order is made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.coupons.terms import Refusal, Terms
from shop.delivery.rates import DeliveryQuote
from shop.models import TaxClass
from shop.payments.current import offered_providers
from shop.payments.provider import ProviderEntry
from shop.pricing import Discount, Totals


@dataclass(frozen=True)
class CartLine:
    """One line as it is now; amounts in minor units.

    `available`: the pieces that are there, None when stock does not limit it. `cap`: how many the
    line may be of.
    """

    item_id: int
    variant_id: int
    product_id: int
    category_id: int | None
    slug: str
    name: str
    label: str
    brand: str
    sku: str
    cover: str | None
    quantity: int
    unit_amount: int
    seen_amount: int
    compare_at: int | None
    tax_class: TaxClass
    weight_grams: int
    provider_ref: str | None
    is_tracked: bool
    is_on_sale: bool
    available: int | None
    cap: int

    @property
    def amount(self) -> int:
        """Quantity × unit price."""
        return self.quantity * self.unit_amount

    @property
    def is_price_changed(self) -> bool:
        """Whether the price is another one than the customer last saw."""
        return self.unit_amount != self.seen_amount

    @property
    def is_short(self) -> bool:
        """Whether fewer may be bought than are wanted."""
        return self.cap < self.quantity

    @property
    def can_be_bought(self) -> bool:
        """Whether the line may go to checkout as it is."""
        return self.is_on_sale and not self.is_short


@dataclass(frozen=True)
class CartCoupon:
    """The coupon in a cart: what it does here, or why it does nothing (`missing`: minor units)."""

    terms: Terms
    discount: Discount | None
    refusal: Refusal | None
    missing: int

    @property
    def code(self) -> str:
        """The code as it was made."""
        return self.terms.code

    @property
    def counted_code(self) -> str:
        """The code while it takes something off; "" while it does nothing."""
        return "" if self.refusal else self.code


@dataclass(frozen=True)
class CartView:
    """A cart as the pages show it and as an order is made from it.

    `quote` is the chosen delivery, the merchant's first when none was chosen; None when nothing
    goes to `country`. Totals count only lines that are on sale. `draft`: what was typed at
    checkout, by field.
    """

    cart_id: int | None
    lines: tuple[CartLine, ...]
    totals: Totals
    country: str
    currency: str
    quotes: tuple[DeliveryQuote, ...]
    quote: DeliveryQuote | None
    coupon: CartCoupon | None = None
    draft: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many pieces."""
        return sum(line.quantity for line in self.lines)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.lines

    @property
    def is_payable(self) -> bool:
        """Whether somebody takes the total, or there is nothing to pay."""
        return self.totals.amount_total == 0 or bool(self.ways_to_pay)

    @property
    def ways_to_pay(self) -> tuple[ProviderEntry, ...]:
        """Who takes the total, the preferred one first; nobody where there is nothing to pay."""
        total = self.totals.amount_total
        return offered_providers(total, self.currency) if total else ()

    @property
    def savings(self) -> dict[int, int]:
        """What the coupon takes off each line, by item id, minor units."""
        return {line.key: line.discount for line in self.totals.lines if line.discount}

    @property
    def are_lines_good(self) -> bool:
        """Whether every line can be bought as it is."""
        return bool(self.lines) and all(line.can_be_bought for line in self.lines)

    @property
    def can_check_out(self) -> bool:
        """Whether all of it can be bought as it is, for what the cart says."""
        is_coupon_good = self.coupon is None or self.coupon.refusal is None
        return self.are_lines_good and is_coupon_good and self.is_payable
