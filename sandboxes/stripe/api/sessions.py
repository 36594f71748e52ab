"""/v1/checkout/sessions."""

from typing import Any

from sandboxes.stripe import sessions, tasks, totals
from sandboxes.stripe.api import discounts, lines
from sandboxes.stripe.api.common import given, merge_metadata
from sandboxes.stripe.api.shipping import rate_for_option
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.config import MOUNT
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.events import ensure_default_endpoint
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.objects import build, completed
from sandboxes.stripe.store import Row

PATH = "/v1/checkout/sessions"
DEFAULT_LIFE = 24 * 3600
# Parameters that the session shows as they were given.
ECHOED = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_creation",
    "customer_email",
    "excluded_payment_method_types",
    "integration_identifier",
    "locale",
    "phone_number_collection",
    "shipping_address_collection",
    "submit_type",
    "success_url",
)


def create(call: Call) -> Json:
    """Open a session."""
    params = call.params
    shop_origin, page_base = _addresses(call)
    call.origin = shop_origin
    ensure_default_endpoint(call)
    session_lines, currency = lines.build_lines(call, params["line_items"])
    _check_currency(params, currency)
    session_id = call.tx.new_id("cs_test", 40)
    extra: Json = {
        "page_base": page_base,
        "shop_origin": shop_origin,
        "lines": session_lines,
        "discount": discounts.for_session(call, session_id, currency),
        "shipping": [
            rate_for_option(call, index, option, currency)
            for index, option in enumerate(params.get("shipping_options") or [])
        ],
        "intent": params.get("payment_intent_data") or {},
        "customer_email": _customer_email(call),
    }
    body = _body(call, session_id, currency, extra)
    body["url"] = f"{page_base}/c/pay/{session_id}"
    totals.recompute(body, extra)
    totals.check_amount(body)
    row = call.tx.insert(completed(body), extra)
    tasks.schedule(call.tx, "expire", row.id, body["expires_at"] - call.tx.now)
    return row.body


def copy_expired(call: Call, expired: Row) -> Row:
    """A fresh session with the contents of an expired one: its recovery link was followed."""
    session_id = call.tx.new_id("cs_test", 40)
    body = {
        **expired.body,
        "id": session_id,
        "created": call.tx.now,
        "expires_at": call.tx.now + DEFAULT_LIFE,
        "after_expiration": None,
        "status": "open",
        "payment_intent": None,
        "recovered_from": expired.id,
        "url": f"{expired.extra['page_base']}/c/pay/{session_id}",
    }
    row = call.tx.insert(completed(body), dict(expired.extra))
    tasks.schedule(call.tx, "expire", row.id, DEFAULT_LIFE)
    return row


def retrieve(call: Call) -> Json:
    """One session."""
    return call.tx.get(sessions.KIND, call.object_id, "session").body


def update(call: Call) -> Json:
    """Change metadata, and while it is open the shipping options."""
    row = call.tx.get(sessions.KIND, call.object_id, "session")
    if "line_items" in call.params:
        raise invalid("line_items", "The sandbox does not change the line items of a session.")
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    options = call.params.get("shipping_options")
    if options:
        _must_be_open(row, "updated")
        currency = row.body["currency"]
        row.extra["shipping"] = [
            rate_for_option(call, index, option, currency) for index, option in enumerate(options)
        ]
        row.body["shipping_options"] = _shipping_options(row.extra)
        totals.recompute(row.body, row.extra)
        totals.check_amount(row.body)
        row.body = completed(row.body)
    collected = call.params.get("collected_information")
    if collected:
        row.body["collected_information"] = collected
        row.body = completed(row.body)
    call.tx.save(row)
    return row.body


def expire(call: Call) -> Json:
    """Close an open session for good."""
    row = call.tx.get(sessions.KIND, call.object_id, "session")
    sessions.expire(call, row)
    return row.body


def list_all(call: Call) -> Json:
    """Sessions, newest first."""
    details = call.params.get("customer_details")
    where: tuple[str, list[Any]] = ("1", [])
    if details:
        where = ("json_extract(body, '$.customer_details.email') = ?", [details["email"]])
    return list_rows(
        call, sessions.KIND, columns=("status", "payment_intent", "customer"), where=where
    )


