"""/v1/coupons, /v1/promotion_codes, and the discount of a session."""

import secrets
from typing import Any

from sandboxes.stripe.api.common import given, merge_metadata
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.objects import build, completed, deleted
from sandboxes.stripe.store import Row, Tx

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create_coupon(call: Call) -> Json:
    """A coupon: a percentage or an amount off."""
    params = call.params
    _check_coupon(params)
    coupon_id = params.get("id") or call.tx.new_id("cpn", 10)
    if call.tx.find("coupon", coupon_id):
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    names = ("duration_in_months", "max_redemptions", "name", "redeem_by", "applies_to")
    currency = params.get("currency")
    row = call.tx.insert(
        build(
            "coupon",
            id=coupon_id,
            amount_off=params.get("amount_off"),
            created=call.tx.now,
            currency=currency.lower() if currency else None,
            duration=params.get("duration", "once"),
            metadata=merge_metadata({}, params.get("metadata")),
            percent_off=params.get("percent_off"),
            times_redeemed=0,
            valid=True,
            **given(params, *names),
        )
    )
    return row.body


def update_coupon(call: Call) -> Json:
    """Change a coupon's name or metadata; nothing else may change."""
    row = call.tx.get("coupon", call.object_id)
    row.body.update(given(call.params, "name"))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    return _valid(call.tx, row.body)


def delete_coupon(call: Call) -> Json:
    """Delete a coupon; what it was applied to keeps it."""
    row = call.tx.get("coupon", call.object_id)
    call.tx.delete(row)
    return deleted("coupon", row.id)


def create_promotion(call: Call) -> Json:
    """A code that buyers type, for a coupon."""
    params = call.params
    coupon = params["promotion"].get("coupon")
    if not coupon:
        raise invalid(
            "promotion[coupon]", "Missing required param: promotion[coupon].", "parameter_missing"
        )
    call.tx.get("coupon", coupon, "promotion[coupon]")
    code = params.get("code") or "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    if _active_code(call.tx, code):
        raise ApiError(
            f"An active promotion code with `code: {code}` already exists.",
            code="resource_already_exists",
            param="code",
        )
    row = call.tx.insert(
        build(
            "promotion_code",
            id=call.tx.new_id("promo"),
            active=params.get("active", True),
            code=code,
            created=call.tx.now,
            customer=params.get("customer"),
            metadata=merge_metadata({}, params.get("metadata")),
            promotion={"type": "coupon", "coupon": coupon},
            restrictions=_restrictions(params.get("restrictions") or {}),
            times_redeemed=0,
            **given(params, "expires_at", "max_redemptions"),
        )
    )
    return row.body


def update_promotion(call: Call) -> Json:
    """Switch a promotion code on or off, or change its metadata."""
    row = call.tx.get("promotion_code", call.object_id)
    row.body.update(given(call.params, "active"))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    row.body = completed(row.body)
    call.tx.save(row)
    return row.body


def list_promotions(call: Call) -> Json:
    """Promotion codes, newest first."""
    where: tuple[str, list[Any]] = ("1", [])
    if "code" in call.params:
        where = ("lower(json_extract(body, '$.code')) = lower(?)", [call.params["code"]])
    return list_rows(
        call,
        "promotion_code",
        columns=("active", "customer"),
        json_fields={"coupon": "$.promotion.coupon"},
        where=where,
    )


def for_session(call: Call, session_id: str, currency: str) -> Json | None:
    """The discount that a new session asks for, checked; raises ApiError."""
    given_discounts = call.params.get("discounts") or []
    if not given_discounts:
        return None
    asked = given_discounts[0]
    promotion = None
    coupon_id, param = asked.get("coupon"), "discounts[0][coupon]"
    if asked.get("promotion_code"):
        param = "discounts[0][promotion_code]"
        promotion = call.tx.get("promotion_code", asked["promotion_code"], param)
        coupon_id = promotion.body["promotion"]["coupon"]
    if not coupon_id:
        raise invalid("discounts[0]", "Specify either `coupon` or `promotion_code`.")
    return discount(call, session_id, currency, coupon_id, promotion=promotion, param=param)


