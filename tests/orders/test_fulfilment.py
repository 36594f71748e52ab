"""What is left to send, where an order's parcels stand, and what becomes of refunded pieces."""

import secrets
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.admin.open_work import open_work
from shop.audit.services import audit
from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, InvalidTransition, NotFound
from shop.jobs import drain
from shop.models import (
    FulfilmentStatus,
    HoldState,
    MailMessage,
    MovementKind,
    Order,
    OrderItem,
    Refund,
    RefundItem,
    RefundState,
    StockHold,
    StockPolicy,
)
from shop.models.order import FULFILMENT_MOVES
from shop.orders.fulfilment import returns, ship
from shop.orders.fulfilment.status import move_fulfilment
from shop.orders.payment.refund_sync import record_refund
from shop.orders.services import (
    RefundLine,
    deliver_order,
    refund_order,
    restock_refund,
    send_refund,
    ship_order,
)
from shop.payments.current import gateway
from shop.stock.services import adjust_stock, claim_stock
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

STATUS = FulfilmentStatus


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def paid(*bought: tuple[object, int], instrument: str = "visa") -> int:
    """Return the id of a paid order of (product, pieces)."""
    token = secrets.token_hex()
    for product, quantity in bought:
        cart_id = kit.fill_cart(product, quantity=quantity, token=token)
    order, ref = kit.to_payment(cart_id)
    kit.pay(ref, instrument)
    return order.id


def items(order_id: int) -> list[OrderItem]:
    """Return the order's lines as they are now."""
    rows = select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def send(order_id: int, item: OrderItem, quantity: int) -> None:
    ship_order(order_id, {item.id: quantity}, carrier="", tracking_number="")


def give_back(order_id: int, item: OrderItem, quantity: int, **line) -> str:
    """Refund pieces of an item; `line`: what else a RefundLine says. Returns the refund's id."""
    amount = max(1, item.unit_amount * quantity - 1)
    lines = [RefundLine(item.id, quantity, amount, **line)]
    refund_id = refund_order(order_id, amount, form_token=secrets.token_hex(8), lines=lines).id
    db.session.close()
    send_refund(refund_id)
    db.session.close()
    return refund_id


def fail(refund_id: str) -> None:
    """Let a refund come back as failed."""
    db.session.close()
    refund = db.session.get_one(Refund, refund_id)
    told = gateway(refund.provider).get_refund(refund.provider_ref or "")
    record_refund(refund.provider, replace(told, status=RefundState.FAILED))
    db.session.close()


def where(order_id: int) -> tuple[FulfilmentStatus, list[int]]:
    """Return the status and what is left of each line, which SQL says as well."""
    left = [item.left_to_send for item in items(order_id)]
    told = select(OrderItem.left_to_send).where(OrderItem.order_id == order_id)
    assert list(db.session.scalars(told.order_by(OrderItem.position))) == left
    return kit.order(order_id).fulfilment_status, left


def held(order_id: int) -> int:
    """Return how many pieces the order is owed."""
    active = select(StockHold.quantity).where(
        StockHold.order_id == order_id, StockHold.state == HoldState.ACTIVE
    )
    return sum(db.session.scalars(active))


# -- what is left to send ----------------------------------------------------------------------


def test_a_piece_that_came_back_hides_none_that_waits() -> None:
    order_id = paid((make_product(), 1), (make_product(), 2))
    a, b = items(order_id)
    send(order_id, a, 1)
    give_back(order_id, a, 1)
    send(order_id, b, 1)
    assert where(order_id) == (STATUS.PARTIALLY_SHIPPED, [0, 1])
    assert open_work().to_send == 1
    send(order_id, b, 1)
    assert where(order_id) == (STATUS.SHIPPED, [0, 0])


def test_an_order_whose_last_pieces_were_refunded_has_been_sent() -> None:
    order_id = paid((make_product(), 1), (make_product(), 2))
    a, b = items(order_id)
    send(order_id, a, 1)
    give_back(order_id, b, 2)
    assert where(order_id) == (STATUS.SHIPPED, [0, 0])
    deliver_order(order_id)
    assert where(order_id)[0] is STATUS.DELIVERED


def test_staff_say_whether_the_refunded_piece_had_been_sent() -> None:
    first, second = paid((make_product(), 2)), paid((make_product(), 2))
    for order_id, returned, left in ((first, 1, 1), (second, None, 0)):
        (a,) = items(order_id)
        send(order_id, a, 1)
        give_back(order_id, a, 1, quantity_returned=returned)
        status = STATUS.PARTIALLY_SHIPPED if left else STATUS.SHIPPED
        assert where(order_id) == (status, [left])


@pytest.mark.parametrize("returned", [0, 2, 3, -1])
def test_no_more_can_have_been_sent_or_wait_than_there_are(returned: int) -> None:
    order_id = paid((make_product(), 3))
    (a,) = items(order_id)
    send(order_id, a, 2)
    give_back(order_id, a, 1, quantity_returned=1)
    with pytest.raises(BadInput):  # one is unsent, one is with the customer
        give_back(order_id, a, 2, quantity_returned=returned)
    assert where(order_id) == (STATUS.PARTIALLY_SHIPPED, [1])
    give_back(order_id, a, 2, quantity_returned=1)
    assert where(order_id) == (STATUS.SHIPPED, [0])


