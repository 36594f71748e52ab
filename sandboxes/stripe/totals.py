"""The arithmetic of a Checkout Session, in integers of minor units."""

from typing import Any

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.money import (
    EMPTY_DECIMALS,
    MAXIMUM,
    THREE_DECIMAL,
    format_amount,
    minimum,
    percent,
    share,
)
from sandboxes.stripe.objects import build


def recompute(session: Json, extra: Json) -> None:
    """Set the session's amounts and line items from ``extra`` (lines, discount, shipping).

    An amount off is spread over the lines by share, the last line taking the rest; a percentage is
    rounded half up on the subtotal and spread alike. Discounts do not touch the shipping.
    """
    lines = extra["lines"]
    subtotals = [line["price"]["unit_amount"] * line["quantity"] for line in lines]
    coupon = extra["discount"]["coupon"] if extra.get("discount") else None
    discount = discount_amount(coupon, sum(subtotals))
    shares = share(discount, subtotals)
    extra["items"] = [
        _item(line, subtotal, off, session["currency"])
        for line, subtotal, off in zip(lines, subtotals, shares, strict=True)
    ]
    shipping = chosen_shipping(extra)
    delivery = shipping["fixed_amount"]["amount"] if shipping else 0
    tax = sum(item["amount_tax"] for item in extra["items"])
    session["amount_subtotal"] = sum(subtotals)
    session["amount_total"] = sum(item["amount_total"] for item in extra["items"]) + delivery
    session["total_details"] = {
        "amount_discount": discount,
        "amount_shipping": delivery,
        "amount_tax": tax,
        "breakdown": None,
    }
    session["shipping_cost"] = _shipping_cost(shipping)


def check_amount(session: Json) -> None:
    """Raise ApiError when the total cannot be charged: below the minimum, above the maximum."""
    total, currency = session["amount_total"], session["currency"]
    if 0 < total < minimum(currency):
        least = format_amount(minimum(currency), currency).replace(f" {currency.upper()}", "")
        raise ApiError(
            f"The Checkout Session's total amount due must add up to at least {least} {currency}",
            code="amount_too_small",
        )
    if total > MAXIMUM:
        raise ApiError(
            "The Checkout Session's total amount must be no more than "
            f"{format_amount(MAXIMUM, currency)}",
            code="amount_too_large",
        )
    step = 10 if currency in THREE_DECIMAL else 100 if currency in EMPTY_DECIMALS else 1
    if total % step:
        raise invalid(
            "line_items",
            f"Invalid amount: {currency} amounts must be divisible by {step}.",
            "parameter_invalid_integer",
        )


def discount_amount(coupon: Json | None, subtotal: int) -> int:
    """What a coupon takes off that subtotal, at most all of it."""
    if coupon is None:
        return 0
    if coupon["amount_off"] is not None:
        return min(int(coupon["amount_off"]), subtotal)
    return percent(subtotal, float(coupon["percent_off"]))


def chosen_shipping(extra: Json) -> Json | None:
    """The shipping rate that counts: the buyer's choice, the first option until then."""
    options: list[Json] = extra.get("shipping", [])
    if not options:
        return None
    chosen = extra.get("shipping_choice")
    return next((one for one in options if one["id"] == chosen), options[0])


def breakdown(extra: Json, session: Json) -> Json:
    """``total_details.breakdown``: which discount and which taxes make up the sums."""
    discounts = []
    if extra.get("discount"):
        amount = session["total_details"]["amount_discount"]
        discounts.append({"amount": amount, "discount": extra["discount"]["object"]})
    taxes = [tax for line in extra["items"] for tax in taxes_of(extra, line)]
    return {"discounts": discounts, "taxes": taxes}


def taxes_of(extra: Json, item: Json) -> list[Json]:
    """The taxes on one line item, as an expansion shows them."""
    line = next(one for one in extra["lines"] if one["id"] == item["id"])
    base = item["amount_subtotal"] - item["amount_discount"]
    return [
        {
            "amount": _tax(base, rate),
            "rate": rate,
            "taxability_reason": None,
            "taxable_amount": base,
        }
        for rate in line["tax_rates"]
    ]


def _item(line: Json, subtotal: int, discount: int, currency: str) -> Json:
    base = subtotal - discount
    inclusive = sum(_tax(base, rate) for rate in line["tax_rates"] if rate["inclusive"])
    exclusive = sum(_tax(base, rate) for rate in line["tax_rates"] if not rate["inclusive"])
    return build(
        "item",
        id=line["id"],
        adjustable_quantity=line["adjustable_quantity"],
        amount_discount=discount,
        amount_subtotal=subtotal,
        amount_tax=inclusive + exclusive,
        amount_total=base + exclusive,
        currency=currency,
        description=line["description"],
        metadata=line["metadata"],
        price=line["price"],
        quantity=line["quantity"],
    )


def _tax(base: int, rate: Json) -> int:
    percentage = float(rate["percentage"])
    if not rate["inclusive"]:
        return percent(base, percentage)
    scaled = round(percentage * 10_000)
    whole = 1_000_000 + scaled
    return (base * scaled + whole // 2) // whole


def _shipping_cost(rate: Json | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    amount = rate["fixed_amount"]["amount"]
    return {
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "shipping_rate": rate["id"],
        "taxes": None,
    }
