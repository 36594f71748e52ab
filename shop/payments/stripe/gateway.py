"""The shop's payment gateway, spoken to Stripe through its official library.

Imports the library at the first call: a web process that serves pages does not carry it.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from shop.payments.by_hand import ByHand
from shop.payments.errors import ObjectUnknown, PaymentRefused, SessionUnknown
from shop.payments.gateway import (
    AccountInfo,
    DisputeState,
    GatewayEvent,
    GatewayRefund,
    RefundReason,
    SessionState,
    SessionStatus,
)
from shop.payments.page_request import PageRequest
from shop.payments.stripe.catalogue import StripeCatalogue, typed
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.events import HANDLED
from shop.payments.stripe.limits import is_chargeable
from shop.payments.stripe.objects import dispute_state, gateway_event, refund_state, session_state
from shop.payments.stripe.params import page_params

EXPAND = ["payment_intent.latest_charge"]
EXPAND_LIST = ["data.payment_intent.latest_charge"]


class StripeGateway(StripeCatalogue):
    """See `shop.payments.gateway.PaymentGateway`. Safe to share between threads."""

    def __init__(self, config: GatewayConfig) -> None:
        super().__init__(config)
        self.provider = config.provider
        self.livemode = config.livemode
        self.handled_events = HANDLED
        self.by_hand: ByHand | None = None

    def is_on(self) -> bool:
        """Tell whether new pages can be made now: with a key, always."""
        return True

    def accepts(self, amount: int, currency: str) -> bool:
        """Tell whether Stripe charges `amount` at once."""
        return is_chargeable(amount, currency)

    def missing_settings(self) -> str:
        """Return "": the one key is there. What the webhook lacks `webhook_advice` says."""
        return ""

    def build_params(self, wanted: PageRequest) -> dict[str, Any]:
        """Return what the page that is `wanted` is made from, to be frozen with the attempt."""
        return page_params(wanted)

    def create_session(self, params: Mapping[str, Any], key: str) -> SessionState:
        """Make a payment page from frozen `params` under the idempotency key `key`."""
        return self._stripe.call(
            f"create session {key}",
            lambda c: c.v1.checkout.sessions.create(typed(params), {"idempotency_key": key}),
            session_state,
        )

    def get_session(self, ref: str) -> SessionState:
        """Return the page's present state. Raises SessionUnknown."""
        try:
            return self._stripe.call(
                f"get session {ref}",
                lambda c: c.v1.checkout.sessions.retrieve(ref, {"expand": EXPAND}),
                session_state,
            )
        except ObjectUnknown as error:
            raise _session_unknown(error) from error

    def expire_session(self, ref: str) -> SessionState:
        """Close an open page for good and return its state, whatever it turned out to be."""
        try:
            return self._stripe.call(
                f"expire session {ref}",
                lambda c: c.v1.checkout.sessions.expire(ref, {"expand": EXPAND}),
                session_state,
            )
        except ObjectUnknown as error:
            raise _session_unknown(error) from error
        except PaymentRefused:
            state = self.get_session(ref)
            if state.status is SessionStatus.OPEN:
                raise
            return state

    def find_sessions(
        self,
        *,
        created_after: datetime,
        created_before: datetime,
        reference: str | None = None,
        status: SessionStatus | None = None,
    ) -> list[SessionState]:
        """Return the pages made in the window (both ends included), newest first.

        Stripe cannot filter by reference: it is compared here.
        """
        window = {"gte": int(created_after.timestamp()), "lte": int(created_before.timestamp())}
        params: dict[str, Any] = {"created": window, "expand": EXPAND_LIST}
        if status is not None:
            params["status"] = status.value
        states = self._sessions(params)
        return [state for state in states if reference in (None, state.reference)]

    def session_for_payment(self, payment_intent: str) -> SessionState | None:
        """Return the page that a payment came from, or None for a payment made elsewhere."""
        states = self._sessions({"payment_intent": payment_intent, "expand": EXPAND_LIST})
        return next(states, None)

    def create_refund(
        self,
        *,
        payment_intent: str,
        amount: int,
        key: str,
        reason: RefundReason | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> GatewayRefund:
        """Give back `amount` under the idempotency key `key`, which comes back as `refund_key`."""
        params: dict[str, Any] = {
            "payment_intent": payment_intent,
            "amount": amount,
            "metadata": {**(metadata or {}), "refund_uuid": key},
        }
        if reason is not None:
            params["reason"] = reason.value
        return self._stripe.call(
            f"create refund {key}",
            lambda c: c.v1.refunds.create(typed(params), {"idempotency_key": key}),
            refund_state,
        )

    def get_refund(self, ref: str) -> GatewayRefund:
        """Return the refund's present state. Raises ObjectUnknown."""
        return self._stripe.call(
            f"get refund {ref}", lambda c: c.v1.refunds.retrieve(ref), refund_state
        )

    def list_refunds(self, payment_intent: str) -> list[GatewayRefund]:
        """Return all refunds of a payment, newest first, also those made elsewhere."""
        refunds = self._stripe.items(
            "list refunds",
            lambda c, params: c.v1.refunds.list(params),
            {"payment_intent": payment_intent},
            refund_state,
        )
        return list(refunds)

    def get_dispute(self, ref: str) -> DisputeState:
        """Return the dispute's present state. Raises ObjectUnknown."""
        return self._stripe.call(
            f"get dispute {ref}", lambda c: c.v1.disputes.retrieve(ref), dispute_state
        )

    def list_disputes(self, payment_intent: str) -> list[DisputeState]:
        """Return all disputes of a payment, newest first."""
        disputes = self._stripe.items(
            "list disputes",
            lambda c, params: c.v1.disputes.list(params),
            {"payment_intent": payment_intent},
            dispute_state,
        )
        return list(disputes)

    def parse_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """Return the event in a webhook's raw `body`, if its signature proves its origin.

        The time stamp may lie at most 300 s in the past or the future.
        """
        from shop.payments.stripe.webhook import parse_event

        return parse_event(body, headers.get("Stripe-Signature"), self._config.webhook_secret, now)

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Return the event that was kept as `payload`, its proof having been checked then."""
        return gateway_event(payload)

    def failed_events(
        self,
        *,
        created_after: datetime,
        after: str | None = None,
        types: Sequence[str] = tuple(HANDLED),
        limit: int = 500,
    ) -> list[GatewayEvent]:
        """Return undelivered events since `created_after`, oldest first, at most `limit`."""
        params: dict[str, Any] = {
            "types": list(types),
            "delivery_success": False,
            "created": {"gte": int(created_after.timestamp())},
        }
        if after is not None:
            try:
                events = self._events({**params, "ending_before": after}, is_oldest_first=True)
                return list(islice(events, limit))
            except PaymentRefused as error:
                if error.code != "resource_missing":  # the cursor is older than Stripe's memory
                    raise
        oldest = deque(self._events(params), maxlen=limit)
        return list(reversed(oldest))

    def webhook_advice(self, address: str) -> str:
        """Return what to set so that messages to `address` are believed, "" where that is done."""
        if self._config.webhook_secret:
            return ""
        return (
            f"In Stripe add the endpoint {address} with the events {', '.join(HANDLED)}, and set "
            "STRIPE_WEBHOOK_SECRET to its whsec_…."
        )

    def check(self) -> AccountInfo:
        """Make the cheapest call there is, to prove that the key works. Raises KeyRefused."""
        balance = self._stripe.call("get balance", lambda c: c.v1.balance.retrieve(), dict)
        return AccountInfo(
            provider=self.provider,
            livemode=balance["livemode"],
            api_version=_api_version(),
            currencies=tuple(entry["currency"].upper() for entry in balance["available"]),
        )

    def _sessions(self, params: Mapping[str, Any]) -> Iterator[SessionState]:
        return self._stripe.items(
            "list sessions",
            lambda c, page: c.v1.checkout.sessions.list(page),
            params,
            session_state,
        )

    def _events(
        self, params: Mapping[str, Any], *, is_oldest_first: bool = False
    ) -> Iterator[GatewayEvent]:
        return self._stripe.items(
            "list events",
            lambda c, page: c.v1.events.list(page),
            params,
            gateway_event,
            is_oldest_first=is_oldest_first,
        )


def _api_version() -> str:
    import stripe

    return str(stripe.api_version)


def _session_unknown(error: ObjectUnknown) -> SessionUnknown:
    return SessionUnknown(
        error.reason, code=error.code, param=error.param, http_status=error.http_status
    )
