"""Money in: PaymentIntents, charges, and what the test instruments do to them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandboxes.stripe import balance, cards, charges, tasks
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Instrument
from sandboxes.stripe.charges import Payer
from sandboxes.stripe.contract import Json
from sandboxes.stripe.events import emit
from sandboxes.stripe.objects import build, completed
from sandboxes.stripe.store import Row

KIND = "payment_intent"


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: ``succeeded``, ``processing``, ``requires_capture``,
    ``requires_action`` or ``declined`` (then with the sentence for the buyer and the codes)."""

    state: str
    message: str = ""
    code: str = ""
    decline_code: str | None = None
    details: Json = field(default_factory=dict)


def create_intent(call: Call, *, amount: int, currency: str, **values: Any) -> Row:
    """A new PaymentIntent that waits for a payment method."""
    intent_id = call.tx.new_id("pi")
    body = build(
        KIND,
        id=intent_id,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        amount_details={"tip": {}},
        capture_method=values.pop("capture_method", None) or "automatic_async",
        client_secret=f"{intent_id}_secret_{call.tx.new_id('s')[-16:]}",
        confirmation_method="automatic",
        created=call.tx.now,
        currency=currency,
        metadata=values.pop("metadata", None) or {},
        payment_method_types=values.pop("payment_method_types", None) or ["card"],
        status="requires_payment_method",
        **values,
    )
    row = call.tx.insert(body)
    emit(call, "payment_intent.created", body)
    return row


def confirm(
    call: Call, intent: Row, instrument: Instrument, payer: Payer, *, challenge_url: str = ""
) -> Outcome:
    """Attempt to pay an intent with an instrument.

    ``challenge_url`` is where the buyer confirms by 3-D Secure; "" = the challenge was passed (or
    there is no buyer to ask).
    """
    body = intent.body
    method = charges.new_payment_method(call, instrument, payer)
    body["payment_method"] = method.id
    intent.extra["instrument"] = instrument.name
    intent.extra["expiry"] = list(payer.expiry)
    if instrument.challenge and challenge_url:
        return _ask_for_challenge(call, intent, challenge_url)
    body["next_action"] = None
    decline = instrument.decline
    if _is_past(payer.expiry, call.tx.now) and instrument.kind == "card":
        decline = ("expired_card", None)
    if decline:
        return _decline(call, intent, instrument, method, decline)
    return _charge(call, intent, instrument, method)


def fail_challenge(call: Call, intent: Row) -> Outcome:
    """The buyer could not be authenticated; the intent waits for another method."""
    code = "payment_intent_authentication_failure"
    method = call.tx.find("payment_method", intent.body["payment_method"])
    error = _payment_error(code, None, method, charge=None)
    return _fail_intent(call, intent, error)


def settle(call: Call, intent: Row, *, success: bool) -> None:
    """End the waiting debit of a processing intent."""
    charge = call.tx.get("charge", intent.body["latest_charge"])
    if intent.body["status"] != "processing":
        return
    if success:
        charge.body.update(status="succeeded", paid=True, captured=True)
        _book(call, charge)
        emit(call, "charge.succeeded", charge.body)
        _succeed(call, intent, charge.body["amount"])
        return
    code = "payment_intent_payment_attempt_failed"
    charge.body.update(
        status="failed", paid=False, failure_code=code, failure_message=cards.MESSAGES[code]
    )
    call.tx.save(charge)
    emit(call, "charge.failed", charge.body)
    method = call.tx.find("payment_method", intent.body["payment_method"])
    _fail_intent(call, intent, _payment_error(code, None, method, charge=charge.id))


def capture(call: Call, intent: Row, amount: int) -> None:
    """Take authorised money; what is not captured is released."""
    charge = call.tx.get("charge", intent.body["latest_charge"])
    charge.body.update(captured=True, amount_captured=amount)
    _book(call, charge)
    emit(call, "charge.captured", charge.body)
    _succeed(call, intent, amount)


