"""Attempts to have an order paid: their frozen parameters, and which of them may be paid now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import case, select, update

from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import InvalidTransition
from shop.core.locales import words_locale
from shop.models import AttemptState, CheckoutAttempt, Order, OrderItem, PaymentStatus, Provider
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.checkout_details import HOLD, SESSION
from shop.orders.events import add_order_event
from shop.orders.queries import is_under_review
from shop.payments.current import gateway, offered_providers
from shop.payments.errors import NotPayable
from shop.payments.page_request import Line, PageRequest, Shipping
from shop.web.public_url import public_url


def choose_provider(amount: int, currency: str, wanted: str = "") -> Provider:
    """Return who takes `amount` (minor units) of a new attempt: `wanted`, else the preferred one.

    An order that costs nothing needs no provider. Raises NotPayable where nobody takes it.
    """
    if amount == 0:
        return Provider.FREE
    names = [entry.name for entry in offered_providers(amount, currency)]
    if not names:
        raise NotPayable
    return Provider(wanted if wanted in names else names[0])


def new_attempt(
    order: Order,
    items: Sequence[OrderItem],
    n: int,
    provider: Provider,
    *,
    are_products_linked: bool = True,
) -> CheckoutAttempt:
    """Freeze the parameters of the order's `n`th attempt, in the caller's transaction.

    `are_products_linked` refers to the products synced to the provider; without it each line
    describes itself.
    """
    attempt_id, expires_at = str(uuid4()), now() + SESSION
    is_free = provider is Provider.FREE
    linked_to = provider if are_products_linked else ""
    attempt = CheckoutAttempt(
        id=attempt_id,
        order_id=order.id,
        n=n,
        provider=provider,
        provider_ref=order.number if is_free else None,
        state=AttemptState.OPEN if is_free else AttemptState.CREATING,
        params={}
        if is_free
        else gateway(provider).build_params(
            _page_request(order, items, attempt_id, expires_at, linked_to)
        ),
        amount=order.amount_total,
        currency=order.currency,
        expires_at=expires_at,
    )
    db.session.add(attempt)
    return attempt


def _page_request(
    order: Order, items: Sequence[OrderItem], attempt_id: str, expires_at: datetime, linked_to: str
) -> PageRequest:
    site = public_url()
    return PageRequest(
        reference=order.number,
        attempt_id=attempt_id,
        lines=tuple(_line(item, site, linked_to) for item in items),
        currency=order.currency,
        total=order.amount_total,
        shipping=Shipping(order.delivery_name, order.amount_shipping),
        discount_amount=order.amount_discount,
        expires_at=expires_at,
        success_url=f"{site}/checkout/success",
        cancel_url=f"{site}/checkout/cancel?order={order.number}",
        customer_email=order.email,
        locale=str(words_locale(order.language, order.locale)),
    )


def _line(item: OrderItem, site: str, linked_to: str) -> Line:
    name = f"{item.product_name}, {item.variant_label}" if item.variant_label else item.product_name
    return Line(
        name=name,
        quantity=item.quantity,
        unit_amount=item.unit_amount,
        product_ref=_product_ref(item, linked_to),
        description=item.brand_name,
        images=(f"{site}/media/{item.cover}-800.webp",) if item.cover else (),
        metadata={"sku": item.sku},
    )


def _product_ref(item: OrderItem, linked_to: str) -> str | None:
    """Return the product's id at the provider `linked_to`; a copy at another does not count."""
    provider, _, ref = (item.provider_product or "").partition(":")
    return ref if ref and provider == linked_to else None


def find_live(order_id: int) -> CheckoutAttempt | None:
    """Return the order's one attempt that may still be paid."""
    return db.session.scalar(
        select(CheckoutAttempt).where(
            CheckoutAttempt.order_id == order_id, CheckoutAttempt.state.in_(LIVE_ATTEMPT)
        )
    )


def live_or_next(order_id: int) -> CheckoutAttempt:
    """Return the order's attempt that may be paid, the next one when the last has failed.

    Raises as `write_next`.
    """
    return find_live(order_id) or write_next(order_id)


def _find_last(order_id: int) -> tuple[int, str]:
    """Return the number of the order's newest attempt and its provider; (0, "") for none."""
    newest = (
        select(CheckoutAttempt.n, CheckoutAttempt.provider)
        .where(CheckoutAttempt.order_id == order_id)
        .order_by(CheckoutAttempt.n.desc())
        .limit(1)
    )
    row = db.session.execute(newest).one_or_none()
    return (0, "") if row is None else (row.n, row.provider)


@retried
def write_next(order_id: int, *, are_products_linked: bool = True) -> CheckoutAttempt:
    """Freeze the order's next attempt; the same snapshot, a new key and a later end.

    It goes to the provider of the former one, while that takes new pages. Raises
    InvalidTransition when the order is not to be paid any more.
    """
    until = now() + HOLD
    longest = case((Order.hold_until > until, Order.hold_until), else_=until)
    with transaction() as session:
        held = changed(
            update(Order)
            .where(Order.id == order_id, Order.payment_status == PaymentStatus.PENDING)
            .values(hold_until=longest, updated_at=now())
        )
        if not held:
            raise InvalidTransition
        if is_under_review(order_id):
            raise InvalidTransition("Your payment has come. We are looking at it ourselves.")
        live = find_live(order_id)
        if live is not None:
            return live
        order = session.get_one(Order, order_id)
        items = session.scalars(
            select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
        ).all()
        n, former = _find_last(order_id)
        provider = choose_provider(order.amount_total, order.currency, former)
        add_order_event(order_id, "attempt", n=n + 1)
        return new_attempt(order, items, n + 1, provider, are_products_linked=are_products_linked)
