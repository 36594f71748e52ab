"""The desk of customers: found, read, blocked, erased; nothing without its permission."""

import importlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.admin.customers.services import block_customer
from shop.admin.staff_actions import Staff
from shop.auth.services import sign_in
from shop.auth.sessions import open_session
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, CartError
from shop.jobs import drain
from shop.models import (
    Customer,
    CustomerNote,
    MailMessage,
    Order,
    Provider,
    Role,
    User,
    UserSession,
)
from shop.orders.services import cancel_order, fulfil
from shop.settings.services import set_settings
from tests.admin.kit import fill_in, order_of, trail, twice
from tests.admin.kit import sign_in as sign_in_as
from tests.auth.conftest import HERE
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_product, make_user
from tests.orders import kit
from tests.races.race_kit import in_app, together
from tests.sql import counted

GUEST = "gaia@example.org"


def sell(email: str = GUEST, *, is_paid: bool = True, **details: object) -> str:
    """Sell a piece for 200.00; return the order's number."""
    bag = kit.fill_cart(make_product(price=20000, stock=9))
    order, ref = kit.to_payment(bag, email=email, **details)
    if is_paid:
        kit.pay(ref)
        fulfil(Provider.SANDBOX, ref)
    return order.number


def customer_of(email: str) -> int:
    """Return the id of the customer with this address."""
    db.session.rollback()
    return db.session.scalars(select(Customer.id).where(Customer.email == email)).one()


def page_of(app: Flask, email: str) -> str:
    with app.app_context():
        return f"/admin/customers/{customer_of(email)}"


def press(client: ShopClient, page: str, action: str, **typed: str) -> int:
    """Send the form of a page with this action; return the answer's status."""
    return client.post(action, data=fill_in(client, page, action, **typed)).status_code


@pytest.fixture
def ada(app: Flask, owner: ShopClient) -> int:
    """A customer with an account, and what they bought for 400.00."""
    with app.app_context():
        user = make_user("ada@example.org", name="Ada Lovelace")
        for _ in range(2):
            sell("ada@example.org", user_id=user.id)
        return user.id


@pytest.fixture
def keeper(app: Flask, owner: ShopClient) -> ShopClient:
    """A colleague who may change customers, and no owner."""
    return sign_in_as(app, ["customers.view", "customers.edit", "customers.erase", "orders.view"])