def cancel(call: Call, intent: Row, reason: str | None) -> None:
    """Give an intent up."""
    intent.body.update(
        status="canceled",
        canceled_at=call.tx.now,
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    call.tx.save(intent)
    emit(call, "payment_intent.canceled", intent.body)


def _ask_for_challenge(call: Call, intent: Row, url: str) -> Outcome:
    intent.body["status"] = "requires_action"
    intent.body["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": url, "return_url": None},
    }
    intent.body = completed(intent.body)
    call.tx.save(intent)
    emit(call, "payment_intent.requires_action", intent.body)
    return Outcome("requires_action")


def _charge(call: Call, intent: Row, instrument: Instrument, method: Row) -> Outcome:
    manual = intent.body["capture_method"] == "manual"
    waits = instrument.settle is not None
    charge = charges.new_charge(
        call,
        intent,
        instrument,
        method,
        status="pending" if waits else "succeeded",
        paid=not waits,
        captured=not manual,
        amount_captured=0 if manual else intent.body["amount"],
    )
    charge.extra.update(refund=instrument.refund)
    intent.body["latest_charge"] = charge.id
    intent.body["last_payment_error"] = None
    if waits:
        return _wait_for_debit(call, intent, charge, instrument)
    if not manual:
        _book(call, charge)
    emit(call, "charge.succeeded", charge.body)
    if instrument.dispute:
        tasks.schedule(call.tx, "dispute", charge.id, 0, reason=instrument.dispute)
    if manual:
        intent.body.update(status="requires_capture", amount_capturable=intent.body["amount"])
        call.tx.save(intent)
        call.tx.save(charge)
        emit(call, "payment_intent.amount_capturable_updated", intent.body)
        return Outcome("requires_capture")
    _succeed(call, intent, intent.body["amount"])
    return Outcome("succeeded")


def _wait_for_debit(call: Call, intent: Row, charge: Row, instrument: Instrument) -> Outcome:
    success, seconds = instrument.settle or (True, 0)
    intent.body["status"] = "processing"
    call.tx.save(intent)
    call.tx.save(charge)
    emit(call, "charge.pending", charge.body)
    emit(call, "payment_intent.processing", intent.body)
    tasks.schedule(call.tx, "settle", intent.id, seconds, success=success)
    return Outcome("processing")


def _succeed(call: Call, intent: Row, amount: int) -> None:
    intent.body.update(
        status="succeeded", amount_received=amount, amount_capturable=0, last_payment_error=None
    )
    call.tx.save(intent)
    emit(call, "payment_intent.succeeded", intent.body)


def _book(call: Call, charge: Row) -> None:
    amount = charge.body["amount_captured"] or charge.body["amount"]
    entry = balance.book(call, "charge", charge.id, amount, charge.body["currency"])
    charge.body.update(balance_transaction=entry, amount_captured=amount)
    call.tx.save(charge)


def _decline(
    call: Call, intent: Row, instrument: Instrument, method: Row, decline: tuple[str, str | None]
) -> Outcome:
    code, decline_code = decline
    message = cards.message_for(code, decline_code)
    charge = charges.new_charge(
        call,
        intent,
        instrument,
        method,
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code=code,
        failure_message=message,
    )
    intent.body["latest_charge"] = charge.id
    emit(call, "charge.failed", charge.body)
    error = _payment_error(code, decline_code, method, charge=charge.id)
    return _fail_intent(call, intent, error)


def _fail_intent(call: Call, intent: Row, error: Json) -> Outcome:
    intent.body.update(
        status="requires_payment_method",
        last_payment_error=error,
        next_action=None,
        payment_method=None,
    )
    intent.body = completed(intent.body)
    call.tx.save(intent)
    emit(call, "payment_intent.payment_failed", intent.body)
    return Outcome("declined", error["message"], error["code"], error["decline_code"], error)


def _payment_error(
    code: str, decline_code: str | None, method: Row | None, *, charge: str | None
) -> Json:
    return {
        "type": "card_error",
        "code": code,
        "decline_code": decline_code,
        "message": cards.message_for(code, decline_code),
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "charge": charge,
        "payment_method": method.body if method else None,
        "payment_method_type": method.body["type"] if method else None,
    }


def _is_past(expiry: tuple[int, int], now: int) -> bool:
    today = datetime.fromtimestamp(now, UTC)
    month, year = expiry
    return (year, month) < (today.year, today.month)