@pytest.mark.parametrize("is_delivered", [False, True])
def test_pieces_whose_refund_failed_are_to_be_sent_again(*, is_delivered: bool) -> None:
    order_id = paid((make_product(), 2), instrument="refund_fails")
    (a,) = items(order_id)
    send(order_id, a, 1)
    refund = give_back(order_id, a, 1)
    assert where(order_id) == (STATUS.SHIPPED, [0])
    if is_delivered:
        deliver_order(order_id)
    fail(refund)
    assert where(order_id) == (STATUS.PARTIALLY_SHIPPED, [1])
    send(order_id, a, 1)
    assert where(order_id) == (STATUS.SHIPPED, [0])
    deliver_order(order_id)
    drain()
    told = select(func.count(MailMessage.id)).where(MailMessage.kind == "order_delivered")
    assert db.session.scalar(told) == 1 + is_delivered


def test_a_failed_refund_of_pieces_that_came_back_leaves_nothing_to_send() -> None:
    order_id = paid((make_product(), 2), instrument="refund_fails")
    (a,) = items(order_id)
    send(order_id, a, 2)
    fail(give_back(order_id, a, 1))
    assert where(order_id) == (STATUS.SHIPPED, [0])
    assert items(order_id)[0].quantity_returned == 0


@both_engines
@pytest.mark.no_audit("a control: the former rule summed lines, those below 0 too")
def test_control_the_audit_sees_an_order_that_is_sent_with_a_piece_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def follow_sum(order_id: int) -> None:
        lines = items(order_id)
        left = sum(i.quantity - i.quantity_shipped - i.quantity_refunded for i in lines)
        move_fulfilment(order_id, STATUS.PARTIALLY_SHIPPED if left else STATUS.SHIPPED)

    order_id = paid((make_product(), 1), (make_product(), 2))
    a, b = items(order_id)
    send(order_id, a, 1)
    give_back(order_id, a, 1)
    assert audit() == []
    monkeypatch.setattr(ship, "follow_items", follow_sum)
    send(order_id, b, 1)
    assert where(order_id) == (STATUS.SHIPPED, [0, 1])
    assert [difference.code for difference in audit()] == ["F6"]


# -- the table of moves ------------------------------------------------------------------------


@both_engines
@pytest.mark.no_audit("statuses are set without parcels", "F4", "F6")
def test_only_the_moves_of_the_table_are_made() -> None:
    order_id = paid((make_product(), 1))
    for start in STATUS:
        for target in STATUS:
            with transaction():
                mine = Order.id == order_id
                changed(update(Order).where(mine).values(fulfilment_status=start))
            if target in FULFILMENT_MOVES[start]:
                with transaction():
                    move_fulfilment(order_id, target)
                assert kit.order(order_id).fulfilment_status is target
                continue
            with pytest.raises(InvalidTransition), transaction():
                move_fulfilment(order_id, target)
            assert kit.order(order_id).fulfilment_status is start


# -- what is owed ------------------------------------------------------------------------------


def made_to_order(stock: int = 0):
    return make_product(variants=[{"stock": stock, "stock_policy": StockPolicy.CONTINUE}])


@pytest.mark.parametrize("is_restocked", [False, True])
def test_nothing_is_held_for_a_made_to_order_piece_that_was_refunded(*, is_restocked: bool) -> None:
    product = made_to_order()
    order_id = paid((product, 2))
    (a,) = items(order_id)
    send(order_id, a, 1)
    assert (held(order_id), kit.stock(product.variants[0].id)) == (1, (0, 1))
    give_back(order_id, a, 1, is_restocked=is_restocked)
    deliver_order(order_id)
    assert (held(order_id), kit.stock(product.variants[0].id)) == (0, (0, 0))


def test_what_is_owed_never_exceeds_what_is_left_to_send() -> None:
    product = made_to_order(stock=1)
    order_id = paid((product, 4))
    (a,) = items(order_id)
    assert held(order_id) == 3
    send(order_id, a, 2)
    assert held(order_id) == 2
    give_back(order_id, a, 1)
    assert held(order_id) == 1
    send(order_id, a, 1)
    assert (held(order_id), kit.stock(product.variants[0].id)) == (0, (0, 0))


@both_engines
@pytest.mark.no_audit("a control: a refund forgives nothing, as formerly without restock")
def test_control_the_audit_sees_a_hold_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = paid((made_to_order(), 2))
    (a,) = items(order_id)
    send(order_id, a, 1)
    assert audit() == []
    monkeypatch.setattr(returns, "reduce_owed", lambda *_: 0)
    give_back(order_id, a, 1)
    deliver_order(order_id)
    assert [difference.code for difference in audit()] == ["I4c"]


