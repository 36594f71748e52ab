"""Money of transfers that goes back: staff send it by hand and say so."""

from collections.abc import Mapping

from sqlalchemy import select, update

from shop.core.db import changed, db, insert_new, retried, transaction
from shop.models import BankTransfer, TransferBack, TransferBackState
from shop.payments.errors import AlreadyKnown, ObjectUnknown
from shop.payments.gateway import GatewayRefund, RefundReason
from shop.payments.manual.states import transfer_back_state


class MoneyBack:
    """The half of the gateway that is about refunds."""

    @retried
    def create_refund(
        self,
        *,
        payment_intent: str,
        amount: int,
        key: str,
        reason: RefundReason | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> GatewayRefund:
        """Note that staff are to send `amount` back; the same key is the same refund."""
        with transaction():
            transfer = db.session.get(BankTransfer, payment_intent)
            if transfer is None:
                raise ObjectUnknown
            values = {"transfer_ref": transfer.ref, "amount": amount, "currency": transfer.currency}
            insert_new(TransferBack, id=key, **values)
            return self.get_refund(key)

    def get_refund(self, ref: str) -> GatewayRefund:
        """Return the refund's present state. Raises ObjectUnknown."""
        row = db.session.get(TransferBack, ref, populate_existing=True)
        if row is None:
            raise ObjectUnknown
        return transfer_back_state(row)

    def list_refunds(self, payment_intent: str) -> list[GatewayRefund]:
        """Return all refunds of a transfer, newest first."""
        mine = select(TransferBack).where(TransferBack.transfer_ref == payment_intent)
        rows = db.session.scalars(mine.order_by(TransferBack.created_at.desc()))
        return [transfer_back_state(row) for row in rows]

    def settle_refund(self, ref: str, *, is_sent: bool) -> GatewayRefund:
        """Note what became of a refund, once. Raises AlreadyKnown, ObjectUnknown."""
        to = TransferBackState.SENT if is_sent else TransferBackState.DROPPED
        with transaction():
            is_open = TransferBack.state == TransferBackState.PENDING
            mine = update(TransferBack).where(TransferBack.id == ref, is_open)
            noted = changed(mine.values(state=to))
            told = self.get_refund(ref)
            if not noted:
                raise AlreadyKnown
            return told
