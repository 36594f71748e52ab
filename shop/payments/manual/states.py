"""A transfer's row in the words of the seam. Pure."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from shop.core.iban import grouped
from shop.models import BankTransfer, TransferBack, TransferBackState, TransferState
from shop.payments.by_hand import Detail, Instructions
from shop.payments.gateway import (
    GatewayRefund,
    RefundStatus,
    SessionState,
    SessionStatus,
)

METHOD, LABEL = "bank_transfer", "Bank transfer"
REFUNDS = {
    TransferBackState.PENDING: RefundStatus.PENDING,
    TransferBackState.SENT: RefundStatus.SUCCEEDED,
    TransferBackState.DROPPED: RefundStatus.CANCELED,
}


def transfer_state(row: BankTransfer, at: datetime) -> SessionState:
    """Return a transfer as the shop sees it at a moment: awaited, come, or over."""
    is_paid = row.state is TransferState.RECEIVED
    is_processing = row.state is TransferState.AWAITED and at < row.expires_at
    return SessionState(
        ref=row.ref,
        status=SessionStatus.COMPLETE if is_paid or is_processing else SessionStatus.EXPIRED,
        is_paid=is_paid,
        is_processing=is_processing,
        is_failed=False,
        amount=row.amount if row.received_amount is None else row.received_amount,
        currency=row.currency,
        reference=row.reference,
        attempt_id=row.attempt_id,
        livemode=True,
        mode="payment",
        url=None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        payment_intent=row.ref,
        method=METHOD,
        method_label=LABEL,
        remind_at=row.remind_at,
    )


def instructions_for(row: BankTransfer) -> Instructions:
    """Return what its customer types into the page of a bank."""
    details = [
        Detail(_("Account holder"), row.holder),
        Detail(_("IBAN"), grouped(row.iban), row.iban),
        Detail(_("BIC"), row.bic),
        Detail(_("Bank"), row.bank),
    ]
    return Instructions(
        amount=row.amount,
        currency=row.currency,
        details=tuple(detail for detail in details if detail.text),
        reference=row.reference,
        until=row.due_on,
    )


def transfer_back_state(row: TransferBack) -> GatewayRefund:
    """Return a refund as the shop sees it; the payment is named after its transfer."""
    return GatewayRefund(
        ref=row.id,
        status=REFUNDS[row.state],
        amount=row.amount,
        currency=row.currency,
        payment_intent=row.transfer_ref,
        charge=None,
        failure_reason=None,
        refund_key=row.id,
        reason=None,
        created_at=row.created_at,
    )
