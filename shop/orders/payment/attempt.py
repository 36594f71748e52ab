"""Attempts to have an order paid: their frozen parameters, and what the provider made of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from shop.core.clock import now
from shop.core.db import db, end_read
from shop.core.locales import words_locale
from shop.jobs import enqueue
from shop.models import AttemptState, CheckoutAttempt, Order, OrderItem, Provider
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.checkout_details import SESSION
from shop.orders.payment.inbox import is_awaited, wake
from shop.orders.payment.moves import move_attempt
from shop.payments.current import current_provider, find_gateway, gateway
from shop.payments.gateway import SessionState
from shop.payments.page_request import Line, PageRequest, Shipping
from shop.web.public_url import public_url


def new_attempt(
    order: Order, items: Sequence[OrderItem], n: int, *, are_products_linked: bool = True
) -> CheckoutAttempt:
    """Freeze the parameters of the order's `n`th attempt, in the caller's transaction.

    An order that costs nothing needs no provider. `are_products_linked` refers to the products
    synced to the provider; without it each line describes itself.
    """
    attempt_id, expires_at = str(uuid4()), now() + SESSION
    is_free = order.amount_total == 0
    attempt = CheckoutAttempt(
        id=attempt_id,
        order_id=order.id,
        n=n,
        provider=Provider.FREE if is_free else Provider(current_provider()),
        provider_ref=order.number if is_free else None,
        state=AttemptState.OPEN if is_free else AttemptState.CREATING,
        params={}
        if is_free
        else gateway(current_provider()).build_params(
            _page_request(order, items, attempt_id, expires_at, are_products_linked)
        ),
        amount=order.amount_total,
        currency=order.currency,
        expires_at=expires_at,
    )
    db.session.add(attempt)
    return attempt


def _page_request(
    order: Order, items: Sequence[OrderItem], attempt_id: str, expires_at: datetime, linked: bool
) -> PageRequest:
    site = public_url()
    return PageRequest(
        reference=order.number,
        attempt_id=attempt_id,
        lines=tuple(_line(item, site, linked) for item in items),
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


def _line(item: OrderItem, site: str, linked: bool) -> Line:
    name = f"{item.product_name}, {item.variant_label}" if item.variant_label else item.product_name
    return Line(
        name=name,
        quantity=item.quantity,
        unit_amount=item.unit_amount,
        product_ref=_product_ref(item) if linked else None,
        description=item.brand_name,
        images=(f"{site}/media/{item.cover}-800.webp",) if item.cover else (),
        metadata={"sku": item.sku},
    )


def _product_ref(item: OrderItem) -> str | None:
    """Return the product's id at the present provider; a copy at another one does not count."""
    provider, _, ref = (item.provider_product or "").partition(":")
    return ref if provider == current_provider() else None


def ensure_discount(attempt: CheckoutAttempt) -> None:
    """Have the discount made that the attempt's page refers to. No network without one.

    Raises PaymentError as the gateway does.
    """
    there = gateway(attempt.provider)
    ref = there.discount_of(attempt.params)
    if ref is None:
        return
    amount, code = db.session.execute(
        select(Order.amount_discount, Order.coupon_code).where(Order.id == attempt.order_id)
    ).one()
    end_read()
    there.ensure_discount(ref, amount=amount, currency=attempt.currency, name=code)


def _drop_discount(provider: Provider, params: Mapping[str, Any]) -> None:
    """Queue the end of a discount whose page can no longer be paid."""
    there = find_gateway(provider)
    ref = there.discount_of(params) if there else None
    if ref is not None:
        payload = {"provider": provider, "discount": ref}
        enqueue("orders.drop_discount", payload, dedupe_key=f"drop:{ref}")


def find_live(order_id: int) -> CheckoutAttempt | None:
    """Return the order's one attempt that may still be paid."""
    return db.session.scalar(
        select(CheckoutAttempt).where(
            CheckoutAttempt.order_id == order_id, CheckoutAttempt.state.in_(LIVE_ATTEMPT)
        )
    )


def next_n(order_id: int) -> int:
    """Return the number of the order's next attempt."""
    last = db.session.scalar(
        select(func.max(CheckoutAttempt.n)).where(CheckoutAttempt.order_id == order_id)
    )
    return (last or 0) + 1


def store_session(attempt_id: str, state: SessionState) -> bool:
    """Remember the page that was made for an attempt; False when the attempt has moved on.

    News about the page that came before is looked at again.
    """
    awaited = is_awaited(state.ref).label("is_awaited")
    stored = move_attempt(
        attempt_id, AttemptState.OPEN, awaited, provider_ref=state.ref, session_url=state.url
    )
    if stored is None:
        return False
    if stored.is_awaited:
        wake(state.ref, attempt_id)
    return True


def end_attempt(attempt_id: str, to: AttemptState, **values: Any) -> bool:
    """End an attempt, with its page's discount; False when it had ended in this way before."""
    ended = move_attempt(attempt_id, to, CheckoutAttempt.provider, CheckoutAttempt.params, **values)
    if ended is not None:
        _drop_discount(ended.provider, ended.params)
    return ended is not None


def complete_attempt(attempt_id: str) -> None:
    """Note that an attempt was paid, whatever it was before: money cannot be undone."""
    end_attempt(attempt_id, AttemptState.COMPLETE, is_processing=False)
