"""One identity for an e-mail address: what is somebody else's mailbox stays somebody else's."""

from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.account.services import adopt_guest_orders
from shop.auth.services import make_reset_token, request_email_change, sign_in
from shop.core import clock
from shop.core.db import db
from shop.core.emails import clean_email, normalise_email
from shop.core.errors import BadInput
from shop.jobs import drain
from shop.mail.reach import reachable_email
from shop.models import MailMessage, Order, User
from shop.settings.queries import shop_settings
from shop.settings.services import set_setting
from tests.auth.conftest import HERE
from tests.checkout.test_pages import add, check_out
from tests.client import ShopClient
from tests.factories import PASSWORD, make_product, make_user
from tests.mail.conftest import Inbox
from tests.orders import kit
from tests.processes import free_port

UNREACHED = "letters such as é before the @"
APART = [
    ("anna@straße.de", "anna@strasse.de"),
    ("anna@faß.example", "anna@fass.example"),
    ("a@σίγμας.gr", "a@σίγμασ.gr"),
    ("weiß@example.com", "weiss@example.com"),
    ("\u0131da@example.com", "ida@example.com"),
    ("\u0130da@example.com", "ida@example.com"),
    ("ﬁne@example.com", "fine@example.com"),
    ("ａnna@example.com", "anna@example.com"),
    ("Élodie@example.com", "élodie@example.com"),
    ("²@example.com", "2@example.com"),
]
SAME = [
    ("Anna@Straße.DE", "anna@xn--strae-oqa.de"),
    ("anna@STRAẞE.de", "anna@straße.de"),
    ("anna@XN--STRAE-OQA.de", "anna@straße.de"),
    ("anna@ｅｘａｍｐｌｅ。com", "ANNA@example.com"),
    ("e\u0301lodie@example.com", "élodie@example.com"),
    ("\u202aanna@example.com\u202c ", "anna@example.com"),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_mailboxes_have_other_keys(one: str, other: str) -> None:
    assert normalise_email(one) != normalise_email(other)
    assert normalise_email(clean_email(one)) != normalise_email(clean_email(other))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_mailbox_has_one_key_however_it_is_typed(one: str, other: str) -> None:
    assert normalise_email(one) == normalise_email(other) == normalise_email(clean_email(one))
    assert clean_email(one).rpartition("@")[2].isascii()


@pytest.mark.parametrize(
    "text", ["", "anna", "anna@", "@example.com", "\u212aelvin@example.com", "a@b_c.de",
             "a@-x.de", "a@xn--a.de", "a" * 60 + "@" + ".".join(["ü" * 40] * 5) + ".de"]
)  # fmt: skip
def test_what_is_no_address_is_refused_and_has_a_key_all_the_same(text: str) -> None:
    with pytest.raises(BadInput):
        clean_email(text)
    assert isinstance(normalise_email(text), str)


def buy(app: Flask, email: str) -> TestResponse:
    """Let a new guest send the checkout form."""
    with app.app_context():
        product = make_product()
    client = app.test_client()
    assert isinstance(client, ShopClient)
    add(client, product)
    return check_out(client, email=email)


def test_a_neighbour_by_spelling_gets_nothing(app: Flask) -> None:
    with app.app_context():
        kit.open_shop()
        neighbour = make_user("anna@strasse.de", email_verified_at=clock.now())
    assert buy(app, "Anna@Straße.de").status_code == 303
    with app.app_context():
        order = db.session.scalars(select(Order)).one()
        assert (order.email, order.email_key) == ("Anna@xn--strae-oqa.de", "anna@xn--strae-oqa.de")
        assert adopt_guest_orders(neighbour.id) == 0
        assert make_reset_token(order.email_key) is None
        mine = make_user("anna@straße.de", email_verified_at=clock.now())
        assert adopt_guest_orders(mine.id) == 1
        assert sign_in("anna@STRAßE.de", PASSWORD, HERE).user_id == mine.id
        assert sign_in("anna@strasse.de", PASSWORD, HERE).user_id == neighbour.id


@pytest.fixture(params=[True, False], ids=["SMTPUTF8", "ASCII"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Inbox, bool]]:
    box = Inbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=request.param)
    controller.start()
    yield box, request.param
    controller.stop()


def test_an_address_that_our_server_cannot_reach_is_refused_at_the_form(
    make_app: Callable[..., Flask], server: tuple[Inbox, bool]
) -> None:
    inbox, is_taken = server
    app = make_app(MAIL_URL=f"smtp://127.0.0.1:{inbox.port}", MAIL_FROM="shop@maison.example")
    with app.app_context():
        kit.open_shop()
        make_user("ünal@example.com")  # from before: whoever has an account may sign in
        assert sign_in("ünal@example.com", PASSWORD, HERE)
        ada = make_user("ada@example.com")
    answers = [buy(app, "zoë@example.com")]
    for page, email in (("/register", "josé@example.com"), ("/login", "joão@example.com")):
        client = app.test_client()
        assert isinstance(client, ShopClient)
        form = {"email": email, "password": "wandering teapot"}
        answers.append(client.submit(page, form, page=page))
    assert {answer.status_code for answer in answers} == {303 if is_taken else 422}
    assert all((UNREACHED in answer.text) is not is_taken for answer in answers)
    with app.app_context():
        if is_taken:
            drain()
            assert "josé@example.com" in {rcpt for e in inbox.envelopes for rcpt in e.rcpt_tos}
            return
        with pytest.raises(BadInput):
            request_email_change(ada.id, "josé@example.com", PASSWORD, "192.0.2.7")
        assert db.session.scalars(select(Order)).all() == []
        assert len(db.session.scalars(select(User)).all()) == 2
        assert db.session.scalars(select(MailMessage)).all() == []


def test_a_server_that_does_not_answer_is_asked_again_later(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    with app.app_context():
        assert reachable_email("jose@example.com")  # nothing has to be asked
        for _ in range(2):
            with pytest.raises(BadInput):
                reachable_email("josé@example.com")
    box = Inbox(port=int(app.extensions["shop_config"].mail_url.rsplit(":", 1)[1]))
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        with app.app_context():
            clock.move(5 * 60 + 1)
            assert reachable_email("josé@example.com") == "josé@example.com"
    finally:
        controller.stop()


def test_customers_can_answer_through_any_mail_server(ctx: Flask) -> None:
    with pytest.raises(BadInput):
        set_setting("contact_email", "désirée@maison.example", user_id=None)
    set_setting("contact_email", "Hello@straße.de", user_id=None)
    assert shop_settings().contact_email == "Hello@xn--strae-oqa.de"
