"""Bank transfers behind the shop's seam: no network, its state lies in the shop's own database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from shop.core.clock import now, today
from shop.core.db import changed, db, insert_new, retried, transaction
from shop.core.money import LARGEST
from shop.models import BankTransfer, TransferState
from shop.payments.by_hand import ByHand, Instructions
from shop.payments.errors import (
    AlreadyKnown,
    InvalidEvent,
    NotPayable,
    ObjectUnknown,
    SessionUnknown,
    WebhookNotConfigured,
)
from shop.payments.gateway import (
    AccountInfo,
    DisputeState,
    EventKind,
    GatewayEvent,
    SessionState,
    SessionStatus,
)
from shop.payments.manual.account import Account, Setting
from shop.payments.manual.money_back import MoneyBack
from shop.payments.manual.states import instructions_for, transfer_state
from shop.payments.page_request import PageRequest


class TransferGateway(MoneyBack):
    """See `shop.payments.gateway.PaymentGateway` and `ByHand`: it is both."""

    provider = "manual"
    livemode = True  # nobody plays with a bank account
    handled_events: Mapping[str, EventKind] = {}

    def __init__(self, setting: Setting, timezone: str) -> None:
        self._setting = setting
        self._timezone = timezone
        self.by_hand: ByHand | None = self

    def is_on(self) -> bool:
        """Tell whether the merchant has named an account."""
        return self._account().is_complete

    def accepts(self, amount: int, currency: str) -> bool:
        """Tell whether staff could type `amount` when it comes; any currency is fine."""
        return 0 < amount <= LARGEST

    def missing_settings(self) -> str:
        """Return what a half-set account lacks."""
        return self._account().missing

    def build_params(self, wanted: PageRequest) -> dict[str, Any]:
        """Return whom, how much and until when is to be paid, as its customer is told it."""
        account = self._account()
        if not account.is_complete or not self.accepts(wanted.total, wanted.currency):
            raise NotPayable
        due_on = today(self._timezone) + timedelta(days=account.days)
        remind_at = None
        if 0 < account.reminder_days < account.days:
            remind_at = now() + timedelta(days=account.reminder_days)
        return {
            **account.as_dict(),
            "reference": wanted.reference,
            "amount": wanted.total,
            "currency": wanted.currency,
            "due_on": due_on.isoformat(),
            "expires_at": self._end_of(due_on).isoformat(),
            "remind_at": remind_at and remind_at.isoformat(),
        }

    @retried
    def create_session(self, params: Mapping[str, Any], key: str) -> SessionState:
        """Await the money of an attempt; the same key brings back the same transfer."""
        ref, remind_at = f"bt_{key}", params["remind_at"]
        told = ("holder", "iban", "bic", "bank", "reference", "amount", "currency")
        with transaction():
            insert_new(
                BankTransfer,
                ref=ref,
                attempt_id=key,
                due_on=date.fromisoformat(params["due_on"]),
                expires_at=datetime.fromisoformat(params["expires_at"]),
                remind_at=datetime.fromisoformat(remind_at) if remind_at else None,
                **{name: params[name] for name in told},
            )
            return self.get_session(ref)

    def get_session(self, ref: str) -> SessionState:
        """Return the transfer's present state. Raises SessionUnknown."""
        return transfer_state(_get(ref), now())

    @retried
    def expire_session(self, ref: str) -> SessionState:
        """Stop waiting for a transfer that has not come, and return its state."""
        with transaction():
            awaited = _is(ref) & (BankTransfer.state == TransferState.AWAITED)
            changed(update(BankTransfer).where(awaited).values(state=TransferState.CANCELED))
            return self.get_session(ref)

    def find_sessions(
        self,
        *,
        created_after: datetime,
        created_before: datetime,
        reference: str | None = None,
        status: SessionStatus | None = None,
    ) -> list[SessionState]:
        """Return the transfers awaited since then, newest first."""
        window = BankTransfer.created_at.between(created_after, created_before)
        found = select(BankTransfer).where(window).order_by(BankTransfer.created_at.desc())
        if reference is not None:
            found = found.where(BankTransfer.reference == reference)
        states = [transfer_state(row, now()) for row in db.session.scalars(found)]
        return [state for state in states if status in (None, state.status)]

    def session_for_payment(self, payment_intent: str) -> SessionState | None:
        """Return the transfer that a payment came by; it is named after it."""
        try:
            return self.get_session(payment_intent)
        except SessionUnknown:
            return None

    def instructions(self, ref: str) -> Instructions | None:
        """Return whom the customer is to send what; None once nothing is awaited."""
        row = db.session.get(BankTransfer, ref, populate_existing=True)
        if row is None or row.state is not TransferState.AWAITED:
            return None
        return instructions_for(row)

    def receive(self, ref: str, amount: int, on: date) -> SessionState:
        """Note that `amount` came, in time or late, once. Raises AlreadyKnown, SessionUnknown."""
        came = {"state": TransferState.RECEIVED, "received_amount": amount, "received_on": on}
        with transaction():
            is_new = _is(ref) & (BankTransfer.state != TransferState.RECEIVED)
            noted = changed(update(BankTransfer).where(is_new).values(came))
            state = self.get_session(ref)
            if not noted:
                raise AlreadyKnown
            return state

    def get_dispute(self, ref: str) -> DisputeState:
        """Raise ObjectUnknown: nobody objects to a transfer of one's own."""
        raise ObjectUnknown

    def list_disputes(self, payment_intent: str) -> list[DisputeState]:
        """Return none: nobody objects to a transfer of one's own."""
        return []

    def parse_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """Raise WebhookNotConfigured: a bank account sends no messages."""
        raise WebhookNotConfigured

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Raise InvalidEvent: none was ever kept."""
        raise InvalidEvent

    def failed_events(
        self, *, created_after: datetime, after: str | None = None, limit: int = 500
    ) -> list[GatewayEvent]:
        """Return none."""
        return []

    def discount_of(self, params: Mapping[str, Any]) -> str | None:
        """Return None: a discount is taken off the amount."""
        return None

    def ensure_discount(
        self, coupon_id: str, *, amount: int, currency: str, name: str | None = None
    ) -> str:
        """Do nothing."""
        return coupon_id

    def delete_discount(self, coupon_id: str) -> None:
        """Do nothing."""

    def upsert_product(
        self,
        ref_id: str,
        *,
        name: str,
        description: str,
        images: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Do nothing: a bank knows no products."""
        return ref_id

    def archive_product(self, ref: str) -> None:
        """Do nothing."""

    def webhook_advice(self, address: str) -> str:
        """Return "": there are no messages."""
        return ""

    def check(self) -> AccountInfo:
        """Return what there is to say: there is no key that could be wrong."""
        return AccountInfo(self.provider, self.livemode, api_version="", currencies=())

    def _account(self) -> Account:
        return Account.read(self._setting)

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(self._timezone))


def _is(ref: str) -> Any:
    return BankTransfer.ref == ref


def _get(ref: str) -> BankTransfer:
    row = db.session.get(BankTransfer, ref, populate_existing=True)
    if row is None:
        raise SessionUnknown
    return row
