"""Payment methods and charges as objects: what the API shows of a test instrument."""

from dataclasses import dataclass
from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Instrument
from sandboxes.stripe.contract import Json
from sandboxes.stripe.objects import build
from sandboxes.stripe.store import Row

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
# What a payment method shows of a card; a charge shows more.
CARD_FIELDS = (
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "last4",
)
DEBIT_FIELDS = ("bank_code", "country", "fingerprint", "last4")


@dataclass(frozen=True)
class Payer:
    """Who pays: what billing details and the receipt say; ``expiry`` is (month, year)."""

    email: str | None = None
    name: str | None = None
    country: str | None = None
    expiry: tuple[int, int] = (12, 2040)


def new_payment_method(call: Call, instrument: Instrument, payer: Payer) -> Row:
    """The method that a buyer gave."""
    if instrument.kind == "card":
        card = _card(instrument, payer.expiry)
        details = {
            **{name: card[name] for name in CARD_FIELDS},
            "display_brand": card["brand"],
            "networks": {"available": [card["brand"]]},
            "three_d_secure_usage": {"supported": True},
        }
    else:
        debit = _debit(instrument)
        details = {name: debit[name] for name in DEBIT_FIELDS}
    return call.tx.insert(
        build(
            "payment_method",
            id=call.tx.new_id("pm"),
            created=call.tx.now,
            billing_details={
                "email": payer.email,
                "name": payer.name,
                "address": {**NO_ADDRESS, "country": payer.country},
            },
            metadata={},
            type=instrument.kind,
            **{instrument.kind: details},
        )
    )


def new_charge(call: Call, intent: Row, instrument: Instrument, method: Row, **values: Any) -> Row:
    """An attempt to take an intent's money; ``values`` say how it went."""
    body = intent.body
    month, year = intent.extra["expiry"]
    details = _card(instrument, (month, year)) if instrument.kind == "card" else _debit(instrument)
    return call.tx.insert(
        build(
            "charge",
            id=call.tx.new_id("ch"),
            amount=body["amount"],
            amount_refunded=0,
            billing_details=method.body["billing_details"],
            created=call.tx.now,
            currency=body["currency"],
            customer=body["customer"],
            description=body["description"],
            disputed=False,
            metadata=body["metadata"],
            outcome=_outcome(instrument, failed=values["status"] == "failed"),
            payment_intent=intent.id,
            payment_method=method.id,
            payment_method_details={"type": instrument.kind, instrument.kind: details},
            receipt_email=body["receipt_email"],
            refunded=False,
            shipping=body["shipping"],
            **values,
        )
    )


def _card(instrument: Instrument, expiry: tuple[int, int]) -> Json:
    wrong_code = instrument.decline is not None and instrument.decline[0] == "incorrect_cvc"
    authentication = {"result": "authenticated", "version": "2.2.0"}
    return {
        "brand": instrument.brand,
        "checks": {"cvc_check": "fail" if wrong_code else "pass"},
        "country": instrument.country,
        "exp_month": expiry[0],
        "exp_year": expiry[1],
        "fingerprint": _fingerprint(instrument),
        "funding": instrument.funding,
        "last4": instrument.last4,
        "network": instrument.brand,
        "three_d_secure": authentication if instrument.challenge else None,
    }


def _debit(instrument: Instrument) -> Json:
    return {
        "bank_code": "19043",
        "country": instrument.country,
        "fingerprint": _fingerprint(instrument),
        "last4": instrument.last4,
    }


def _fingerprint(instrument: Instrument) -> str:
    # Made from the row's name, never from the number.
    return f"sbx{instrument.name}".replace("_", "")


def _outcome(instrument: Instrument, *, failed: bool) -> Json:
    if instrument.blocked:
        return {
            "type": "blocked",
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "risk_level": "highest",
            "risk_score": 92,
            "seller_message": "Stripe blocked this payment as too risky.",
        }
    outcome = {
        "type": "authorized",
        "network_status": "approved_by_network",
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete.",
    }
    if failed:
        code, decline_code = instrument.decline or ("card_declined", None)
        outcome |= {
            "type": "issuer_declined",
            "network_status": "declined_by_network",
            "reason": decline_code or code,
            "seller_message": "The bank did not accept the payment.",
        }
    return outcome