def _body(call: Call, session_id: str, currency: str, extra: Json) -> Json:
    params, now = call.params, call.tx.now
    echoed = given(params, *ECHOED)
    discount = extra["discount"]
    return build(
        sessions.KIND,
        id=session_id,
        adaptive_pricing=params.get("adaptive_pricing") or {"enabled": False},
        after_expiration=_after_expiration(params),
        automatic_tax=_automatic_tax(params),
        created=now,
        currency=currency,
        custom_fields=[],
        custom_text={k: v or None for k, v in (params.get("custom_text") or {}).items()},
        customer=params.get("customer"),
        discounts=[_discount(discount)] if discount else [],
        expires_at=params.get("expires_at", now + DEFAULT_LIFE),
        invoice_creation={"enabled": False, "invoice_data": {}},
        metadata=merge_metadata({}, params.get("metadata")),
        mode="payment",
        origin_context=params.get("origin_context"),
        payment_method_options=_method_options(params),
        payment_method_collection=params.get("payment_method_collection", "if_required"),
        payment_method_types=payment_method_types(params, currency),
        payment_status="unpaid",
        shipping_options=_shipping_options(extra),
        status="open",
        ui_mode="hosted_page",
        **{"customer_creation": "if_required", **echoed},
    )


def payment_method_types(params: Json, currency: str) -> list[str]:
    """The methods the page offers: cards, and SEPA debits in euros, as far as they are allowed."""
    possible = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    allowed = params.get("allowed_payment_method_types") or possible
    excluded = params.get("excluded_payment_method_types") or []
    chosen = [one for one in possible if one in allowed and one not in excluded]
    if not chosen:
        raise invalid(
            "allowed_payment_method_types",
            "No valid payment method types for this Checkout Session: the sandbox plays card, and "
            "sepa_debit in EUR.",
        )
    return chosen


def _method_options(params: Json) -> Json:
    card = (params.get("payment_method_options") or {}).get("card")
    if not card:
        return {}
    return {"card": {"request_three_d_secure": card.get("request_three_d_secure", "automatic")}}


def _addresses(call: Call) -> tuple[str, str]:
    """The shop's origin and where the sandbox's pages are.

    Raises ApiError when the return addresses are not the shop's.
    """
    params = call.params
    origin = sessions.origin_of(params["success_url"])
    known = call.config.shop_url or call.origin
    shop = sessions.origin_of(known) if known else origin
    for name in ("success_url", "cancel_url"):
        address = params.get(name)
        if address and sessions.origin_of(address) != shop:
            raise invalid(
                name,
                f"The sandbox sends buyers back to {shop} only; `{name}` leads to "
                f"{sessions.origin_of(address)}.",
                "url_invalid",
            )
    base = call.page_base or (known.rstrip("/") if known else origin) + MOUNT
    return shop, base.rstrip("/")


def _check_currency(params: Json, currency: str) -> None:
    asked = params.get("currency", currency).lower()
    if asked != currency:
        raise invalid("currency", f"The line items are in {currency}, not in {asked}.")


def _customer_email(call: Call) -> str | None:
    customer = call.params.get("customer")
    if not customer:
        return None
    email: str | None = call.tx.get("customer", customer, "customer").body["email"]
    return email


def _after_expiration(params: Json) -> Json | None:
    recovery = (params.get("after_expiration") or {}).get("recovery")
    if not recovery:
        return None
    return {
        "recovery": {
            "enabled": recovery["enabled"],
            "allow_promotion_codes": recovery.get("allow_promotion_codes", False),
        }
    }


def _automatic_tax(params: Json) -> Json:
    if (params.get("automatic_tax") or {}).get("enabled"):
        raise ApiError(
            "The sandbox does not calculate taxes: leave automatic_tax out, or give tax_rates.",
            param="automatic_tax[enabled]",
        )
    return {"enabled": False}


def _discount(discount: Json) -> Json:
    promotion = discount["object"]["promotion_code"]
    return {"coupon": discount["coupon"]["id"], "promotion_code": promotion}


def _shipping_options(extra: Json) -> list[Json]:
    return [
        {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]}
        for rate in extra["shipping"]
    ]


def _must_be_open(row: Row, verb: str) -> None:
    if row.body["status"] != "open":
        raise ApiError(
            f'Only Checkout Sessions with a status in ["open"] can be {verb}. '
            f"This Checkout Session has a status of `{row.body['status']}`."
        )


ROUTES: Routes = {
    ("POST", PATH): create,
    ("GET", PATH): list_all,
    ("GET", PATH + "/{session}"): retrieve,
    ("POST", PATH + "/{session}"): update,
    ("POST", PATH + "/{session}/expire"): expire,
    ("GET", PATH + "/{session}/line_items"): sessions.line_items,
}
