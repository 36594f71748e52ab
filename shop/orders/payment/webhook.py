"""The inbox of the payment provider: stored once, then handled by a table of functions.

An event only says that something changed; the state is asked for anew, so the order in which
events arrive, and how often, does not matter.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, update

from shop.core.clock import now
from shop.core.db import (
    changed,
    crash_point,
    db,
    end_read,
    retried,
    transaction,
)
from shop.core.errors import Busy, NotFound
from shop.core.isolation import Run, each
from shop.models import (
    Attention,
    CheckoutAttempt,
    Order,
    Payment,
    Provider,
    ShopState,
    WebhookEvent,
)
from shop.orders.events import add_order_event, raise_attention
from shop.orders.payment.fulfil import fulfil
from shop.orders.payment.inbox import count_look, keep_event, list_kept
from shop.orders.payment.refund_sync import record_refund
from shop.payments.current import configured_providers, gateway
from shop.payments.errors import InvalidEvent, ObjectUnknown, PaymentUnavailable, SessionUnknown
from shop.payments.gateway import EventKind, GatewayEvent
from shop.shared.inbox import Message, mark_handled, note_failure, store_message

log = logging.getLogger(__name__)

NOTED_EACH = timedelta(minutes=10)
NEVER = datetime.min.replace(tzinfo=UTC)
_noted: WeakKeyDictionary[Engine, datetime] = WeakKeyDictionary()


def receive_event(provider: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Verify, store and handle one message of a provider, in whose rows alone it is believed.

    Raises InvalidSignature or InvalidEvent (400), WebhookNotConfigured (503); any failure while
    handling it is left to become a 500, a busy database a 503, so that the provider sends it again.
    """
    sender = gateway(provider)
    event = sender.parse_event(body, headers, now())
    if event.livemode != sender.livemode:
        raise InvalidEvent("This event is from the other mode, live or test.")
    _note_call()
    handle_event_once(Provider(provider), event)


def _note_call() -> None:
    """Let doctor say when the provider called.

    The row is a hot one: a process asks for it once in NOTED_EACH, and one of them writes it.
    """
    if _noted.get(db.engine, NEVER) > now() - NOTED_EACH:
        return
    _store_call()
    _noted[db.engine] = now()


@retried
def _store_call() -> None:
    due = ShopState.webhook_seen_at.is_(None) | (ShopState.webhook_seen_at < now() - NOTED_EACH)
    with transaction():
        changed(update(ShopState).where(ShopState.id == 1, due).values(webhook_seen_at=now()))


def handle_event_once(provider: Provider, event: GatewayEvent) -> None:
    """Handle an event once, however it came: stored before, marked when it is done.

    One about something that the shop does not know yet stays in the inbox.
    """
    intent = event.payment_intent or ""
    about = (event.id, event.type, event.object_ref, event.livemode, event.payload)
    message = Message(*about, payment_intent=intent)
    if not store_message(provider, message):
        return
    crash_point("after-event")
    process_event(provider, event)


def process_event(provider: Provider, event: GatewayEvent) -> bool:
    """Act on a stored event and mark what became of it; False while its subject is not known."""
    try:
        is_known = handle(provider, event)
    except Exception as error:
        if not isinstance(error, Busy):  # then this could not be written either
            note_failure(provider, event.id, error)
        raise
    crash_point("before-processed")
    if is_known:
        mark_handled(provider, event.id)
    else:
        keep_event(provider, event.id)
    return is_known


def handle_again(row_id: int) -> bool:
    """Handle an event of the inbox once more, whatever became of it; return whether it is done.

    Raises NotFound for one whose content is gone, and as its handler.
    """
    end_read()
    row = db.session.get(WebhookEvent, row_id)
    if row is None or row.payload is None:
        raise NotFound
    provider, payload = Provider(row.provider), row.payload
    end_read()
    count_look(row_id)
    return process_event(provider, gateway(provider).read_event(payload))


def handle_kept_events(ref: str | None = None, row: int | None = None) -> Run[WebhookEvent]:
    """Look again at the events that were kept: all, those about `ref`, or one row of the inbox."""
    end_read()
    kept = list_kept(configured_providers(), ref=ref, row=row)
    end_read()

    def look(event: WebhookEvent) -> None:
        count_look(event.id)
        kept_event = gateway(event.provider).read_event(event.payload or {})
        process_event(Provider(event.provider), kept_event)

    return each(
        "kept events",
        kept,
        look,
        name=lambda event: f"event {event.event_id} ({event.type})",
        away=(PaymentUnavailable,),
        whom=lambda event: event.provider,
    )


