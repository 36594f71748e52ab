"""A buyer's bank takes the money back, and what the merchant can do about it."""

from sandboxes.stripe import balance, tasks
from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.events import emit
from sandboxes.stripe.objects import build, completed
from sandboxes.stripe.store import Row

KIND = "dispute"
DUE_SECONDS = 9 * 86400
# Evidence texts that decide at once: docs.stripe.com/testing, "Disputes and fraud".
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}


def dispute(call: Call, charge: Row, reason: str = "fraudulent") -> Row:
    """Dispute a charge; the reason ``inquiry`` only asks, and takes no money. Raises ApiError."""
    if charge.body["disputed"] or charge.body["status"] != "succeeded":
        raise ApiError(f"Charge {charge.id} cannot be disputed.", code="charge_not_refundable")
    inquiry = reason == "inquiry"
    dispute_id = call.tx.new_id("du")
    amount = charge.body["amount_captured"] - charge.body["amount_refunded"]
    entries = [] if inquiry else [_withdraw(call, dispute_id, amount, charge)]
    row = call.tx.insert(
        build(
            KIND,
            id=dispute_id,
            amount=amount,
            balance_transactions=entries,
            charge=charge.id,
            created=call.tx.now,
            currency=charge.body["currency"],
            enhanced_eligibility_types=[],
            evidence={"enhanced_evidence": {}},
            evidence_details=_details(call.tx.now + DUE_SECONDS),
            is_charge_refundable=inquiry,
            metadata={},
            network_reason_code=NETWORK_CODES.get(reason),
            payment_intent=charge.body["payment_intent"],
            payment_method_details=_method(charge.body, inquiry=inquiry),
            reason="general" if inquiry else reason,
            status="warning_needs_response" if inquiry else "needs_response",
        )
    )
    charge.body["disputed"] = True
    charge.extra["refundable_dispute"] = inquiry
    call.tx.save(charge)
    emit(call, "charge.dispute.created", row.body)
    if not inquiry:
        emit(call, "charge.dispute.funds_withdrawn", row.body)
    return row


def answer(call: Call, row: Row, evidence: Json, *, submit: bool) -> None:
    """Keep the merchant's evidence; submitted, it goes under review, or decides the case."""
    _must_be_open(row)
    stored = row.body["evidence"]
    stored.update({key: value or None for key, value in evidence.items()})
    details = row.body["evidence_details"]
    details["has_evidence"] = any(v for k, v in stored.items() if k != "enhanced_evidence")
    verdict = VERDICTS.get(stored.get("uncategorized_text") or "")
    if submit:
        details.update(submission_count=details["submission_count"] + 1, submission_method="manual")
        prefix = "warning_" if row.body["status"].startswith("warning_") else ""
        row.body["status"] = f"{prefix}under_review"
    row.body = completed(row.body)
    call.tx.save(row)
    emit(call, "charge.dispute.updated", row.body)
    if submit and verdict:
        close(call, row, verdict)


def close(call: Call, row: Row, verdict: str = "lost") -> None:
    """End a dispute: ``won`` gives the money back, ``lost`` (also: accepted) does not."""
    _must_be_open(row)
    inquiry = row.body["status"].startswith("warning_")
    row.body["status"] = "warning_closed" if inquiry else verdict
    if verdict == "won" and not inquiry:
        entry = balance.book(call, "adjustment", row.id, row.body["amount"], row.body["currency"])
        row.body["balance_transactions"].append(call.tx.get(balance.KIND, entry).body)
    call.tx.save(row)
    emit(call, "charge.dispute.closed", row.body)
    if verdict == "won" and not inquiry:
        emit(call, "charge.dispute.funds_reinstated", row.body)


@tasks.job("dispute")
def _arrives(call: Call, charge_id: str, data: Json) -> None:
    charge = call.tx.find("charge", charge_id)
    if charge is not None and not charge.body["disputed"] and not charge.body["refunded"]:
        dispute(call, charge, data["reason"])


def _must_be_open(row: Row) -> None:
    if row.body["status"] in {"won", "lost", "warning_closed", "prevented"}:
        raise ApiError(f"This dispute is already closed (status: {row.body['status']}).")


def _withdraw(call: Call, dispute_id: str, amount: int, charge: Row) -> Json:
    entry = balance.book(call, "adjustment", dispute_id, -amount, charge.body["currency"])
    return call.tx.get(balance.KIND, entry).body


def _details(due_by: int) -> Json:
    return {
        "due_by": due_by,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }


def _method(charge: Json, *, inquiry: bool) -> Json | None:
    card = charge["payment_method_details"]["card"]
    if card is None:
        return None
    return {
        "type": "card",
        "card": {
            "brand": card["brand"],
            "case_type": "inquiry" if inquiry else "chargeback",
            "network": card["brand"],
            "network_reason_code": None,
        },
    }
