"""The sums below the pieces in the mails about an order, which HTML and plain text write alike."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from flask_babel import gettext as _

from shop.mail.queries import Sale
from shop.models import TaxMode

Money = Callable[[int, str], str]  # writes minor units of a currency


class SumLine(NamedTuple):
    """A line of the sums. `is_aside`: it says what is in the total, and adds nothing."""

    label: str
    amount: str
    is_total: bool = False
    is_aside: bool = False


def order_sums(sale: Sale, money: Money) -> Iterator[SumLine]:
    """Yield the lines, in the language that the mail is being written in."""
    order, currency = sale.order, sale.order.currency
    code = f", {order.coupon_code}" if order.coupon_code else ""
    yield SumLine(_("Subtotal"), money(order.amount_subtotal, currency))
    if order.amount_discount:
        yield SumLine(f"{_('Discount')}{code}", f"−{money(order.amount_discount, currency)}")
        code = ""  # a coupon without a discount took off the delivery
    by = order.delivery_name
    free = not order.amount_shipping
    yield SumLine(
        _("Delivery, %(method)s", method=by) if by else _("Delivery"),
        (_("Complimentary") if free else money(order.amount_shipping, currency)) + code,
    )
    tax = money(order.amount_tax, currency)
    if order.tax_mode is TaxMode.EXCLUSIVE:
        yield SumLine(_("Tax"), tax)
    yield SumLine(_("Total"), money(order.amount_total, currency), is_total=True)
    if order.tax_mode is TaxMode.INCLUSIVE and order.amount_tax:
        yield SumLine(_("Including tax"), tax, is_aside=True)
