"""From a frozen order to the parameters of a Checkout Session. Pure; the result is plain JSON.

What is left out matters too: `payment_method_types` no longer exists, promotion codes and Stripe's
own tax stay off because the shop decides the total.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from shop.payments.errors import NotPayable
from shop.payments.page_request import Line, PageRequest, Shipping
from shop.payments.stripe.limits import (
    LARGEST_CHARGE,
    MINIMUM_CHARGE,
    check_currency,
    minimum_charge,
)

SESSION_ID = "{CHECKOUT_SESSION_ID}"
"""Stripe replaces this, literally so, in the success URL."""

MAX_LINES = 100
MAX_NAME = 250
MAX_DESCRIPTION = 500
MAX_IMAGES = 8
MAX_METADATA = (50, 40, 500)  # keys, characters of a key, characters of a value

LOCALES = frozenset(
    (
        "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt "
        "nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
    ).split()
)


def page_params(wanted: PageRequest) -> dict[str, Any]:
    """Return the parameters of the page that is `wanted`; see `session_params`."""
    return session_params(
        reference=wanted.reference,
        attempt_id=wanted.attempt_id,
        lines=wanted.lines,
        currency=wanted.currency,
        total=wanted.total,
        shipping=wanted.shipping,
        discount_coupon=f"order-{wanted.attempt_id}" if wanted.discount_amount else None,
        discount_amount=wanted.discount_amount,
        expires_at=int(wanted.expires_at.timestamp()),
        success_url=wanted.success_url,
        cancel_url=wanted.cancel_url,
        customer_email=wanted.customer_email,
        locale=wanted.locale,
    )


def coupon_of(params: Mapping[str, Any]) -> str | None:
    """Return the id of the discount that a page with `params` refers to."""
    discounts = params.get("discounts")
    return discounts[0]["coupon"] if discounts else None


def session_params(
    *,
    reference: str,
    attempt_id: str,
    lines: Sequence[Line],
    currency: str,
    total: int,
    expires_at: int,
    success_url: str,
    cancel_url: str,
    shipping: Shipping | None = None,
    discount_coupon: str | None = None,
    discount_amount: int = 0,
    customer_email: str | None = None,
    locale: str = "auto",
    description: str | None = None,
    metadata: Mapping[str, str] | None = None,
    methods: Sequence[str] = (),
    minimums: Mapping[str, int] = MINIMUM_CHARGE,
) -> dict[str, Any]:
    """Return the parameters of a payment page for one frozen order.

    `reference` is the order's number, `attempt_id` the attempt (it rides in the metadata),
    `expires_at` seconds since 1970, `total` what the buyer is to pay in minor units: it must be
    Σ lines − `discount_amount` + shipping. `discount_coupon` is the id of a discount made with
    `ensure_discount`. Tax is inside the prices or a line of its own. `methods` restricts how one
    can pay; empty means what the Stripe account offers. `success_url` gets the session's id
    appended unless the placeholder is in it.

    Raises NotPayable for a total outside Stripe's limits, UnsupportedCurrency, and ValueError when
    the figures do not add up.
    """
    currency = check_currency(currency, minimums)
    _check_total(lines, shipping, discount_coupon, discount_amount, total)
    _check_limits(total, currency, minimums)
    notes = _metadata({**(metadata or {}), "order": reference, "attempt_id": attempt_id})
    optional = {
        "shipping_options": shipping and [{"shipping_rate_data": _shipping(shipping, currency)}],
        "discounts": discount_coupon and [{"coupon": discount_coupon}],
        "customer_email": customer_email,
        "allowed_payment_method_types": list(methods),
    }
    return {
        "mode": "payment",
        "client_reference_id": reference,
        "line_items": _line_items(lines, currency, reference),
        "success_url": _with_session_id(success_url),
        "cancel_url": cancel_url,
        "expires_at": expires_at,
        "locale": stripe_locale(locale),
        "metadata": notes,
        "payment_intent_data": {
            "description": description or f"Order {reference}",
            "metadata": notes,
        },
        "adaptive_pricing": {"enabled": False},
        **{name: value for name, value in optional.items() if value},
    }


def stripe_locale(locale: str) -> str:
    """Return the nearest locale Stripe's page speaks ("fr_BE" → "fr"), or "auto"."""
    tag = locale.replace("_", "-")
    language = tag.partition("-")[0].lower()
    wanted = {name.lower(): name for name in LOCALES}
    return wanted.get(tag.lower()) or wanted.get({"no": "nb"}.get(language, language)) or "auto"


