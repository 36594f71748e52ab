"""What the shop needs of a payment service, in the shop's words.

Amounts are integers of minor units, currencies three capitals, times aware and in UTC. Every call
may raise PaymentUnavailable and PaymentRefused of `shop.payments.errors`; no call may be made
inside a database transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from shop.payments.page_request import PageRequest

if TYPE_CHECKING:
    from shop.payments.by_hand import ByHand


class EventKind(StrEnum):
    """What a message of a provider is about, whatever it calls that."""

    PAGE = "page"  # a payment page was paid, failed or ended
    PAYMENT_DECLINED = "payment_declined"  # one try on a page; the page stays open
    PAYMENT_REFUNDED = "payment_refunded"  # names the payment, not the refunds
    REFUND = "refund"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE = "dispute"  # an earlier one has moved on
    FRAUD_WARNING = "fraud_warning"


class SessionStatus(StrEnum):
    """Where a payment page is. Only OPEN can still be paid."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """Where a refund is. FAILED can follow SUCCEEDED: the money came back to the merchant."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class RefundReason(StrEnum):
    """The reasons the service takes; the shop's own words go into the metadata."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


@dataclass(frozen=True)
class SessionState:
    """A payment page as the service sees it now.

    `is_paid`: complete, and paid or free of charge: the only state in which goods are due.
    `is_processing`: complete, the money is still on its way (bank debits, vouchers): keep the hold.
    `is_failed`: complete, but the delayed payment came to nothing: no money will come.
    `remind_at`: when a buyer whose money has not come is to be reminded of it; None for never.
    `reference` is the shop's own (order number), `attempt_id` the attempt that made the page.
    `url` is None once the page is not open. `method` is the kind ("card", "sepa_debit"),
    `method_label` what staff and buyers read ("Visa 4242"). `failure` is the last refusal's
    sentence, also on an open page after a declined card.
    """

    ref: str
    status: SessionStatus
    is_paid: bool
    is_processing: bool
    is_failed: bool
    amount: int
    currency: str
    reference: str | None
    attempt_id: str | None
    livemode: bool
    mode: str
    url: str | None
    created_at: datetime
    expires_at: datetime
    payment_intent: str | None = None
    charge: str | None = None
    method: str | None = None
    method_label: str | None = None
    failure: str | None = None
    remind_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GatewayRefund:
    """A refund as the service sees it now. `refund_key` is ours, None for one made elsewhere."""

    ref: str
    status: RefundStatus
    amount: int
    currency: str
    payment_intent: str | None
    charge: str | None
    failure_reason: str | None
    refund_key: str | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True)
class DisputeState:
    """A buyer's objection at their bank. `status` is the service's word and may be a new one.

    `is_open`: the merchant may still answer or the bank still decides. `is_lost`: the money is
    gone. `answer_by` is when evidence is due.
    """

    ref: str
    status: str
    is_open: bool
    is_lost: bool
    amount: int
    currency: str
    payment_intent: str | None
    charge: str
    reason: str
    created_at: datetime
    answer_by: datetime | None


@dataclass(frozen=True)
class GatewayEvent:
    """A message from the service. It says *that* something changed; the state is asked for anew.

    `type` is the provider's word, `kind` what that means, None for what the shop does not act
    upon. `object_ref` is "" for objects without an id. `payment_intent` is the payment the object
    belongs to, where it names one. `because` is the reason of a warning.
    """

    id: str
    type: str
    kind: EventKind | None
    object_ref: str
    object_type: str
    payment_intent: str | None
    livemode: bool
    created: datetime
    payload: dict[str, Any]
    because: str = ""


@dataclass(frozen=True)
class AccountInfo:
    """Proof that the key works, for `flask doctor`. `currencies` are those with a balance."""

    provider: str
    livemode: bool
    api_version: str
    currencies: tuple[str, ...]


class PaymentGateway(Protocol):
    """A payment service. `provider` names it in the rows: "stripe", "sandbox".

    `handled_events` are the types of messages that the shop acts upon, and what each is about.
    `by_hand` is there where staff say what came, None where the service does.
    """

    provider: str
    livemode: bool
    handled_events: Mapping[str, EventKind]
    by_hand: "ByHand | None"

    def is_on(self) -> bool:
        """Tell whether new pages can be made now. What was made before is asked about anyway."""

    def accepts(self, amount: int, currency: str) -> bool:
        """Tell whether one page can ask for `amount`, above 0: neither too little nor too much."""

    def missing_settings(self) -> str:
        """Return what to set before pages can be made, for doctor; "" where nothing is half-set."""

    def build_params(self, wanted: PageRequest) -> dict[str, Any]:
        """Return what the page that is `wanted` is made from: plain JSON, frozen with the attempt.

        Calls nobody. Raises NotPayable, and ValueError when the figures do not add up.
        """

    def create_session(self, params: Mapping[str, Any], key: str) -> SessionState:
        """Make a payment page from frozen `params` under the idempotency key `key`.

        It may be complete at once, its money on its way. The same key and params bring back the
        same page for at least 24 hours. Raises IdempotencyMismatch; PaymentUnavailable with
        `is_outcome_unknown` when a page may exist.
        """

    def get_session(self, ref: str) -> SessionState:
        """Return the page's present state. Raises SessionUnknown."""

    def expire_session(self, ref: str) -> SessionState:
        """Close an open page for good and return its state, whatever it turned out to be.

        COMPLETE means that the buyer was faster. Raises SessionUnknown.
        """

    def find_sessions(
        self,
        *,
        created_after: datetime,
        created_before: datetime,
        reference: str | None = None,
        status: SessionStatus | None = None,
    ) -> list[SessionState]:
        """Return the pages made in the window (both ends included), newest first."""

    def session_for_payment(self, payment_intent: str) -> SessionState | None:
        """Return the page that a payment came from, or None for a payment made elsewhere."""

    def create_refund(
        self,
        *,
        payment_intent: str,
        amount: int,
        key: str,
        reason: RefundReason | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> GatewayRefund:
        """Give back `amount` under the idempotency key `key`, which comes back as `refund_key`.

        Raises PaymentRefused, for example with the code "charge_already_refunded".
        """

    def get_refund(self, ref: str) -> GatewayRefund:
        """Return the refund's present state. Raises ObjectUnknown."""

    def list_refunds(self, payment_intent: str) -> list[GatewayRefund]:
        """Return all refunds of a payment, newest first, also those made elsewhere."""

    def get_dispute(self, ref: str) -> DisputeState:
        """Return the dispute's present state. Raises ObjectUnknown."""

    def list_disputes(self, payment_intent: str) -> list[DisputeState]:
        """Return all disputes of a payment, newest first."""

    def parse_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """Return the event in a webhook's raw `body`, if body and `headers` prove its origin.

        `headers` by names such as "Content-Type"; `now` judges the time that was signed. Raises
        InvalidSignature, InvalidEvent, WebhookNotConfigured.
        """

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Return the event that was kept as `payload`, its proof having been checked then."""

    def failed_events(
        self, *, created_after: datetime, after: str | None = None, limit: int = 500
    ) -> list[GatewayEvent]:
        """Return undelivered events since `created_after`, oldest first, at most `limit`.

        An empty list from a provider that cannot tell: what is open is asked about anyway.
        `after` is the id of the last event seen; the service keeps events for 30 days.
        """

    def discount_of(self, params: Mapping[str, Any]) -> str | None:
        """Return the discount that must be there for a page with `params`, or None."""

    def ensure_discount(
        self, coupon_id: str, *, amount: int, currency: str, name: str | None = None
    ) -> str:
        """Make the one-use discount `coupon_id` of `amount` unless it exists; return its id.

        Raises PaymentRefused (code "coupon_mismatch") when it exists with another amount.
        """

    def delete_discount(self, coupon_id: str) -> None:
        """Remove a discount; one that is not there is fine."""

    def upsert_product(
        self,
        ref_id: str,
        *,
        name: str,
        description: str,
        images: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Create or update the product with our own id `ref_id`; return its id.

        `images` that the public cannot reach are left out. Who keeps no products does nothing.
        """

    def archive_product(self, ref: str) -> None:
        """Take the product off sale there; one that is not there is fine."""

    def webhook_advice(self, address: str) -> str:
        """Return what to set so that messages to `address` are believed, "" where that is done."""

    def check(self) -> AccountInfo:
        """Make the cheapest call there is, to prove that the key works. Raises KeyRefused."""
