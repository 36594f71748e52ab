"""Money back: refunds of charges, whole or in part, and what becomes of them later."""

from sandboxes.stripe import balance, tasks
from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.events import emit
from sandboxes.stripe.expand import include
from sandboxes.stripe.money import format_amount
from sandboxes.stripe.objects import build, list_object
from sandboxes.stripe.store import Row, Tx

KIND = "refund"


def refund(
    call: Call, charge: Row, amount: int | None, *, reason: str | None, metadata: Json
) -> Row:
    """Refund a charge: the rest of it, or ``amount`` minor units; raises ApiError.

    The test cards 7726 and 5126 make it wait, or fail after it succeeded.
    """
    body = charge.body
    _check(charge, amount)
    remaining = body["amount_captured"] - body["amount_refunded"]
    amount = remaining if amount is None else amount
    body["amount_refunded"] += amount
    body["refunded"] = body["amount_refunded"] == body["amount_captured"]
    call.tx.save(charge)
    fate = charge.extra.get("refund", "")
    refund_id = call.tx.new_id("re")
    row = call.tx.insert(
        build(
            KIND,
            id=refund_id,
            amount=amount,
            balance_transaction=balance.book(call, "refund", refund_id, -amount, body["currency"]),
            charge=charge.id,
            created=call.tx.now,
            currency=body["currency"],
            destination_details=_destination(body),
            metadata=metadata,
            payment_intent=body["payment_intent"],
            pending_reason="processing" if fate == "pending" else None,
            reason=reason,
            status="pending" if fate == "pending" else "succeeded",
        )
    )
    if fate:
        tasks.schedule(call.tx, "refund", row.id, 0, fate=fate)
    emit(call, "charge.refunded", body)
    emit(call, "refund.created", row.body)
    return row


def fail(call: Call, row: Row) -> None:
    """The bank sent the money back: the refund failed, the charge is unrefunded by its amount."""
    if row.body["status"] not in {"pending", "succeeded", "requires_action"}:
        raise ApiError(f"Refund {row.id} has a status of {row.body['status']} and cannot fail.")
    entry = balance.book(call, "refund_failure", row.id, row.body["amount"], row.body["currency"])
    row.body.update(
        status="failed",
        failure_reason="lost_or_stolen_card",
        failure_balance_transaction=entry,
        pending_reason=None,
    )
    call.tx.save(row)
    charge = call.tx.get("charge", row.body["charge"])
    charge.body["amount_refunded"] -= row.body["amount"]
    charge.body["refunded"] = False
    call.tx.save(charge)
    emit(call, "refund.updated", row.body, {"status": "succeeded"})
    emit(call, "refund.failed", row.body)


@tasks.job("refund")
def _later(call: Call, refund_id: str, data: Json) -> None:
    row = call.tx.find(KIND, refund_id)
    if row is None or row.body["status"] not in {"pending", "succeeded"}:
        return
    if data["fate"] == "failed":
        fail(call, row)
        return
    row.body.update(status="succeeded", pending_reason=None)
    call.tx.save(row)
    emit(call, "refund.updated", row.body, {"status": "pending"})


@include("charge", "refunds")
def _of_charge(tx: Tx, charge: Json) -> Json:
    rows = tx.select(KIND, "charge = ?", charge["id"], limit=11)
    url = f"/v1/charges/{charge['id']}/refunds"
    return list_object(url, [row.body for row in rows[:10]], has_more=len(rows) > 10)


def _check(charge: Row, amount: int | None) -> None:
    body = charge.body
    remaining = body["amount_captured"] - body["amount_refunded"]
    if body["status"] != "succeeded" or not body["captured"]:
        raise ApiError(
            f"Charge {charge.id} cannot be refunded: its status is {body['status']}.",
            code="charge_not_refundable",
        )
    if body["disputed"] and not charge.extra.get("refundable_dispute"):
        raise ApiError(
            f"Charge {charge.id} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if remaining == 0:
        raise ApiError(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded"
        )
    if amount is None:
        return
    if amount < 1:
        raise invalid("amount", "Invalid positive integer", "parameter_invalid_integer")
    if amount > remaining:
        asked, rest = (format_amount(one, body["currency"]) for one in (amount, remaining))
        raise ApiError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})",
            param="amount",
        )


def _destination(charge: Json) -> Json:
    if charge["payment_method_details"]["type"] != "card":
        return {"type": "sepa_debit"}
    return {"type": "card", "card": {"type": "refund", "reference_status": "pending"}}
