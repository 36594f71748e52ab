"""Placing an order: a cart checked and frozen, its stock held, its first attempt to be paid."""

from dataclasses import dataclass

from sqlalchemy import case, func, insert, or_, select, update

from shop.cart.contents import CartView
from shop.cart.queries import get_cart
from shop.cart.services import forget_draft, touch_cart
from shop.core.clock import now
from shop.core.db import changed, crash_point, db, end_read, retried, transaction
from shop.core.errors import (
    CartEmpty,
    CartError,
    CouponError,
    DeliveryChanged,
    InsufficientStock,
    InvalidTransition,
    PaymentChanged,
    ProductUnavailable,
    TotalsChanged,
)
from shop.coupons.luck import hold_prize, release_prize
from shop.coupons.services import hold_coupon, release_coupon
from shop.customers.booking import note_order
from shop.delivery.queries import why_undelivered
from shop.models import AttemptState, CheckoutAttempt, Order, OrderItem, PaymentStatus
from shop.orders.agreed import check_texts, keep_texts
from shop.orders.checkout_details import CheckoutDetails, snapshot_hash
from shop.orders.events import add_order_event
from shop.orders.limits import check_buyer, check_limits, lock_limits
from shop.orders.number import draw_number
from shop.orders.payment.asked_again import was_asked_again
from shop.orders.payment.attempt import choose_provider, find_live, new_attempt
from shop.orders.payment.fulfil import apply_session_state
from shop.orders.payment.moves import end_attempt, move_payment
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.page import end_page
from shop.orders.snapshot import item_columns, new_items, new_order
from shop.stock.services import move_stock, reserve_stock

CHANGED = "Your bag has changed since. Please send the form again."
MOVED_ON = "Your earlier order has just moved on. Please try again."


class _PendingOrderExists(Exception):
    """The cart has a pending order for something else; its payment page must die first."""

    def __init__(self, order_id: int) -> None:
        self.order_id = order_id


@dataclass(frozen=True)
class PlacedOrder:
    """An order that waits for its payment; `attempt` is None once it needs none."""

    order: Order
    attempt: CheckoutAttempt | None


@retried
def place_order(cart_id: int | None, details: CheckoutDetails) -> PlacedOrder:
    """Make the order of a cart, or return the one that the same cart, prices and form made before.

    A pending order of the same cart for something else is ended first, at the provider, outside
    any transaction; if it turns out to be paid, that order is returned and nothing is made.
    Raises CartEmpty, ProductUnavailable, InsufficientStock, TotalsChanged, DeliveryChanged,
    PaymentChanged, TextsChanged, BadInput (`terms`), CouponError, CartError, PaymentError and
    TooManyRequests, and InvalidTransition for a form whose order is another bag's, and no order of
    the same account; then nothing is held.
    """
    replaces: int | None = None
    while True:
        try:
            return _write_order(cart_id, details, replaces)
        except _PendingOrderExists as other:
            if replaces == other.order_id:
                raise CartError("Another checkout of this bag is still open.") from other
            if _close_page(other.order_id) is Outcome.PAID:
                return PlacedOrder(db.session.get_one(Order, other.order_id), None)
            replaces = other.order_id


def _close_page(order_id: int) -> Outcome:
    """End the payment page of a pending order; its holds wait for the order that replaces it."""
    end_read()
    attempt = find_live(order_id)
    state = end_page(attempt) if attempt else None
    if attempt is None or state is None or not (state.is_paid or state.is_processing):
        return Outcome.DEAD
    apply_session_state(attempt.provider, state)
    return Outcome.PAID


def _write_order(
    cart_id: int | None, details: CheckoutDetails, replaces: int | None
) -> PlacedOrder:
    with transaction() as session:
        if cart_id is None:
            raise CartEmpty
        lock_limits(details)
        touch_cart(cart_id, draft=details.draft)
        cart = get_cart(
            cart_id,
            country=details.country,
            delivery_method_id=details.delivery_method_id,
            user_id=details.user_id,
            email_key=details.email_key,
        )
        same = snapshot_hash(cart, details)
        placed = _find_placed(cart_id, details.checkout_token)
        if placed is not None and _is_same_order(placed[0], same, cart_id, details):
            return PlacedOrder(*placed)
        _check_cart(cart, details)  # first: what cannot be bought ends no page that can be paid
        if placed is not None:
            replaces = _order_to_replace(placed[0], cart_id, replaces)
        number = draw_number()
        if replaces is not None:
            _end_replaced(replaces, details.checkout_token)
        elif placed is not None:
            _detach_from_cart(placed[0].id, details.checkout_token)
        check_buyer(details)
        check_limits(details)
        total = cart.totals.amount_total
        provider = choose_provider(total, cart.currency, details.provider)
        order = new_order(cart, details, same, replaces, number=number, provider=provider)
        session.add(order)
        session.flush()
        crash_point("after-order")
        items = new_items(order.id, cart)
        session.execute(insert(OrderItem), [item_columns(item) for item in items])
        keep_texts(order.id, details)
        add_order_event(order.id, "placed", replaces=replaces)
        attempt = new_attempt(order, items, 1, provider)
        session.flush()
        if cart.coupon is not None:
            hold_coupon(
                order.id,
                cart.coupon.terms.coupon_id,
                user_id=details.user_id,
                email_key=details.email_key,
                amount=order.amount_discount,
            )
            if cart.coupon.terms.is_prize:
                hold_prize(order.id, cart.coupon.terms.coupon_id, cart_id, replaces=replaces)
        if replaces is not None:
            release_prize(replaces)
        wanted = [(line.variant_id, line.quantity) for line in cart.lines if line.is_tracked]
        if replaces is None:
            reserve_stock(order.id, wanted)
        else:
            move_stock(replaces, order.id, wanted, now())
        note_order(order)
        crash_point("after-hold")
    crash_point("after-place-commit")
    return PlacedOrder(order, attempt)


