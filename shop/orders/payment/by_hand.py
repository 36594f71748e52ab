"""Money that no machine reports: staff say what came for an order, and what was sent back.

All of it lies in the shop's own database, so each is one transaction, with its trail.
"""

from datetime import date

from sqlalchemy import select

from shop.core import plaintext
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, InvalidTransition, NotFound
from shop.models import CheckoutAttempt, OrderNote, Payment, Provider, Refund
from shop.orders.events import add_order_event
from shop.orders.payment.fulfil import apply_session_state
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.refund_sync import record_refund
from shop.payments.by_hand import ByHand
from shop.payments.current import configured_providers, gateway, is_by_hand

LONGEST_NOTE = 200


def find_awaited(order_id: int) -> CheckoutAttempt | None:
    """Return the attempt for which staff can note that money came, the newest; None for none.

    Also one whose time is over: what comes late came all the same.
    """
    names = [name for name in configured_providers() if is_by_hand(name)]
    is_noted = select(Payment.id).where(Payment.attempt_id == CheckoutAttempt.id)
    return db.session.scalar(
        select(CheckoutAttempt)
        .where(
            CheckoutAttempt.order_id == order_id,
            CheckoutAttempt.provider.in_(names),
            CheckoutAttempt.provider_ref.is_not(None),
            ~is_noted.exists(),
        )
        .order_by(CheckoutAttempt.n.desc())
        .limit(1)
    )


@retried
def receive_payment(
    order_id: int,
    amount: int,
    on: date,
    *,
    attempt_id: str = "",
    note: str = "",
    user_id: int | None = None,
) -> Outcome:
    """Note that `amount` (minor units) came for an order on a day, and do what follows from it.

    `attempt_id`: for which attempt, as the form showed it; "" for the one that is awaited. What
    differs from the total is put before staff, as with every payment. The caller's transaction,
    where there is one, has the cart's row. Raises AlreadyKnown when it was noted before, BadInput,
    and InvalidTransition where no money is awaited, or that of another attempt.
    """
    _check(amount, note)
    with transaction() as session:
        attempt = find_awaited(order_id)
        if attempt is None:
            raise InvalidTransition("No payment is awaited for this order any more.")
        if attempt_id not in ("", attempt.id):
            raise InvalidTransition("Another payment is awaited by now. Look at the order first.")
        desk = _desk(attempt.provider)
        state = desk.receive(attempt.provider_ref or "", amount, on)
        add_order_event(order_id, "received", user_id=user_id, amount=amount, day=on.isoformat())
        if note.strip():
            text = plaintext.prose(note)
            session.add(OrderNote(order_id=order_id, user_id=user_id, text=text))
        return apply_session_state(attempt.provider, state)


def _check(amount: int, note: str) -> None:
    if amount <= 0:
        raise BadInput(amount="Enter an amount above zero.")
    if len(note) > LONGEST_NOTE:
        raise BadInput(note=f"Use at most {LONGEST_NOTE} characters.")


@retried
def settle_refund(
    order_id: int, refund_id: str, *, is_sent: bool, user_id: int | None = None
) -> None:
    """Note that the money of a refund was sent back by hand, or that it will not be.

    Raises NotFound, AlreadyKnown when either was noted before, and InvalidTransition for a refund
    that its provider makes by itself.
    """
    with transaction() as session:
        refund = session.get(Refund, refund_id, with_for_update=True, populate_existing=True)
        if refund is None or refund.order_id != order_id:
            raise NotFound
        told = _desk(refund.provider).settle_refund(refund.provider_ref or "", is_sent=is_sent)
        add_order_event(order_id, "refund_sent" if is_sent else "refund_dropped", user_id=user_id)
        record_refund(refund.provider, told)


def _desk(provider: Provider) -> ByHand:
    desk = gateway(provider).by_hand
    if desk is None:
        raise InvalidTransition("The payment provider does this by itself.")
    return desk