@both_engines
def test_customers_are_found_and_told_apart(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        user = make_user("ada@example.org", name="Ada Lovelace")
        sell("ada@example.org", user_id=user.id)
        number = sell()
        sell("firm@example.org", address={"company": "Flux & Fils"})
        sell("firm@example.org", address={"company": "Flux & Fils"})
        sell("firm@example.org", address={"company": "Flux & Fils"})
        make_user("new@example.org")
        set_settings({"tier_silver_from": "300", "tier_gold_from": "600"}, user_id=None)
        with transaction():
            changed(update(Customer).where(Customer.key == GUEST).values(is_blocked=True))

    owner.get("/admin/customers")  # what every page needs is loaded

    def emails(query: str) -> list[str]:
        with counted(app) as statements:
            text = owner.get(f"/admin/customers{query}").text
        assert len(statements) <= 6
        main = text.split("<main")[1]
        known = ("ada@", "gaia@", "firm@", "new@")
        return sorted((n for n in known if n in main), key=main.index)

    assert emails("") == ["new@", "firm@", "gaia@", "ada@"]
    assert emails("?sort=spend")[0] == "firm@"
    assert emails("?tier=gold") == ["firm@"]
    assert emails("?tier=silver") == []
    assert emails("?tier=bronze") == ["gaia@", "ada@"]
    assert emails("?view=guests") == ["firm@", "gaia@"]
    assert emails("?view=accounts") == ["new@", "ada@"]
    assert emails("?view=business") == ["firm@"]
    assert emails("?view=blocked") == ["gaia@"]
    assert emails("?q=lovelace+ada") == ["ada@"]
    assert emails("?q=camille") == ["firm@", "gaia@", "ada@"]
    assert emails("?q=GAIA@example.org") == ["gaia@"]
    assert emails(f"?q={number.lower()}") == ["gaia@"]
    assert emails("?q=%25") == emails("?q=nobody") == []
    assert "No customer matches" in owner.get("/admin/customers?q=nobody").text
    assert emails("?page=2") == []
    assert emails("?view=x&tier=x&sort=x&page=x") == ["new@", "firm@", "gaia@", "ada@"]


@both_engines
def test_the_search_goes_to_the_customer(app: Flask, owner: ShopClient, ada: int) -> None:
    with app.app_context():
        number = sell()
    for typed, email in (("ADA@example.org", "ada@example.org"), (GUEST, GUEST)):
        assert owner.get(f"/admin/find?q={typed}").location == page_of(app, email)
    assert owner.get("/admin/find?q=x@y.z").location == "/admin/customers?q=x%40y.z"
    page = owner.get(page_of(app, GUEST)).text
    assert page.index("Last order") < page.index(number)
    orders_only = sign_in_as(app, ["orders.view"])
    assert orders_only.get(f"/admin/find?q={GUEST}").location == f"/admin/orders/{number}"


@both_engines
def test_a_page_says_what_was_bought_and_what_is_missing(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        first = make_user("ada@example.org")
        sell("ada@example.org", user_id=first.id)
        sell("ada@example.org", is_paid=False, user_id=first.id)
        sell("ada@example.org")
        mine = select(Customer.id).where(Customer.user_id == first.id)
        here = f"/admin/customers/{db.session.scalars(mine).one()}"
    page = owner.get(here).text
    assert "€200.00</b>" in page
    assert "€300.00 more, and they are Silver." in page
    assert "Awaiting payment" in page
    assert "Orders of a guest with the same address" in page
    with app.app_context():
        set_settings({"tier_silver_from": "0", "tier_gold_from": "200"}, user_id=None)
    assert "The highest tier." in owner.get(here).text
    assert owner.get("/admin/customers/99999").status_code == 404
    assert owner.get(f"{here}?page=2").status_code == 200


@both_engines
def test_who_is_blocked_neither_signs_in_nor_orders(
    app: Flask, owner: ShopClient, ada: int
) -> None:
    with app.app_context():
        bag = kit.fill_cart(make_product(price=20000, stock=9))
        token = open_session(ada, "tests")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = token
    assert "€100.00 more for Silver" in client.get("/account").text
    here = page_of(app, "ada@example.org")
    question = owner.get(f"{here}/block").text
    assert "signed out at once" in question
    answers = twice(owner, f"{here}/block", fill_in(owner, f"{here}/block", f"{here}/block"))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert client.get("/account").status_code == 302
    with app.app_context():
        assert [entry.action for entry in trail()].count("customers.block") == 1
        with pytest.raises(BadInput):
            sign_in("ada@example.org", PASSWORD, HERE)
        for details in ({"user_id": ada}, {"email": "ADA@example.org"}):
            with pytest.raises(CartError, match="get in touch"):
                kit.place(bag, **{"email": "other@example.org", **details})
        assert db.session.scalars(select(Order.id).where(Order.cart_id == bag)).all() == []
    assert press(owner, here, f"{here}/block/end") == 303
    with app.app_context():
        assert sign_in("ada@example.org", PASSWORD, HERE)
        assert kit.place(bag, email="ada@example.org", user_id=ada).order.id


@both_engines
def test_a_guest_is_blocked_by_address(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        number = sell(is_paid=False)
    here = page_of(app, GUEST)
    assert number in owner.get(f"{here}/block").text
    assert press(owner, f"{here}/block", f"{here}/block") == 303
    with app.app_context():
        cancel_order(order_of(number).id)
        with pytest.raises(CartError, match="get in touch"):
            sell()
        user = make_user(GUEST)
        with pytest.raises(CartError, match="get in touch"):
            sell(GUEST, user_id=user.id)
    assert (
        owner.post(f"{here}/sessions/end", data={"csrf_token": owner.token(here)}).status_code
        == 409
    )


@both_engines
def test_a_sign_in_and_a_block_at_once_leave_no_session(app: Flask) -> None:
    with app.app_context():
        owner, ada = make_user(is_owner=True), make_user("ada@example.org")
        who = customer_of("ada@example.org")

    def block() -> None:
        block_customer(who, is_blocked=True, staff=Staff(owner.id))

    entering = [in_app(app, sign_in, "ada@example.org", PASSWORD, HERE) for _ in range(3)]
    together([*entering, in_app(app, block)])
    with app.app_context():
        mine = select(UserSession.id).where(UserSession.user_id == ada.id)
        assert db.session.scalars(mine).all() == []
        assert not db.session.get_one(User, ada.id).is_active


@both_engines
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "control"])
def test_a_block_after_the_password_was_checked_leaves_no_session(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, is_guarded: bool
) -> None:
    with app.app_context():
        owner, ada = make_user(is_owner=True), make_user("ada@example.org")
        who = customer_of("ada@example.org")
    entering = importlib.import_module("shop.auth.services.sign_in")
    really = entering._enter

    def block() -> None:
        block_customer(who, is_blocked=True, staff=Staff(owner.id))

    def enter(user: User, fresh_hash: str, *rest: Any) -> object:
        together([in_app(app, block)])
        if is_guarded:
            return really(user, fresh_hash, *rest)
        with transaction():
            return entering._complete_sign_in(user.id, user.email, rest[0], is_new=False)

    monkeypatch.setattr(entering, "_enter", enter)
    (answer,) = together([in_app(app, sign_in, "ada@example.org", PASSWORD, HERE)])
    with app.app_context():
        mine = select(UserSession.id).where(UserSession.user_id == ada.id)
        assert len(db.session.scalars(mine).all()) == (0 if is_guarded else 1)
    assert isinstance(answer, BadInput) is is_guarded


@both_engines
def test_an_account_is_erased_once_nothing_waits(app: Flask, owner: ShopClient, ada: int) -> None:
    with app.app_context():
        number = sell("ada@example.org", is_paid=False, user_id=ada)
    here = page_of(app, "ada@example.org")
    assert press(owner, here, f"{here}/notes", note="Call her <b>first</b>") == 303
    refused = owner.get(f"{here}/erasure").text
    assert number in refused
    assert "Erase the account</button>" not in refused
    late = {"csrf_token": owner.token(here), "form_token": "x" * 24}
    assert owner.post(f"{here}/erasure", data=late).status_code == 409
    with app.app_context():
        assert db.session.get(User, ada)
        cancel_order(order_of(number).id)
    form = fill_in(owner, f"{here}/erasure", f"{here}/erasure")
    assert [answer.status_code for answer in twice(owner, f"{here}/erasure", form)] == [303, 303]
    assert owner.get(here).status_code == 404
    with app.app_context():
        assert db.session.get(User, ada) is None
        assert db.session.scalars(select(CustomerNote)).all() == []
        assert (
            len(db.session.scalars(select(Order).where(Order.email_key == "ada@example.org")).all())
            == 3
        )
        assert "ada" not in str([(entry.before, entry.after) for entry in trail()])
    page = owner.get(page_of(app, "ada@example.org")).text
    assert "€400.00</b>" in page
    assert "Guest" in page


def test_notes_resets_and_sign_outs(app: Flask, owner: ShopClient, ada: int) -> None:
    here = page_of(app, "ada@example.org")
    form = fill_in(owner, here, f"{here}/notes", note="Likes <i>roses</i>")
    twice(owner, f"{here}/notes", form)
    assert owner.get(here).text.count("Likes &lt;i&gt;roses&lt;/i&gt;") == 1
    for wrong in ("  ", "x" * 2001):
        assert press(owner, here, f"{here}/notes", note=wrong) == 422
    twice(owner, f"{here}/password", fill_in(owner, here, f"{here}/password"))
    with app.app_context():
        drain()
        sent = select(MailMessage.kind).where(MailMessage.to_address == "ada@example.org")
        assert db.session.scalars(sent).all().count("password_reset") == 1
        open_session(ada, "tests")
    assert press(owner, here, f"{here}/sessions/end") == 303
    with app.app_context():
        assert db.session.scalars(select(UserSession).where(UserSession.user_id == ada)).all() == []
        actions = [entry.action for entry in trail()]
        assert actions == ["customers.note", "customers.reset_password", "customers.end_sessions"]
    for _ in range(3):
        assert press(owner, here, f"{here}/password") == 303
    assert press(owner, here, f"{here}/password") == 429


def test_colleagues_are_for_owners_and_owners_for_nobody(
    app: Flask, owner: ShopClient, keeper: ShopClient, ada: int
) -> None:
    with app.app_context():
        packer = make_user("packer@example.org", permissions=["orders.view"])
        king = make_user("king@example.org", is_owner=True)
        me = db.session.scalars(select(User.id).order_by(User.id)).first()
        own = db.session.scalars(select(Customer.id).where(Customer.user_id == me)).one()
    actions = ("block", "erasure", "sessions/end", "password")

    def answers(client: ShopClient, here: str) -> list[int]:
        data = {"csrf_token": client.token("/admin/customers")}
        return [client.post(f"{here}/{action}", data=data).status_code for action in actions]

    for email in ("packer@example.org", "king@example.org"):
        assert answers(keeper, page_of(app, email)) == [403] * 4
        assert "Block…" not in keeper.get(page_of(app, email)).text
    assert answers(owner, page_of(app, "king@example.org")) == [403] * 4
    assert answers(owner, f"/admin/customers/{own}") == [409] * 4
    assert press(owner, f"{page_of(app, 'packer@example.org')}/block",
                 f"{page_of(app, 'packer@example.org')}/block") == 303  # fmt: skip
    with app.app_context():
        assert db.session.get_one(User, king.id).is_active
        assert not db.session.get_one(User, packer.id).is_active


def test_each_role_does_what_it_may_and_stops_at_once(
    app: Flask, owner: ShopClient, ada: int
) -> None:
    here = page_of(app, "ada@example.org")
    reader = sign_in_as(app, ["customers.view"])
    page = reader.get(here).text
    for what in ("Block…", "Erase the account…", "Send a link", 'name="note"', "/admin/orders/"):
        assert what not in page
    data = {"csrf_token": reader.token("/admin/customers"), "note": "x"}
    for action in ("notes", "block", "block/end", "sessions/end", "password", "erasure"):
        assert reader.post(f"{here}/{action}", data=data).status_code == 403
    for question in ("block", "erasure"):
        assert reader.get(f"{here}/{question}").status_code == 403
    assert sign_in_as(app, ["orders.view"]).get("/admin/customers").status_code == 403
    editor = sign_in_as(app, ["customers.view", "customers.edit"])
    form = fill_in(editor, f"{here}/block", f"{here}/block")
    with app.app_context(), transaction():
        changed(update(Role).values(permissions=["customers.view"]).where(~Role.is_owner))
    assert editor.post(f"{here}/block", data=form).status_code == 403
    with app.app_context():
        assert db.session.get_one(User, ada).is_active