def handle(provider: Provider, event: GatewayEvent) -> bool:
    """Act on an event; types without a handler, and objects of others, need nothing.

    Returns False for one about a payment page that no order has: the answer of making the page
    may not be written down yet.
    """
    if event.kind is None:
        return True
    try:
        HANDLERS[event.kind](provider, event)
    except NotFound:
        log.info("event about something unknown", extra={"event": event.id, "type": event.type})
        return False
    except (SessionUnknown, ObjectUnknown):
        log.warning("event about nothing", extra={"event": event.id, "type": event.type})
    return True


def _on_session(provider: Provider, event: GatewayEvent) -> None:
    fulfil(provider, event.object_ref)


def _ensure_payment_recorded(provider: Provider, intent: str | None) -> None:
    """Take in a payment of ours first when news about it overtook the news of it."""
    end_read()
    known = select(Payment.id).where(Payment.provider == provider, Payment.payment_intent == intent)
    if intent is None or db.session.scalar(known.limit(1)) is not None:
        return
    end_read()
    state = gateway(provider).session_for_payment(intent)
    if state is not None and state.is_paid:
        fulfil(provider, state.ref)


def _on_refund(provider: Provider, event: GatewayEvent) -> None:
    end_read()
    refund = gateway(provider).get_refund(event.object_ref)
    _ensure_payment_recorded(provider, refund.payment_intent)
    record_refund(provider, refund)


def _on_charge_refunded(provider: Provider, event: GatewayEvent) -> None:
    if event.payment_intent is None:
        return
    _ensure_payment_recorded(provider, event.payment_intent)
    end_read()
    for refund in gateway(provider).list_refunds(event.payment_intent):
        record_refund(provider, refund)


def _on_dispute(provider: Provider, event: GatewayEvent) -> None:
    end_read()
    dispute = gateway(provider).get_dispute(event.object_ref)
    _ensure_payment_recorded(provider, dispute.payment_intent)
    with transaction():
        order = _paid_by(provider, dispute.payment_intent)
        if order is None:
            return
        order.is_disputed = dispute.is_open or dispute.is_lost
        add_order_event(order.id, "dispute", status=dispute.status, reason=dispute.reason)
        if event.kind is EventKind.DISPUTE_OPENED:
            raise_attention(order, Attention.DISPUTED, about=dispute.ref, because=dispute.reason)


def _paid_by(provider: Provider, intent: str | None) -> Order | None:
    return db.session.scalar(
        select(Order)
        .join(Payment, Payment.order_id == Order.id)
        .where(Payment.provider == provider, Payment.payment_intent == intent)
    )


def _on_fraud_warning(provider: Provider, event: GatewayEvent) -> None:
    """Warn staff; whether to send or to refund is theirs to decide."""
    _ensure_payment_recorded(provider, event.payment_intent)
    with transaction():
        order = _paid_by(provider, event.payment_intent)
        if order is not None:
            raise_attention(order, Attention.FRAUD_WARNING, is_mild=True, because=event.because)


def _on_payment_failed(provider: Provider, event: GatewayEvent) -> None:
    """Note a declined card on the order: shown to staff, nothing else follows."""
    end_read()
    state = gateway(provider).session_for_payment(event.object_ref)
    if state is None or state.attempt_id is None:
        return
    with transaction() as session:
        order_id = session.scalar(
            select(CheckoutAttempt.order_id).where(
                CheckoutAttempt.provider == provider, CheckoutAttempt.id == state.attempt_id
            )
        )
        if order_id is not None:
            add_order_event(order_id, "payment_declined", reason=state.failure or "")


HANDLERS: Mapping[EventKind, Callable[[Provider, GatewayEvent], None]] = {
    EventKind.PAGE: _on_session,
    EventKind.PAYMENT_DECLINED: _on_payment_failed,
    EventKind.PAYMENT_REFUNDED: _on_charge_refunded,
    EventKind.REFUND: _on_refund,
    EventKind.DISPUTE_OPENED: _on_dispute,
    EventKind.DISPUTE: _on_dispute,
    EventKind.FRAUD_WARNING: _on_fraud_warning,
}
