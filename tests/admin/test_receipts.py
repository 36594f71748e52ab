"""Money that staff see come and send back themselves."""

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.jobs import drain
from shop.models import AuditEntry, PaymentStatus, Refund, RefundState
from shop.orders.services import cancel_order, refund_order, start_payment
from tests.admin.kit import fill_in, order_of, paid_order, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def number(app: Flask, owner: ShopClient) -> str:
    """The number of an order that waits for a transfer of €154.00."""
    with app.app_context():
        kit.offer_transfer()
        placed = kit.place(kit.fill_cart(make_product(price=14800, stock=3)), provider="manual")
        start_payment(placed.order.id, placed.attempt)
        drain()
        return placed.order.number


def decided() -> list[AuditEntry]:
    """Return the trail of orders."""
    return [entry for entry in trail() if entry.object_type == "order"]


def form_of(client: ShopClient, number: str) -> dict[str, str]:
    """Return what the form sends as it stands there."""
    page = client.get(f"/admin/orders/{number}").text
    return shown(page, f'action="/admin/orders/{number}/receipts"')


@both_engines
def test_money_is_noted_in_two_clicks_once(app: Flask, owner: ShopClient, number: str) -> None:
    form, url = form_of(owner, number), f"/admin/orders/{number}/receipts"
    assert (form["amount"], form["day"]) == ("154.00", clock.today("Europe/Paris").isoformat())
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    with app.app_context():
        order = order_of(number)
        assert order.payment_status is PaymentStatus.PAID
        assert len(kit.payments(order.id)) == 1
        [entry] = decided()
        assert entry.action == "orders.receive"
        assert entry.before == {"payment": "processing"}
        assert entry.after is not None
        assert (entry.after["payment"], entry.after["amount"]) == ("paid", 15400)
    page = owner.get(f"/admin/orders/{number}").text
    assert "Money noted as received" in page
    assert "/receipts" not in page
    late = owner.submit(url, {**form, "form_token": "y" * 24}, page="/cart")
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "nothing"), ("amount", "0"), ("day", ""), ("day", "2999-01-01")]
)
def test_nonsense_is_refused_and_kept(
    app: Flask, owner: ShopClient, number: str, field: str, value: str
) -> None:
    form = {**form_of(owner, number), field: value, "note": "Seen"}
    answer = owner.post(f"/admin/orders/{number}/receipts", data=form)
    assert answer.status_code == 422
    assert 'value="Seen"' in answer.text
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.PROCESSING
        assert decided() == []


def test_another_amount_waits_for_a_decision(app: Flask, owner: ShopClient, number: str) -> None:
    form = {**form_of(owner, number), "amount": "150"}
    page = owner.post(f"/admin/orders/{number}/receipts", data=form, follow_redirects=True).text
    assert "€150.00 came for an order of €154.00" in page


def test_late_money_can_be_noted(app: Flask, owner: ShopClient, number: str) -> None:
    with app.app_context():
        cancel_order(order_of(number).id)
    assert "Late money" in owner.get(f"/admin/orders/{number}").text
    owner.post(f"/admin/orders/{number}/receipts", data=form_of(owner, number))
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.PAID


def test_staff_cancel_what_was_not_paid(app: Flask, owner: ShopClient, number: str) -> None:
    page = owner.get(f"/admin/orders/{number}").text
    assert "held until its money comes" in page
    owner.submit(f"/admin/orders/{number}/cancellation", page=f"/admin/orders/{number}")
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.CANCELED


def test_who_may_not_is_not_asked(app: Flask, number: str) -> None:
    looker = sign_in(app, ["orders.view"])
    assert "/receipts" not in looker.get(f"/admin/orders/{number}").text