def by_code(call: Call, session_id: str, currency: str, code: str) -> Json:
    """The discount for a code that the buyer typed on the page; raises ApiError."""
    promotion = _active_code(call.tx, code)
    if promotion is None:
        raise ApiError("This code is invalid.", code="resource_missing", param="code")
    coupon_id = promotion.body["promotion"]["coupon"]
    return discount(call, session_id, currency, coupon_id, promotion=promotion, param="code")


def discount(
    call: Call,
    session_id: str,
    currency: str,
    coupon_id: str,
    *,
    promotion: Row | None,
    param: str,
) -> Json:
    """A coupon (by its promotion code, if any) applied to a session; raises ApiError."""
    coupon = _valid(call.tx, call.tx.get("coupon", coupon_id, param).body)
    if promotion is not None and not _promotion_valid(call.tx, promotion.body):
        raise ApiError("This promotion code is expired or used up.", code="coupon_expired")
    if not coupon["valid"]:
        raise ApiError(
            f"Coupon {coupon_id} is expired or used up and cannot be applied.",
            code="coupon_expired",
            param=param,
        )
    if coupon["amount_off"] is not None and coupon["currency"] != currency:
        raise invalid(param, f"Coupon {coupon_id} is in {coupon['currency']}, not in {currency}.")
    return {
        "coupon": coupon,
        "object": build(
            "discount",
            id=call.tx.new_id("di"),
            checkout_session=session_id,
            promotion_code=promotion.id if promotion else None,
            source={"type": "coupon", "coupon": coupon_id},
            start=call.tx.now,
        ),
    }


def _check_coupon(params: Json) -> None:
    amount, percentage = params.get("amount_off"), params.get("percent_off")
    if (amount is None) == (percentage is None):
        raise ApiError("You must pass either `percent_off` or `amount_off`, and not both.")
    if percentage is not None and not 0 < percentage <= 100:
        raise invalid("percent_off", "Invalid percent_off: must be greater than 0 and at most 100.")
    if amount is not None and amount < 1:
        raise invalid("amount_off", "Invalid positive integer", "parameter_invalid_integer")
    if amount is not None and not params.get("currency"):
        raise invalid(
            "currency", "You must pass currency when passing amount_off.", "parameter_missing"
        )
    if params.get("duration") == "repeating" and not params.get("duration_in_months"):
        raise invalid("duration_in_months", "duration_in_months is required when repeating.")


def _restrictions(given_restrictions: Json) -> Json:
    names = ("minimum_amount", "minimum_amount_currency")
    return {
        "first_time_transaction": given_restrictions.get("first_time_transaction", False),
        **given(given_restrictions, *names),
    }


def _valid(tx: Tx, coupon: Json) -> Json:
    """The coupon as it is now: its time may have passed."""
    expired = coupon["redeem_by"] is not None and coupon["redeem_by"] <= tx.now
    return {**coupon, "valid": coupon["valid"] and not expired}


def _promotion_valid(tx: Tx, promotion: Json) -> bool:
    expired = promotion["expires_at"] is not None and promotion["expires_at"] <= tx.now
    return promotion["active"] and not expired


def _active_code(tx: Tx, code: str) -> Row | None:
    found = tx.select(
        "promotion_code", "lower(json_extract(body, '$.code')) = lower(?) AND active = 1", code
    )
    return found[0] if found else None


ROUTES: Routes = {
    ("POST", "/v1/coupons"): create_coupon,
    ("GET", "/v1/coupons"): lambda call: list_rows(
        call, "coupon", render=lambda row: _valid(call.tx, row.body)
    ),
    ("GET", "/v1/coupons/{coupon}"): lambda call: _valid(
        call.tx, call.tx.get("coupon", call.object_id).body
    ),
    ("POST", "/v1/coupons/{coupon}"): update_coupon,
    ("DELETE", "/v1/coupons/{coupon}"): delete_coupon,
    ("POST", "/v1/promotion_codes"): create_promotion,
    ("GET", "/v1/promotion_codes"): list_promotions,
    ("GET", "/v1/promotion_codes/{promotion_code}"): lambda call: (
        call.tx.get("promotion_code", call.object_id).body
    ),
    ("POST", "/v1/promotion_codes/{promotion_code}"): update_promotion,
}
