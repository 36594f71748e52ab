"""Rules that no schema carries and the real API enforces, checked before a request executes."""

import re
from collections.abc import Callable
from typing import Any

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid

HALF_HOUR, DAY, SLACK = 1800, 86400, 30


def check_rules(verb: str, path: str, params: Json, now: int) -> None:
    """Raise ApiError for the first rule that ``params`` of this endpoint break.

    ``now`` is sandbox time in UNIX seconds.
    """
    _metadata(params)
    if (verb, path) == ("POST", "/v1/checkout/sessions"):
        for rule in SESSION_RULES:
            rule(params, now)


def _metadata(params: Json) -> None:
    holders = (
        ("metadata", params),
        ("payment_intent_data[metadata]", params.get("payment_intent_data")),
    )
    for name, holder in holders:
        metadata = holder.get("metadata") if isinstance(holder, dict) else None
        if not isinstance(metadata, dict):
            continue
        if len(metadata) > 50:
            raise invalid(name, "Metadata can have up to 50 keys.")
        for key, value in metadata.items():
            _metadata_entry(name, key, value)


def _metadata_entry(name: str, key: str, value: Any) -> None:
    if len(key) > 40:
        raise invalid(name, f"Metadata keys can be up to 40 characters: '{key[:40]}…'.")
    if not isinstance(value, str):
        raise invalid(f"{name}[{key}]", "Invalid string: metadata values are text.")
    if len(value) > 500:
        raise invalid(
            f"{name}[{key}]",
            f"Metadata values can have up to 500 characters, but '{key}' has {len(value)}.",
        )


def _mode(params: Json, _now: int) -> None:
    mode = params.get("mode")
    if mode is None:
        raise invalid("mode", "Missing required param: mode.", "parameter_missing")
    if mode != "payment":
        raise invalid("mode", f"The sandbox plays payment mode only, not {mode}.")
    ui_mode = params.get("ui_mode", "hosted_page")
    if ui_mode != "hosted_page":
        raise invalid("ui_mode", f"The sandbox plays the hosted page only, not {ui_mode}.")


def _line_items(params: Json, _now: int) -> None:
    items = params.get("line_items")
    if not items:
        raise invalid("line_items", "Missing required param: line_items.", "parameter_missing")
    if len(items) + len(params.get("optional_items") or []) > 100:
        raise invalid("line_items", "You can have at most 100 line items in payment mode.")
    for index, item in enumerate(items):
        _line_item(f"line_items[{index}]", item)
    currencies = {i["price_data"]["currency"].lower() for i in items if "price_data" in i}
    if len(currencies) > 1:
        raise invalid("line_items", "All line items must have the same currency.")


def _line_item(where: str, item: Json) -> None:
    data = item.get("price_data")
    if bool(item.get("price")) == bool(data):
        raise ApiError(
            f"You must specify either `price` or `price_data` for `{where}`, and not both.",
            param=where,
        )
    if data:
        _price_data(f"{where}[price_data]", data)
    adjustable = (item.get("adjustable_quantity") or {}).get("enabled")
    if item.get("quantity", 1) < 1 and not adjustable:
        raise invalid(
            f"{where}[quantity]",
            "This value must be greater than or equal to 1.",
            "parameter_invalid_integer",
        )
    if "quantity" not in item:
        raise invalid(f"{where}[quantity]", f"Quantity is required. Add `quantity` to `{where}`.")


def _price_data(where: str, data: Json) -> None:
    if bool(data.get("product")) == bool(data.get("product_data")):
        raise ApiError(
            f"You must specify either `product` or `product_data` when creating a price ({where}).",
            param=where,
        )
    if ("unit_amount" in data) == ("unit_amount_decimal" in data):
        raise ApiError(
            "You must specify either `unit_amount` or `unit_amount_decimal`, and not both.",
            param=where,
        )
    if data.get("recurring"):
        raise invalid(f"{where}[recurring]", "You cannot use recurring prices in payment mode.")
    if int(data.get("unit_amount", 0)) < 0:
        raise invalid(
            f"{where}[unit_amount]", "Invalid non-negative integer", "parameter_invalid_integer"
        )
    if len((data.get("product_data") or {}).get("images") or []) > 8:
        raise invalid(f"{where}[product_data][images]", "You can have at most 8 images.")
    if not re.fullmatch(r"[A-Za-z]{3}", data["currency"]):
        raise invalid(f"{where}[currency]", f"Invalid currency: {data['currency']}.")


def _addresses(params: Json, _now: int) -> None:
    if not params.get("success_url"):
        raise invalid("success_url", "Missing required param: success_url.", "parameter_missing")
    for name in ("success_url", "cancel_url"):
        address = params.get(name)
        if address and not re.match(r"https?://[^\s/?#]+", address):
            raise invalid(name, "Not a valid URL", "url_invalid")


def _exclusions(params: Json, _now: int) -> None:
    pairs = (
        ("allow_promotion_codes", "discounts"),
        ("customer", "customer_email"),
        ("allowed_payment_method_types", "excluded_payment_method_types"),
    )
    for first, second in pairs:
        if params.get(first) and params.get(second):
            raise ApiError(
                f"You may only specify one of these parameters: {first}, {second}.", param=first
            )
    if len(params.get("discounts") or []) > 1:
        raise invalid("discounts", "You can apply at most one discount.")


def _shipping(params: Json, _now: int) -> None:
    options = params.get("shipping_options") or []
    if len(options) > 5:
        raise invalid("shipping_options", "You can specify at most 5 shipping options.")
    for index, option in enumerate(options):
        if bool(option.get("shipping_rate")) == bool(option.get("shipping_rate_data")):
            raise ApiError(
                "You must specify either `shipping_rate` or `shipping_rate_data`.",
                param=f"shipping_options[{index}]",
            )


def _expiry(params: Json, now: int) -> None:
    expires = params.get("expires_at", now + DAY)
    if expires < now + HALF_HOUR - SLACK:
        raise invalid(
            "expires_at",
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
        )
    if expires > now + DAY + SLACK:
        raise invalid(
            "expires_at",
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        )


def _reference(params: Json, _now: int) -> None:
    if len(params.get("client_reference_id", "")) > 200:
        raise invalid("client_reference_id", "`client_reference_id` can have up to 200 characters.")


SESSION_RULES: tuple[Callable[[Json, int], None], ...] = (
    _mode,
    _line_items,
    _addresses,
    _exclusions,
    _shipping,
    _expiry,
    _reference,
)
