"""Rules for a new Checkout Session that no schema carries; the real API enforces them.

Source: docs.stripe.com/api/checkout/sessions/create and texts seen in production.
"""

import re
from collections.abc import Iterator
from typing import Any

SOONEST, LATEST, SLACK = 30 * 60, 24 * 3600, 30  # seconds

Params = dict[str, Any]


def session_faults(params: Params, now: int) -> list[str]:
    """Return what Stripe would refuse in decoded, typed `params` at `now` (seconds since 1970)."""
    return [
        *_shape(params),
        *(
            fault
            for index, item in enumerate(params.get("line_items", []))
            for fault in _line(index, item)
        ),
        *_currencies(params),
        *_exclusive(params),
        *_expiry(params, now),
        *_metadata("metadata", params.get("metadata")),
        *_metadata(
            "payment_intent_data[metadata]", params.get("payment_intent_data", {}).get("metadata")
        ),
    ]


def _shape(params: Params) -> Iterator[str]:
    items = params.get("line_items", [])
    if params.get("mode") != "payment":
        yield "mode: the shop takes payments only"
    if not items:
        yield "line_items: missing"
    if len(items) + len(params.get("optional_items", [])) > 100:
        yield "line_items: more than 100"
    if params.get("ui_mode", "hosted_page") == "hosted_page" and not params.get("success_url"):
        yield "success_url: missing"
    for name in ("success_url", "cancel_url"):
        if params.get(name) and not re.match(r"https?://", params[name]):
            yield f"{name}: no address"
    if len(params.get("client_reference_id", "")) > 200:
        yield "client_reference_id: longer than 200"
    if len(params.get("shipping_options", [])) > 5:
        yield "shipping_options: more than 5"


def _line(index: int, item: Params) -> Iterator[str]:
    where = f"line_items[{index}]"
    price = item.get("price_data")
    if bool(item.get("price")) == bool(price):
        yield f"{where}: exactly one of price and price_data"
    if item.get("quantity", 1) < 1 and not item.get("adjustable_quantity", {}).get("enabled"):
        yield f"{where}[quantity]: less than 1"
    if not price:
        return
    if bool(price.get("product")) == bool(price.get("product_data")):
        yield f"{where}[price_data]: exactly one of product and product_data"
    if ("unit_amount" in price) == ("unit_amount_decimal" in price):
        yield f"{where}[price_data]: exactly one of unit_amount and unit_amount_decimal"
    if price.get("unit_amount", 0) < 0:
        yield f"{where}[price_data][unit_amount]: negative"
    if len(price.get("product_data", {}).get("images", [])) > 8:
        yield f"{where}[price_data][product_data][images]: more than 8"


def _currencies(params: Params) -> Iterator[str]:
    prices = [item.get("price_data", {}) for item in params.get("line_items", [])]
    rates = [option.get("shipping_rate_data", {}) for option in params.get("shipping_options", [])]
    used = {price.get("currency", "").lower() for price in prices}
    used |= {rate.get("fixed_amount", {}).get("currency", "").lower() for rate in rates}
    if len(used - {""}) > 1:
        yield "line_items: more than one currency"


def _exclusive(params: Params) -> Iterator[str]:
    if params.get("discounts") and "allow_promotion_codes" in params:
        yield "discounts: not beside allow_promotion_codes"
    if len(params.get("discounts", [])) > 1:
        yield "discounts: more than one"
    if params.get("customer") and params.get("customer_email"):
        yield "customer_email: not beside customer"


def _expiry(params: Params, now: int) -> Iterator[str]:
    seconds = params.get("expires_at", now + LATEST) - now
    if seconds < SOONEST - SLACK:
        yield "expires_at: sooner than 30 minutes"
    if seconds > LATEST + SLACK:
        yield "expires_at: later than 24 hours"


def _metadata(where: str, values: object) -> Iterator[str]:
    if not isinstance(values, dict):
        return
    if len(values) > 50:
        yield f"{where}: more than 50 keys"
    for key, value in values.items():
        if len(key) > 40 or len(value) > 500 or "[" in key or "]" in key:
            yield f"{where}[{key}]: key or value too long, or brackets in the key"