def _is_same_order(order: Order, same: str, cart_id: int, details: CheckoutDetails) -> bool:
    """Return whether the order is what is asked for: for the same things, or no longer open.

    One whose pieces have left the bag, and which waits to be paid anew, is the same to its own
    form alone: like pieces in the bag are others.

    Raises InvalidTransition for one that is neither this bag's nor this account's: whoever knows
    the token of a form is not shown what became of it.
    """
    if order.payment_status is not PaymentStatus.PENDING:
        user_id = details.user_id
        if order.cart_id != cart_id and (user_id is None or order.user_id != user_id):
            raise InvalidTransition(CHANGED)
        forget_draft(cart_id)  # it was erased when the money came
        return True
    if order.snapshot_hash != same:
        return False
    return order.checkout_token == details.checkout_token or not was_asked_again(order.id)


def _order_to_replace(order: Order, cart_id: int, replaces: int | None) -> int | None:
    """Have the pending order ended that the form or the cart has made for something else.

    Returns the order to be replaced; None for one that stays as it is, beside the new one: money
    came for it, and its customer was asked to pay anew.
    """
    if order.cart_id != cart_id:  # it stayed behind when the bags were merged
        raise InvalidTransition(CHANGED)
    if was_asked_again(order.id):
        return None
    if order.id != replaces:
        raise _PendingOrderExists(order.id)
    return replaces


def _end_replaced(order_id: int, token: str) -> None:
    """End the pending order that this one replaces; its page is dead, its holds move on."""
    is_ended = move_payment(
        order_id,
        PaymentStatus.CANCELED,
        among={PaymentStatus.PENDING},
        closed_at=now(),
        hold_until=None,
        checkout_token=func.nullif(Order.checkout_token, token),
    )
    if not is_ended:
        raise CartError(MOVED_ON)
    live = find_live(order_id)
    if live is not None:
        end_attempt(live.id, AttemptState.EXPIRED)
    release_coupon(order_id)
    add_order_event(order_id, "replaced")


def _detach_from_cart(order_id: int, token: str) -> None:
    """Let a pending order wait without the cart, which has one at most; free its form."""
    pending = (Order.id == order_id) & (Order.payment_status == PaymentStatus.PENDING)
    free = func.nullif(Order.checkout_token, token)
    aside = update(Order).where(pending).values(cart_id=None, checkout_token=free)
    if not changed(aside.values(updated_at=now())):
        raise CartError(MOVED_ON)


def _find_placed(cart_id: int, token: str) -> tuple[Order, CheckoutAttempt | None] | None:
    """Return the order this form made, else the cart's pending one, with the newest attempt."""
    pending = (Order.cart_id == cart_id) & (Order.payment_status == PaymentStatus.PENDING)
    is_of_form = Order.checkout_token == token
    row = db.session.execute(
        select(Order, CheckoutAttempt)
        .outerjoin(CheckoutAttempt, CheckoutAttempt.order_id == Order.id)
        .where(or_(is_of_form, pending))
        .order_by(case((is_of_form, 0), else_=1), CheckoutAttempt.n.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _check_cart(cart: CartView, details: CheckoutDetails) -> None:
    if cart.is_empty:
        raise CartEmpty
    for line in cart.lines:
        if not line.is_on_sale:
            raise ProductUnavailable(f"{line.name} is no longer available.")
        if line.is_short:
            raise InsufficientStock(line.name, line.cap, line.variant_id)
    if cart.coupon is not None and cart.coupon.refusal is not None:
        raise CouponError(
            f"The code {cart.coupon.code} cannot be used for this order. "
            "Take it out of your bag to go on."
        )
    if cart.quote is None:
        raise CartError(why_undelivered(cart.country))
    wanted = details.delivery_method_id
    if wanted is not None and cart.quote.method_id != wanted:
        raise DeliveryChanged
    if details.seen_total != cart.totals.amount_total:
        raise TotalsChanged
    check_texts(details)
    _check_way_to_pay(cart, details.provider)


def _check_way_to_pay(cart: CartView, chosen: str) -> None:
    if not cart.is_payable:
        raise CartError("This amount cannot be paid: it is too small or too large.")
    ways = [way.name for way in cart.ways_to_pay]
    if ways and chosen not in ("", *ways):
        raise PaymentChanged