@pytest.mark.parametrize("outcome", ["sent", "dropped"])
def test_a_refund_is_marked_as_sent_or_canceled(
    app: Flask, owner: ShopClient, number: str, outcome: str
) -> None:
    owner.post(f"/admin/orders/{number}/receipts", data=form_of(owner, number))
    page = owner.get(f"/admin/orders/{number}/refund").text
    assert "You send this money back yourself" in page
    with app.app_context():  # its job has not run
        refund_id = refund_order(order_of(number).id, 100, form_token="once").id
        db.session.rollback()
    order_url = f"/admin/orders/{number}"
    url = f"{order_url}/refunds/{refund_id}/outcome"
    assert "Send this money back yourself" in owner.get(order_url).text
    form = fill_in(owner, order_url, url, outcome=outcome)
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    with app.app_context():
        state = db.session.get_one(Refund, refund_id).state
        assert state is (RefundState.SUCCEEDED if outcome == "sent" else RefundState.CANCELED)
        assert decided()[-1].action == f"orders.refund_{outcome}"
    assert owner.submit(url, {"outcome": "sent"}, page="/cart").status_code == 409
    assert owner.submit(url, {"outcome": "lost"}, page="/cart").status_code == 422


def test_a_refund_whose_provider_is_gone_says_so(
    app: Flask, owner: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = paid_order(app)
    with app.app_context():
        refund_order(order_of(number).id, 100, form_token="once")
        db.session.rollback()
    left = {name: there for name, there in app.extensions["payments"].items() if name == "manual"}
    monkeypatch.setitem(app.extensions, "payments", left)
    assert "its payment provider is not configured" in owner.get(f"/admin/orders/{number}").text
    assert "the refund waits until it is" in owner.get(f"/admin/orders/{number}/refund").text


def test_the_desk_finds_orders_by_way_to_pay(app: Flask, owner: ShopClient, number: str) -> None:
    card = paid_order(app)
    page = owner.get("/admin/orders?view=waiting&provider=manual").text
    assert number in page
    assert card not in page
    assert number not in owner.get("/admin/orders?view=all&provider=sandbox").text


def test_the_settings_say_what_is_offered(owner: ShopClient, number: str) -> None:
    page = owner.get("/admin/settings/bank-transfer").text
    assert kit.IBAN.replace(" ", "") in page
    assert "Bank transfer" in owner.get("/admin/settings/payments").text
    wrong = owner.submit(
        "/admin/settings/bank-transfer", {"transfer_iban": "DE88370400440532013000"},
        page="/admin/settings/bank-transfer",
    )  # fmt: skip
    assert "check digits" in wrong.text


def test_a_receipt_names_the_attempt_of_its_form(
    app: Flask, owner: ShopClient, number: str
) -> None:
    form = form_of(owner, number)
    assert len(form["attempt"]) == 36
    url = f"/admin/orders/{number}/receipts"
    answer = owner.post(url, data={**form, "attempt": "another"})
    assert answer.status_code == 409
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.PROCESSING


def test_what_came_too_much_can_go_back_later(app: Flask, owner: ShopClient, number: str) -> None:
    """Also once its first way back was canceled."""
    page = f"/admin/orders/{number}"
    owner.post(f"{page}/receipts", data={**form_of(owner, number), "amount": "161"})
    owner.post(f"{page}/review", data=fill_in(owner, page, f"{page}/review", decision="complete"))
    with app.app_context():
        drain()
        refund_id = db.session.scalars(select(Refund.id)).one()
    outcome = f"{page}/refunds/{refund_id}/outcome"
    owner.post(outcome, data=fill_in(owner, page, outcome, outcome="dropped"))
    form = shown(owner.get(f"{page}/refund").text, f'action="{page}/refunds"')
    pieces = {name: "0" for name in form if name.startswith("item-")}
    chosen = {name: value for name, value in form.items() if name != "shipping"} | pieces
    preview = owner.post(f"{page}/refunds", data={**chosen, "preview": "1"}).text
    assert "Refund €7.00" in preview
    form = shown(preview, f'action="{page}/refunds"') | {"reason": "duplicate"}
    assert owner.post(f"{page}/refunds", data=form).status_code == 303
    with app.app_context():
        amounts = select(Refund.amount, Refund.state).order_by(Refund.created_at)
        assert db.session.execute(amounts).all() == [
            (700, RefundState.CANCELED),
            (700, RefundState.PENDING),
        ]
