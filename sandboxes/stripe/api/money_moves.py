"""/v1/payment_intents, charges, refunds, disputes and the balance."""

from sandboxes.stripe import balance, disputes, payments, refunds
from sandboxes.stripe.api.common import changed, given, merge_metadata
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.cards import INSTRUMENTS
from sandboxes.stripe.charges import Payer
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.events import emit
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.money import MAXIMUM, minimum
from sandboxes.stripe.objects import completed
from sandboxes.stripe.store import Row

INTENT_FIELDS = (
    "customer",
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
# docs.stripe.com/testing: payment methods that stand for a test card.
TEST_METHODS = {
    "pm_card_visa": "visa",
    "pm_card_mastercard": "mastercard",
    "pm_card_amex": "amex",
    "pm_card_visa_debit": "visa_debit",
    "pm_card_chargeDeclined": "declined",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_createDispute": "dispute_fraudulent",
    "pm_card_pendingRefund": "refund_pending",
    "pm_card_refundFail": "refund_fails",
}
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_action")


def create_intent(call: Call) -> Json:
    """A PaymentIntent outside Checkout; ``confirm`` with a test method pays it."""
    params = call.params
    currency = params["currency"].lower()
    if params["amount"] < minimum(currency):
        raise invalid(
            "amount",
            f"Amount must be at least {minimum(currency)} {currency}.",
            "amount_too_small",
        )
    if params["amount"] > MAXIMUM:
        raise invalid(
            "amount", f"Amount must be no more than {MAXIMUM} {currency}.", "amount_too_large"
        )
    row = payments.create_intent(
        call,
        amount=params["amount"],
        currency=currency,
        metadata=merge_metadata({}, params.get("metadata")),
        payment_method_types=params.get("allowed_payment_method_types"),
        **given(params, "capture_method", *INTENT_FIELDS),
    )
    if params.get("confirm"):
        _confirm(call, row, params.get("payment_method"))
    return row.body


def update_intent(call: Call) -> Json:
    """Change an intent that is not paid yet, or its metadata."""
    row = call.tx.get("payment_intent", call.object_id, "intent")
    final = row.body["status"] not in {"requires_payment_method", "requires_action"}
    if final and {"amount", "currency"} & call.params.keys():
        raise _unexpected_state(row, "updated")
    row.body.update(given(call.params, "amount", "currency", *INTENT_FIELDS))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    row.body = completed(row.body)
    call.tx.save(row)
    return row.body


def cancel_intent(call: Call) -> Json:
    """Cancel an intent of one's own; that of a session is cancelled by expiring the session."""
    row = call.tx.get("payment_intent", call.object_id, "intent")
    if call.tx.select("checkout.session", "payment_intent = ?", row.id, limit=1):
        raise ApiError(
            "You can't cancel the PaymentIntent for a Checkout Session. Expire the Checkout "
            "Session instead.",
            code="payment_intent_unexpected_state",
        )
    if row.body["status"] not in CANCELABLE:
        raise _unexpected_state(row, "canceled")
    payments.cancel(call, row, call.params.get("cancellation_reason"))
    return row.body


def capture_intent(call: Call) -> Json:
    """Capture an authorised intent, all or part of it."""
    row = call.tx.get("payment_intent", call.object_id, "intent")
    if row.body["status"] != "requires_capture":
        raise _unexpected_state(row, "captured")
    amount = int(call.params.get("amount_to_capture") or row.body["amount_capturable"] or 0)
    if not 1 <= amount <= row.body["amount_capturable"]:
        raise invalid("amount_to_capture", "The amount is more than can be captured.")
    payments.capture(call, row, amount)
    for session in call.tx.select("checkout.session", "payment_intent = ?", row.id):
        session.body["payment_status"] = "paid"
        call.tx.save(session)
    return row.body


def create_refund(call: Call) -> Json:
    """Refund a charge, or the charge of a PaymentIntent."""
    params = call.params
    if not params.get("charge") and not params.get("payment_intent"):
        raise ApiError(
            "One of the following params should be provided for this request: payment_intent "
            "or charge.",
            code="parameter_missing",
        )
    row = refunds.refund(
        call,
        _charge(call),
        params.get("amount"),
        reason=params.get("reason"),
        metadata=merge_metadata({}, params.get("metadata")),
    )
    return row.body


def update_refund(call: Call) -> Json:
    """Change a refund's metadata."""
    row = call.tx.get("refund", call.object_id)
    before = dict(row.body)
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    emit(call, "refund.updated", row.body, changed(before, row.body))
    return row.body


def cancel_refund(call: Call) -> Json:
    """Cancel a refund that waits for the buyer; the sandbox makes none of these."""
    row = call.tx.get("refund", call.object_id)
    raise ApiError(
        f"This refund cannot be canceled because it has a status of {row.body['status']}.",
        param="refund",
    )


def update_dispute(call: Call) -> Json:
    """Give evidence; with ``submit`` (the default) it goes to the bank."""
    row = call.tx.get("dispute", call.object_id)
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    disputes.answer(
        call, row, call.params.get("evidence") or {}, submit=call.params.get("submit", True)
    )
    return row.body


def close_dispute(call: Call) -> Json:
    """Accept a dispute: it is lost."""
    row = call.tx.get("dispute", call.object_id)
    disputes.close(call, row)
    return row.body


def _confirm(call: Call, row: Row, method: str | None) -> None:
    name = TEST_METHODS.get(method or "")
    if name is None:
        raise invalid(
            "payment_method",
            f"The sandbox confirms with {', '.join(TEST_METHODS)}; pay through Checkout otherwise.",
        )
    outcome = payments.confirm(call, row, INSTRUMENTS[name], Payer())
    if outcome.state == "declined":
        raise ApiError(
            outcome.message,
            status=402,
            code=outcome.code,
            kind="card_error",
            decline_code=outcome.decline_code,
            payment_intent=row.body,
        )


def _charge(call: Call) -> Row:
    params = call.params
    if params.get("charge"):
        return call.tx.get("charge", params["charge"], "charge")
    intent = call.tx.get("payment_intent", params["payment_intent"], "payment_intent").body
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    return call.tx.get("charge", intent["latest_charge"])


def _unexpected_state(row: Row, verb: str) -> ApiError:
    return ApiError(
        f"This PaymentIntent could not be {verb} because it has a status of {row.body['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=row.body,
    )


PAID_BY = ("charge", "payment_intent")
ROUTES: Routes = {
    ("POST", "/v1/payment_intents"): create_intent,
    ("GET", "/v1/payment_intents"): lambda c: list_rows(c, "payment_intent", columns=("customer",)),
    ("GET", "/v1/payment_intents/{intent}"): lambda c: (
        c.tx.get("payment_intent", c.object_id, "intent").body
    ),
    ("POST", "/v1/payment_intents/{intent}"): update_intent,
    ("POST", "/v1/payment_intents/{intent}/cancel"): cancel_intent,
    ("POST", "/v1/payment_intents/{intent}/capture"): capture_intent,
    ("GET", "/v1/charges"): lambda c: list_rows(
        c, "charge", columns=("customer", "payment_intent")
    ),
    ("GET", "/v1/charges/{charge}"): lambda c: c.tx.get("charge", c.object_id).body,
    ("POST", "/v1/refunds"): create_refund,
    ("GET", "/v1/refunds"): lambda c: list_rows(c, "refund", columns=PAID_BY),
    ("GET", "/v1/refunds/{refund}"): lambda c: c.tx.get("refund", c.object_id).body,
    ("POST", "/v1/refunds/{refund}"): update_refund,
    ("POST", "/v1/refunds/{refund}/cancel"): cancel_refund,
    ("GET", "/v1/disputes"): lambda c: list_rows(c, "dispute", columns=PAID_BY),
    ("GET", "/v1/disputes/{dispute}"): lambda c: c.tx.get("dispute", c.object_id).body,
    ("POST", "/v1/disputes/{dispute}"): update_dispute,
    ("POST", "/v1/disputes/{dispute}/close"): close_dispute,
    ("GET", "/v1/balance"): lambda c: balance.balance(c.tx),
    ("GET", "/v1/balance_transactions"): lambda c: list_rows(
        c,
        "balance_transaction",
        columns=("type",),
        json_fields={"currency": "$.currency", "source": "$.source"},
        render=lambda row: balance.rendered(c.tx, row.body),
    ),
    ("GET", "/v1/balance_transactions/{id}"): lambda c: balance.rendered(
        c.tx, c.tx.get("balance_transaction", c.object_id).body
    ),
}
