"""Paying a Checkout Session: what the hosted page does when its form arrives."""

from dataclasses import dataclass
from typing import Any

from sandboxes.stripe import customers, faults, payments, sessions, tasks, totals
from sandboxes.stripe.api import discounts
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import INSTRUMENTS, Instrument
from sandboxes.stripe.charges import NO_ADDRESS, Payer
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import invalid
from sandboxes.stripe.objects import completed
from sandboxes.stripe.payments import Outcome
from sandboxes.stripe.store import Row

FREE = "free"


@dataclass(frozen=True)
class Payment:
    """A filled payment form. ``instrument`` is None when there is nothing to pay."""

    instrument: Instrument | None
    email: str | None = None
    name: str | None = None
    country: str | None = None
    phone: str | None = None
    expiry: tuple[int, int] = (12, 2040)
    shipping: Json | None = None


def pay(call: Call, row: Row, payment: Payment, *, challenge_url: str = "") -> Outcome:
    """Pay an open session; the outcome says whether the buyer goes on, confirms or tries again.

    ``challenge_url`` is the page for 3-D Secure, "" = no buyer is there to be asked. The caller
    holds the write lock, so one session is paid once whoever comes second.
    """
    _keep_details(row, payment)
    if row.body["amount_total"] == 0:
        return _complete_free(call, row)
    if payment.instrument is None:
        raise ValueError("a session with an amount needs an instrument")
    _tamper(call, row)
    intent = _intent(call, row)
    email = row.body["customer_details"]["email"]
    payer = Payer(email, payment.name, payment.country, payment.expiry)
    outcome = payments.confirm(call, intent, payment.instrument, payer, challenge_url=challenge_url)
    return _conclude(call, row, intent, outcome)


def finish_challenge(call: Call, row: Row, *, success: bool) -> Outcome:
    """The buyer came back from 3-D Secure of an open session."""
    intent = call.tx.get(payments.KIND, row.body["payment_intent"])
    if not success:
        return _conclude(call, row, intent, payments.fail_challenge(call, intent))
    instrument = INSTRUMENTS[intent.extra["instrument"]]
    details = row.body["customer_details"]
    address = details["address"] or {}
    month, year = intent.extra["expiry"]
    payer = Payer(details["email"], details["name"], address.get("country"), (month, year))
    return _conclude(call, row, intent, payments.confirm(call, intent, instrument, payer))


def has_challenge(call: Call, row: Row) -> bool:
    """Whether the buyer of this session is asked to confirm by 3-D Secure right now."""
    intent = call.tx.find(payments.KIND, row.body["payment_intent"])
    return intent is not None and intent.body["status"] == "requires_action"


def settle_async(call: Call, row: Row, *, success: bool) -> None:
    """End the debit of a complete, unpaid session."""
    intent = call.tx.get(payments.KIND, row.body["payment_intent"])
    if intent.body["status"] != "processing":
        return
    tasks.cancel(call.tx, "settle", intent.id)
    payments.settle(call, intent, success=success)
    sessions.settle(call, row, success=success)


@tasks.job("settle")
def _settle_by_time(call: Call, intent_id: str, data: Json) -> None:
    found = call.tx.select(sessions.KIND, "payment_intent = ?", intent_id, limit=1)
    if found:
        settle_async(call, found[0], success=data["success"])
        return
    intent = call.tx.get(payments.KIND, intent_id)
    payments.settle(call, intent, success=data["success"])


def choose_shipping(row: Row, rate_id: str) -> None:
    """The buyer picked a shipping option; raises ApiError for one that is not offered."""
    if rate_id not in {option["id"] for option in row.extra["shipping"]}:
        raise invalid("shipping_rate", "This delivery option is not offered.")
    row.extra["shipping_choice"] = rate_id
    _recompute(row)


def apply_code(call: Call, row: Row, code: str) -> None:
    """The buyer typed a promotion code; raises ApiError for one that does not count here."""
    session = row.body
    if not session["allow_promotion_codes"]:
        raise invalid("promotion_code", "This payment takes no promotion codes.")
    discount = discounts.by_code(call, row.id, session["currency"], code.strip()[:64])
    row.extra["discount"] = discount
    promotion = discount["object"]["promotion_code"]
    session["discounts"] = [{"coupon": None, "promotion_code": promotion}]
    _recompute(row)


def _recompute(row: Row) -> None:
    totals.recompute(row.body, row.extra)
    totals.check_amount(row.body)
    row.body = completed(row.body)


def _conclude(call: Call, row: Row, intent: Row, outcome: Outcome) -> Outcome:
    row.body["payment_intent"] = intent.id
    if outcome.state in {"declined", "requires_action"}:
        call.tx.save(row)
        return outcome
    status = "paid" if outcome.state == "succeeded" else "unpaid"
    sessions.complete(call, row, status)
    return outcome


def _complete_free(call: Call, row: Row) -> Outcome:
    # docs.stripe.com/payments/checkout/no-cost-orders: no PaymentIntent, but always a customer.
    if row.body["customer"] is None:
        details = row.body["customer_details"]
        row.body["customer"] = customers.create(
            call, email=details["email"], name=details["name"]
        ).id
    sessions.complete(call, row, "no_payment_required")
    return Outcome(FREE)


def _keep_details(row: Row, payment: Payment) -> None:
    session = row.body
    email = session["customer_email"] or row.extra.get("customer_email") or payment.email
    session["customer_details"] = {
        "email": email,
        "name": payment.name,
        "phone": payment.phone,
        "address": {**NO_ADDRESS, "country": payment.country},
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if payment.shipping:
        session["collected_information"] = {"shipping_details": payment.shipping}
    row.body = completed(session)


def _tamper(call: Call, row: Row) -> None:
    """Faults for the mismatch tests: another amount or currency than the shop asked for."""
    delta = faults.behaviour(call.tx, "charge_other_amount", row.id)
    if delta is not None:
        row.body["amount_total"] = max(1, row.body["amount_total"] + int(delta))
    currency = faults.behaviour(call.tx, "charge_other_currency", row.id)
    if currency is not None:
        row.body["currency"] = str(currency)


def _intent(call: Call, row: Row) -> Row:
    session, data = row.body, row.extra["intent"]
    amount, currency = session["amount_total"], session["currency"]
    if session["payment_intent"]:
        intent = call.tx.get(payments.KIND, session["payment_intent"])
        intent.body.update(amount=amount, currency=currency)
        return intent
    if session["customer"] is None and session["customer_creation"] == "always":
        details = session["customer_details"]
        session["customer"] = customers.create(
            call, email=details["email"], name=details["name"]
        ).id
    shipping = (session["collected_information"] or {}).get("shipping_details")
    return payments.create_intent(
        call,
        amount=amount,
        currency=currency,
        customer=session["customer"],
        payment_method_types=session["payment_method_types"],
        shipping=data.get("shipping") or shipping,
        **_intent_values(data),
    )


def _intent_values(data: Json) -> dict[str, Any]:
    names = (
        "capture_method",
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    )
    return {name: data[name] for name in names if data.get(name)}
