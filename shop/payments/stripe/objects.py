"""From Stripe's objects, as plain dictionaries, to the shop's words. Pure.

Stripe's enums are open: a value that is new to us must not crash, it is read as the one that
changes nothing (an open session, a pending refund) and logged.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from shop.payments.gateway import (
    DisputeState,
    GatewayEvent,
    GatewayRefund,
    RefundStatus,
    SessionState,
    SessionStatus,
)
from shop.payments.stripe.events import HANDLED

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
_Enum = TypeVar("_Enum", bound=StrEnum)

LONGEST = 255
"""Characters an id may have (docs.stripe.com/upgrades: "up to 255")."""

PAID = ("paid", "no_payment_required")
DEAD_INTENT = ("requires_payment_method", "canceled")
OPEN_DISPUTE = (
    "needs_response",
    "under_review",
    "warning_needs_response",
    "warning_under_review",
    "appeal_needs_response",
    "appeal_under_review",
)
BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
METHODS = {
    "alipay": "Alipay",
    "eps": "EPS",
    "ideal": "iDEAL",
    "p24": "Przelewy24",
    "paypal": "PayPal",
    "sepa_debit": "SEPA Direct Debit",
    "us_bank_account": "US bank account",
    "wechat_pay": "WeChat Pay",
}


def session_state(data: Json) -> SessionState:
    """Read a Checkout Session, with or without `payment_intent.latest_charge` expanded.

    Raises KeyError and TypeError for what is no session.
    """
    status = _known(SessionStatus, data["status"], SessionStatus.OPEN)
    intent = _expanded(data.get("payment_intent"))
    charge = _expanded(intent.get("latest_charge"))
    is_complete = status is SessionStatus.COMPLETE
    is_paid = is_complete and data["payment_status"] in PAID
    is_failed = is_complete and not is_paid and intent.get("status") in DEAD_INTENT
    metadata = dict(data.get("metadata") or {})
    return SessionState(
        ref=data["id"],
        status=status,
        is_paid=is_paid,
        is_processing=is_complete and not is_paid and not is_failed,
        is_failed=is_failed,
        amount=_amount(data["amount_total"]),
        currency=_currency(data["currency"]),
        reference=data.get("client_reference_id"),
        attempt_id=metadata.get("attempt_id"),
        livemode=data["livemode"],
        mode=data["mode"],
        url=data.get("url") if status is SessionStatus.OPEN else None,
        created_at=time_of(data["created"]),
        expires_at=time_of(data["expires_at"]),
        payment_intent=_ref(data.get("payment_intent")),
        charge=_ref(intent.get("latest_charge")),
        method=_method(charge),
        method_label=_method_label(charge),
        failure=_failure(intent, charge),
        metadata=metadata,
    )


def refund_state(data: Json) -> GatewayRefund:
    """Read a refund. Raises KeyError and TypeError for what is none."""
    metadata = data.get("metadata") or {}
    return GatewayRefund(
        ref=data["id"],
        status=_known(RefundStatus, data["status"], RefundStatus.PENDING),
        amount=data["amount"],
        currency=_currency(data["currency"]),
        payment_intent=_ref(data.get("payment_intent")),
        charge=_ref(data.get("charge")),
        failure_reason=data.get("failure_reason"),
        refund_key=metadata.get("refund_uuid"),
        reason=data.get("reason"),
        created_at=time_of(data["created"]),
    )


def dispute_state(data: Json) -> DisputeState:
    """Read a dispute. Raises KeyError and TypeError for what is none."""
    due = (data.get("evidence_details") or {}).get("due_by")
    return DisputeState(
        ref=data["id"],
        status=data["status"],
        is_open=data["status"] in OPEN_DISPUTE,
        is_lost=data["status"] == "lost",
        amount=data["amount"],
        currency=_currency(data["currency"]),
        payment_intent=_ref(data.get("payment_intent")),
        charge=_ref(data["charge"]) or "",
        reason=data["reason"],
        created_at=time_of(data["created"]),
        answer_by=time_of(due) if due else None,
    )


def gateway_event(data: Json) -> GatewayEvent:
    """Read an event, from the API or from a webhook's body of any API version.

    Raises KeyError, TypeError and ValueError for what is none.
    """
    subject = data["data"]["object"]
    kind = str(subject.get("object", ""))
    ref = str(subject.get("id", ""))
    intent = ref if kind == "payment_intent" else _ref(subject.get("payment_intent"))
    what = _text(data["type"], 80)
    return GatewayEvent(
        id=_text(data["id"]),
        type=what,
        kind=HANDLED.get(what),
        object_ref=_bounded(ref),
        object_type=kind,
        payment_intent=None if intent is None else _bounded(intent),
        livemode=data["livemode"] is True,
        created=time_of(data["created"]),
        payload=dict(data),
        because=str(subject.get("fraud_type", ""))[:100],
    )


def time_of(seconds: int) -> datetime:
    """Return seconds since 1970 as an aware time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _known(kind: type[_Enum], value: object, otherwise: _Enum) -> _Enum:
    if value in {member.value for member in kind}:
        return kind(str(value))
    logger.warning("Stripe answered a %s we do not know: %r", kind.__name__, value)
    return otherwise


def _text(value: object, most: int = LONGEST) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"expected text, got {type(value).__name__}")
    return _bounded(value, most)


def _bounded(text: str, most: int = LONGEST) -> str:
    if len(text) > most or "\0" in text:
        raise ValueError(f"expected at most {most} characters, got {len(text)}")
    text.encode()  # half of a surrogate pair is a ValueError, too
    return text


def _amount(value: object) -> int:
    """Return an amount in minor units; 0 for what is none, which then differs from any agreed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if value is not None:
        logger.error("Stripe answered an amount that is none: %r", value)
    return 0


def _currency(code: object) -> str:
    return str(code or "").upper()


def _expanded(value: object) -> Json:
    """Return an expandable field's object, or an empty one where there is only an id or nothing."""
    return value if isinstance(value, Mapping) else {}


def _ref(value: object) -> str | None:
    """Return an expandable field's id."""
    ref = value.get("id") if isinstance(value, Mapping) else value
    return ref if isinstance(ref, str) else None


def _method(charge: Json) -> str | None:
    kind = _expanded(charge.get("payment_method_details")).get("type")
    return kind if isinstance(kind, str) else None


def _method_label(charge: Json) -> str | None:
    kind = _method(charge)
    if kind is None:
        return None
    details = _expanded(_expanded(charge["payment_method_details"]).get(kind))
    last4 = details.get("last4") or details.get("iban_last4")
    name = METHODS.get(kind) or _title(kind)
    if kind == "card":
        brand = str(details.get("brand") or "card")
        name = BRANDS.get(brand) or _title(brand)
    return f"{name} {last4}" if last4 else name


def _title(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _failure(intent: Json, charge: Json) -> str | None:
    error = _expanded(intent.get("last_payment_error"))
    return error.get("message") or error.get("code") or charge.get("failure_message")
