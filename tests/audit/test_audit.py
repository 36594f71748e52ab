"""A healthy shop passes; every way of breaking the books is found, named and shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import update

from shop.audit.provider import audit_provider
from shop.audit.registry import CHECKS
from shop.audit.services import audit
from shop.cart.coupons import try_luck
from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import changed, transaction
from shop.jobs import drain
from shop.models import (
    Cart,
    CheckoutAttempt,
    Coupon,
    CouponRedemption,
    Customer,
    CustomerSum,
    FulfilmentStatus,
    HoldState,
    LuckEvent,
    LuckySlot,
    MovementKind,
    Order,
    OrderEvent,
    OrderItem,
    Payment,
    PaymentStatus,
    Product,
    ProductVariant,
    RedemptionState,
    Refund,
    RefundItem,
    RefundState,
    SalesSum,
    ShopState,
    StockHold,
    StockMovement,
    Visit,
    VisitStage,
    VisitSum,
)
from shop.orders.services import RefundLine, refund_order, ship_order
from shop.sales.days import keep_days
from shop.settings.services import set_setting
from shop.shared.visits import Seen, store_visits
from tests.conftest import both_engines
from tests.factories import make_product, make_user
from tests.orders import kit

breaks = pytest.mark.no_audit("breaks the books to see whether the audit finds it")


@pytest.fixture
def shop(make_app: Callable[..., Flask]) -> Any:
    """A shop with one order in each state: paid and sent and refunded in part; unpaid; given up."""
    app = make_app()
    with app.app_context():
        kit.open_shop()
        product = make_product(stock=20, price=5000)
        paid, ref = kit.to_payment(kit.fill_cart(product, quantity=3))
        kit.pay(ref)
        item = kit.db.session.query(OrderItem).filter_by(order_id=paid.id).one()
        ship_order(paid.id, {item.id: 1}, carrier="", tracking_number="")
        line = RefundLine(item.id, 1, 5000, is_restocked=True)
        refund_order(paid.id, 5000, form_token="form", lines=[line])
        set_setting("nth_order", "1", user_id=None)
        with_code = kit.fill_cart(product)
        try_luck(with_code, ip="198.51.100.7")
        kit.to_payment(with_code, email="unpaid@example.org")
        waiting, ref = kit.to_payment(kit.fill_cart(product), email="paid@example.org")
        kit.pay(ref)
        make_user("account@example.org")
        drain()
        keep_days()
        store_visits([Seen(today(config().timezone), VisitStage.SEEN, ("192.0.2.7", "Firefox"))])
        yield paid.id, waiting.id


def codes() -> set[str]:
    return {difference.code for difference in audit()}


def spoil(*statements: Any) -> None:
    """Write past every rule, the constraints of the database included (SQLite lets us)."""
    with transaction() as session:
        session.execute(sa.text("PRAGMA ignore_check_constraints = ON"))
        for statement in statements:
            assert changed(statement)


@both_engines
def test_a_healthy_shop_has_no_difference(shop: Any) -> None:
    assert audit() == []
    assert list(audit_provider(days=30)) == []


V, S, P, A = ProductVariant, Order, Payment, CheckoutAttempt
NOW = now()


BROKEN = [
    ("I1", update(V).values(stock_on_hand=-1)),
    ("I1b", update(V).values(stock_reserved=1000)),
    ("I2", update(V).values(stock_on_hand=V.stock_on_hand + 1)),
    ("I2", sa.delete(StockMovement).where(StockMovement.kind == MovementKind.SALE)),
    ("I3", update(V).values(stock_reserved=V.stock_reserved + 1)),
    ("I3", update(StockHold).values(quantity=StockHold.quantity + 1)),
    ("I3b", sa.delete(StockMovement).where(StockMovement.kind == MovementKind.SALE)),
    ("I3c", update(StockMovement).where(StockMovement.quantity < 0).values(quantity=-9)),
    ("I4", update(S).where(S.payment_status == PaymentStatus.PENDING)
           .values(payment_status=PaymentStatus.EXPIRED)),
    ("P2", update(Product).values(on_sale_at=now())),
    ("I4c", update(StockHold).values(state=HoldState.ACTIVE)),
    ("I4b", update(S).where(S.amount_refunded > 0)
            .values(payment_status=PaymentStatus.CANCELED)),
    ("M1", update(S).values(amount_total=S.amount_total + 1)),
    ("M1b", update(S).values(amount_subtotal=S.amount_subtotal + 1,
                             amount_total=S.amount_total + 1)),
    ("M1b", update(OrderItem).values(tax_amount=OrderItem.tax_amount + 1)),
    ("M2", update(A).values(amount=A.amount + 1)),
    ("M2", update(A).values(currency="USD")),
    ("M2b", update(P).values(amount=P.amount + 1)),
    ("M2b", update(S).values(amount_paid=S.amount_paid + 1)),
    ("M4", update(P).values(amount_refunded=P.amount_refunded + 1)),
    ("M4", update(Refund).values(state=RefundState.FAILED)),
    ("M4b", update(S).where(S.amount_refunded > 0).values(amount_refunded=1)),
    ("M4c", update(RefundItem).values(amount=RefundItem.amount + 1)),
    ("M4d", update(OrderItem).values(quantity_refunded=2)),
    ("M4d", update(OrderItem).values(quantity_returned=1)),
    ("F1", update(S).where(S.payment_status == PaymentStatus.PENDING)
           .values(payment_status=PaymentStatus.PAID, paid_at=NOW)),
    ("F1", update(S).values(paid_at=None)),
    ("F2", sa.delete(OrderEvent).where(OrderEvent.kind == "paid")),
    ("F2", update(OrderEvent).where(OrderEvent.kind == "placed").values(kind="paid")),
    ("F3", update(A).values(state="open")),
    ("F3b", update(A).values(state="complete")),
    ("F4", update(S).values(fulfilment_status=FulfilmentStatus.SHIPPED)),
    ("F4b", update(OrderItem).values(quantity_shipped=3)),
    ("F6", update(S).where(S.amount_refunded > 0)
           .values(fulfilment_status=FulfilmentStatus.SHIPPED)),
    ("F6", update(S).values(fulfilment_status=FulfilmentStatus.UNFULFILLED)),
    ("F6", update(OrderItem).where(OrderItem.quantity_shipped > 0)
           .values(quantity_refunded=2)),
    ("F4c", update(S).where(S.amount_refunded > 0)
            .values(payment_status=PaymentStatus.PAID)),
    ("F5", update(P).values(state="mismatch")),
    ("L2", update(ShopState).values(paid_count=ShopState.paid_count + 1)),
    ("K1", update(Cart).values(token_hash=None)),
    ("C1", update(Coupon).values(usage_limit=0)),
    ("C1b", update(Coupon).values(per_customer_limit=0)),
    ("C2", update(Coupon).values(used_count=Coupon.used_count + 1)),
    ("C3", update(CouponRedemption).values(state=RedemptionState.RELEASED)),
    ("C3", sa.delete(CouponRedemption)),
    ("C3", update(CouponRedemption).values(amount=CouponRedemption.amount + 1)),
    ("L1", update(LuckySlot).values(coupon_id=sa.null(), state="redeemed")),
    ("T1", update(S).values(terms_accepted_at=NOW)),
    ("L3", update(LuckySlot).values(state="redeemed")),
    ("L3", sa.delete(LuckEvent)),
    ("P1", update(Product).values(price_from=1)),
    ("S1", update(SalesSum).values(amount_sales=SalesSum.amount_sales + 1)),
    ("S1", update(SalesSum).values(refunds=SalesSum.refunds + 1)),
    ("S1", sa.delete(SalesSum)),
    ("S1", update(S).values(country="DE")),
    ("S2", update(Refund).values(refunded_on=None)),
    ("S2", update(S).values(paid_on=None)),
    ("S4", update(VisitSum).values(visitors=2)),
    ("S4", sa.delete(VisitSum)),
    ("S4", sa.delete(Visit)),
    ("U1", sa.delete(Customer)),
    ("U1", update(Customer).values(last_order_id=None)),
    ("U1", update(S).values(email_key="other@example.org")),
    ("U1", update(Customer).where(Customer.user_id.is_not(None)).values(is_blocked=True)),
    ("U2", sa.delete(CustomerSum)),
    ("U2", update(CustomerSum).values(is_sandbox=~CustomerSum.is_sandbox)),
    ("U2", update(S).values(currency="USD")),
    ("U2", update(S).where(S.amount_refunded > 0).values(amount_refunded=0)),
    ("S3", update(S).where(S.paid_on.is_not(None)).values(paid_on=NOW.date() - timedelta(2))),
]  # fmt: skip


class Undo(Exception):
    """Ends a transaction without its traces."""


def test_every_way_to_break_the_books_is_found(shop: Any) -> None:
    missed = []
    for code, statement in BROKEN:
        with pytest.raises(Undo), transaction():
            spoil(statement)
            found = codes()
            raise Undo
        if code not in found:
            missed.append((code, str(statement), found))
    assert missed == []
    assert codes() == set(), "each was undone"


def test_every_check_is_broken_by_one_of_them() -> None:
    assert {code for code, _ in BROKEN} == {check.code for check in CHECKS} | {"P1", "S3"}


@breaks
def test_the_command_prints_what_differs_and_fails(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    runner: Any = app.test_cli_runner()
    well = runner.invoke(args=["audit"])
    assert (well.exit_code, "no difference" in well.output) == (0, True)
    with app.app_context():
        spoil(update(ShopState).values(paid_count=3))
    ill = runner.invoke(args=["audit"])
    assert ill.exit_code == 1
    assert "L2: The counter of paid orders" in ill.output
    assert "counter=3, orders=0" in ill.output


@breaks
def test_the_provider_is_asked_for_money_and_refunds(shop: Any) -> None:
    _, waiting = shop
    spoil(
        update(Refund).values(state=RefundState.PENDING),
        sa.delete(Payment).where(Payment.order_id == waiting),
    )
    found = {difference.code: difference.row for difference in audit_provider(days=30)}
    assert set(found) == {"F1s", "M4s"}
    assert "here=None, there=" in found["F1s"]
    assert "here=0, there=5000" in found["M4s"]


@both_engines
def test_an_empty_shop_is_right(ctx: Flask) -> None:
    assert audit() == []