@both_engines
def test_a_made_to_order_piece_whose_refund_failed_is_owed_again() -> None:
    product = made_to_order()
    order_id = paid((product, 2), instrument="refund_fails")
    (a,) = items(order_id)
    send(order_id, a, 1)
    fail(give_back(order_id, a, 1))
    assert (held(order_id), kit.stock(product.variants[0].id)) == (1, (0, 1))
    send(order_id, a, 1)
    assert (held(order_id), kit.stock(product.variants[0].id)) == (0, (0, 0))


@both_engines
def test_refunds_that_fail_one_after_the_other_owe_each_piece_once() -> None:
    """Also where pieces that were sent never lay on the shelf, and one refund names no piece."""
    product = made_to_order()
    order_id = paid((product, 4), instrument="refund_fails")
    variant_id = product.variants[0].id
    (a,) = items(order_id)
    send(order_id, a, 2)
    of_a_piece, of_money = give_back(order_id, a, 1), refund_order(order_id, 1, form_token="1").id
    send_refund(of_money)
    for refund_id in (of_a_piece, of_money):
        fail(refund_id)
    assert (held(order_id), kit.stock(variant_id)) == (2, (0, 2))
    adjust_stock(variant_id, 5, MovementKind.RESTOCK, "", None)
    send(order_id, a, 1)
    assert (held(order_id), kit.stock(variant_id)) == (1, (4, 1))
    lost = give_back(order_id, a, 2, quantity_returned=1)
    fail(give_back(order_id, a, 1, is_restocked=True, quantity_returned=1))
    assert (held(order_id), kit.stock(variant_id)) == (0, (4, 0))
    fail(lost)
    assert (held(order_id), kit.stock(variant_id)) == (0, (3, 0))


@both_engines
def test_a_whole_refund_that_fails_owes_what_it_let_go() -> None:
    """Of three pieces one was sent as it was made, one is on the shelf for them, one is owed."""
    product = made_to_order()
    order_id = paid((product, 3), instrument="refund_fails")
    variant_id = product.variants[0].id
    (a,) = items(order_id)
    send(order_id, a, 1)
    adjust_stock(variant_id, 1, MovementKind.RESTOCK, "", None)
    claim_stock(order_id, now())
    assert (held(order_id), kit.stock(variant_id)) == (1, (0, 1))
    order = db.session.get_one(Order, order_id)
    whole = refund_order(order_id, order.amount_paid, form_token="all").id
    send_refund(whole)
    assert (held(order_id), kit.stock(variant_id)) == (0, (0, 0))
    fail(whole)
    assert (held(order_id), kit.stock(variant_id)) == (1, (0, 1))


# -- back to stock -----------------------------------------------------------------------------


@both_engines
def test_unsent_pieces_of_an_order_that_was_sent_in_part_go_back_to_stock() -> None:
    product = make_product(stock=3)
    order_id = paid((product, 3))
    (a,) = items(order_id)
    send(order_id, a, 1)
    give_back(order_id, a, 2, is_restocked=True)
    assert kit.stock(product.variants[0].id) == (2, 0)
    assert db.session.scalars(select(RefundItem.quantity_restocked)).all() == [2]


def test_pieces_go_back_to_stock_later_and_once() -> None:
    product, other = make_product(stock=4), make_product(stock=2)
    order_id = paid((product, 3), (other, 1))
    a, b = items(order_id)
    send(order_id, a, 1)
    refund_id = give_back(order_id, a, 3)
    beside = give_back(order_id, b, 1)
    assert kit.stock(product.variants[0].id) == (1, 0)
    assert restock_refund(order_id, refund_id) == 3
    assert kit.stock(product.variants[0].id) == (4, 0)
    for wrong, refusal in ((refund_id, InvalidTransition), ("unknown", NotFound)):
        with pytest.raises(refusal):
            restock_refund(order_id, wrong)
    with pytest.raises(NotFound):
        restock_refund(paid((make_product(), 1)), beside)
    assert kit.stock(product.variants[0].id) == (4, 0)
    assert kit.stock(other.variants[0].id) == (1, 0)


def test_a_refund_that_fails_takes_back_what_went_to_stock_later() -> None:
    product = make_product(stock=3)
    order_id = paid((product, 3), instrument="refund_fails")
    (a,) = items(order_id)
    send(order_id, a, 1)
    refund_id = give_back(order_id, a, 2, quantity_returned=1)
    restock_refund(order_id, refund_id)
    assert kit.stock(product.variants[0].id) == (2, 0)
    fail(refund_id)
    assert kit.stock(product.variants[0].id) == (0, 0)
    assert where(order_id) == (STATUS.PARTIALLY_SHIPPED, [2])
    with pytest.raises(InvalidTransition):
        restock_refund(order_id, refund_id)


@both_engines
def test_what_was_never_on_the_shelf_is_not_put_there() -> None:
    product = made_to_order()
    order_id = paid((product, 2))
    (a,) = items(order_id)
    refund_id = give_back(order_id, a, 1)
    with pytest.raises(InvalidTransition):
        restock_refund(order_id, refund_id)
    assert (held(order_id), kit.stock(product.variants[0].id)) == (1, (0, 1))