def public_images(urls: Sequence[str]) -> list[str]:
    """Return the first eight of `urls` that Stripe can fetch: https, not on this machine."""
    return [url for url in urls if _is_public(url)][:MAX_IMAGES]


def _check_total(
    lines: Sequence[Line],
    shipping: Shipping | None,
    coupon: str | None,
    discount: int,
    total: int,
) -> None:
    if not lines:
        raise ValueError("an order without lines cannot be paid")
    if any(line.quantity < 1 or line.unit_amount < 0 for line in lines):
        raise ValueError("a line needs a quantity of at least 1 and no negative price")
    subtotal = sum(line.amount for line in lines)
    if not 0 <= discount <= subtotal or (discount > 0) != (coupon is not None):
        raise ValueError("a discount needs a coupon, and at most the worth of the lines")
    delivery = shipping.amount if shipping else 0
    if delivery < 0 or subtotal - discount + delivery != total:
        raise ValueError(f"{subtotal} − {discount} + {delivery} is not {total}")


def _check_limits(total: int, currency: str, minimums: Mapping[str, int]) -> None:
    if total < minimum_charge(currency, minimums):
        raise NotPayable("This amount is too small to be paid by card.")
    if total > LARGEST_CHARGE:
        raise NotPayable("This amount is too large to be paid at once.")


def _line_items(lines: Sequence[Line], currency: str, reference: str) -> list[dict[str, Any]]:
    if len(lines) > MAX_LINES:
        quantity = sum(line.quantity for line in lines)
        worth = sum(line.amount for line in lines)
        lines = [Line(f"Order {reference}, {quantity} items", 1, worth)]
    return [_line_item(line, currency.lower()) for line in lines]


def _line_item(line: Line, currency: str) -> dict[str, Any]:
    price: dict[str, Any] = {"currency": currency, "unit_amount": line.unit_amount}
    if line.product_ref:
        price["product"] = line.product_ref
    else:
        price["product_data"] = _product_data(line)
    return {"quantity": line.quantity, "price_data": price}


def _product_data(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = {"name": shortened(line.name, MAX_NAME)}
    if line.description.strip():
        data["description"] = shortened(line.description, MAX_DESCRIPTION)
    if images := public_images(line.images):
        data["images"] = images
    if line.metadata:
        data["metadata"] = _metadata(line.metadata)
    return data


def _shipping(shipping: Shipping, currency: str) -> dict[str, Any]:
    return {
        "type": "fixed_amount",
        "display_name": shortened(shipping.name, 100),
        "fixed_amount": {"amount": shipping.amount, "currency": currency.lower()},
    }


def _metadata(values: Mapping[str, str]) -> dict[str, str]:
    """Check against Stripe's limits; a value too long is our mistake, not the buyer's."""
    keys, key_length, value_length = MAX_METADATA
    if len(values) > keys:
        raise ValueError(f"more than {keys} metadata keys")
    for key, value in values.items():
        if len(key) > key_length or "[" in key or "]" in key or len(value) > value_length:
            raise ValueError(f"metadata {key!r} breaks Stripe's limits")
    return dict(values)


def _with_session_id(url: str) -> str:
    if quote(SESSION_ID).lower() in url.lower():
        raise ValueError("the braces of {CHECKOUT_SESSION_ID} must not be encoded")
    if SESSION_ID in url:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}session_id={SESSION_ID}"


def shortened(text: str, length: int) -> str:
    """Return `text` on one line, cut to `length` characters; never empty."""
    line = " ".join(text.split()) or "–"
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and "." in host and not _is_local(host)


def _is_local(host: str) -> bool:
    return host.startswith("127.") or host.endswith((".localhost", ".local", ".test", ".internal"))
