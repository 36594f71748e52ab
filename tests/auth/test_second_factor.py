"""Two-factor sign-in: nothing opens between password and code, no code counts twice."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.auth.one_time_codes import hash_recovery_code, matching_step, secret_of
from shop.auth.services import hand_role
from shop.auth.services.second_factor import use_code
from shop.core import clock
from shop.core.clock import epoch
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput
from shop.models import AuditEntry, RecoveryCode, SecondFactor, User, UserSession
from shop.settings.services import set_settings
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user
from tests.races.race_kit import attempted, in_app, together
from tests.races.unguarded import look_at_the_last_code_first

HERE = "/account/second-factor"


@pytest.fixture
def packer(app: Flask) -> User:
    with app.app_context():
        return make_user("packer@example.com", permissions=["orders.view"])


def enter(app: Flask, email: str = "packer@example.com") -> ShopClient:
    """Return a client that has shown the password."""
    client = app.test_client()
    assert isinstance(client, ShopClient)
    client.submit("/login", {"email": email, "password": PASSWORD})
    return client


def code_of(app: Flask, user: User, later: int = 0) -> str:
    """Return the code that the user's app shows, `later` steps from now."""
    with app.app_context():
        seed = db.session.scalars(
            select(SecondFactor.seed).where(SecondFactor.user_id == user.id)
        ).one()
        return pyotp.TOTP(secret_of(user.id, seed)).generate_otp(epoch() // 30 + later)


def set_up(app: Flask, user: User) -> tuple[ShopClient, list[str]]:
    """Turn it on; return the browser that did and the recovery codes.

    At the beginning of a step, so that the code of the one before is not too old when it arrives.
    """
    clock.move(30 - epoch() % 30)
    client = enter(app, user.email)
    assert client.submit(f"{HERE}/setup").status_code == 303
    typed = {"password": PASSWORD, "code": code_of(app, user, -1)}
    answer = client.submit(HERE, typed)
    codes = re.findall(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>", answer.text)
    assert (answer.status_code, len(set(codes))) == (200, 10)
    return client, codes


@both_engines
def test_it_counts_once_a_code_has_shown_that_the_app_works(
    app: Flask, packer: User, mails: Callable[[], list[EmailMessage]]
) -> None:
    client, other = enter(app), enter(app)
    client.submit(f"{HERE}/setup")
    page = client.get(HERE)
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert shown
    assert "<svg" in page.text
    assert 'fill="#fff"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    code = pyotp.TOTP(shown[1].replace(" ", "")).generate_otp(epoch() // 30)
    assert enter(app).get("/admin/").status_code == 200, "nothing asks for it yet"
    for typed in ({"password": "wrong", "code": code}, {"password": PASSWORD, "code": "000000"}):
        assert client.submit(HERE, typed).status_code == 422
    answer = client.submit(HERE, {"password": PASSWORD, "code": code})
    assert "These are shown once" in answer.text
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302, "other browsers are signed out"
    assert client.submit(HERE, {"password": PASSWORD, "code": code}).status_code == 409
    assert [mail["Subject"] for mail in mails()] == ["Two-factor sign-in is on"]
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.before, entry.after) == ({"second_factor": False}, {"second_factor": True})
        stored = db.session.scalars(select(SecondFactor)).one()
        assert shown[1].replace(" ", "") not in stored.seed


@both_engines
def test_between_password_and_code_nothing_opens(app: Flask, packer: User) -> None:
    set_up(app, packer)
    client = enter(app)
    assert client.get("/admin/").location == "/login?next=/admin/"
    assert client.get("/account").status_code == 302
    assert client.get(HERE).status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count(UserSession.id))) == 1
    assert client.submit("/login/code", {"code": "123"}).status_code == 422
    answer = client.submit("/login/code", {"code": code_of(app, packer), "next": "/admin/"})
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert client.get("/admin/").status_code == 200
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"sid", "csrf_token", "csrf_former", "_permanent", "_flashes"}


@both_engines
def test_a_code_signs_in_once_and_one_step_early_or_late(app: Flask, packer: User) -> None:
    set_up(app, packer)
    code = code_of(app, packer)
    assert enter(app).submit("/login/code", {"code": code}).status_code == 303
    assert enter(app).submit("/login/code", {"code": code}).status_code == 422, "replayed"
    earlier = code_of(app, packer, -1)
    assert enter(app).submit("/login/code", {"code": earlier}).status_code == 422
    later = code_of(app, packer, 1)
    spaced = f"{later[:3]} {later[3:]}"
    assert enter(app).submit("/login/code", {"code": spaced}).status_code == 303
    secret, at = pyotp.random_base32(), 1_700_000_010
    steps = [
        matching_step(secret, pyotp.TOTP(secret).generate_otp(at // 30 + n), at)
        for n in (-2, -1, 0, 1, 2)
    ]
    assert steps == [None, at // 30 - 1, at // 30, at // 30 + 1, None]


@both_engines
def test_of_two_at_once_one_uses_a_code(app: Flask, packer: User) -> None:
    _client, codes = set_up(app, packer)
    for code in (code_of(app, packer, 1), codes[0]):

        def use(code: str = code) -> None:
            with transaction():
                use_code(packer.id, code)

        results = together([in_app(app, attempted, use) for _ in range(6)])
        assert [type(result) for result in results if result is not None] == [BadInput] * 5
        with app.app_context():
            with pytest.raises(BadInput):
                use()
            left = db.session.scalar(select(func.count(RecoveryCode.id)))
        assert left == (9 if code == codes[0] else 10)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_control_that_looks_first_takes_a_code_from_all(
    app: Flask, packer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    set_up(app, packer)
    code = code_of(app, packer, 1)
    look_at_the_last_code_first(monkeypatch, 6)

    def use() -> None:
        with transaction():
            use_code(packer.id, code)

    assert together([in_app(app, attempted, use) for _ in range(6)]) == [None] * 6


@both_engines
def test_a_recovery_code_does_once_and_new_ones_end_the_former(app: Flask, packer: User) -> None:
    _client, codes = set_up(app, packer)
    typed = codes[0].upper().replace("-", " ")
    client = enter(app)
    assert client.submit("/login/code", {"code": typed}).status_code == 303
    assert "9 recovery codes are left." in client.get(HERE).text
    assert enter(app).submit("/login/code", {"code": codes[0]}).status_code == 422
    answer = client.submit(f"{HERE}/recovery-codes", {"password": PASSWORD, "code": codes[1]})
    assert answer.status_code == 200
    assert enter(app).submit("/login/code", {"code": codes[2]}).status_code == 422
    with app.app_context():
        kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
        assert len(kept) == 10
        assert hash_recovery_code(packer.id, codes[2]) not in kept


def test_guesses_are_slowed_down_wherever_they_come_from(app: Flask, packer: User) -> None:
    set_up(app, packer)
    client = enter(app)
    statuses = [client.submit("/login/code", {"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    answer = enter(app).submit("/login/code", {"code": code_of(app, packer)})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_new_password_leads_past_no_code(app: Flask, packer: User) -> None:
    set_up(app, packer)
    half = enter(app)
    with app.app_context(), transaction():
        changed(update(User).where(User.id == packer.id).values(password_hash="another"))
    answer = half.submit("/login/code", {"code": code_of(app, packer)})
    assert (answer.status_code, answer.location) == (303, "/login")
    assert half.get("/admin/").status_code == 302
    assert app.test_client().get("/login/code").location == "/login"


@both_engines
def test_it_is_turned_off_with_password_and_code_unless_the_shop_asks_for_it(
    app: Flask, packer: User, mails: Callable[[], list[EmailMessage]]
) -> None:
    client, codes = set_up(app, packer)
    with app.app_context():
        set_settings({"staff_second_factor": "yes"}, user_id=None)
    typed = {"password": PASSWORD, "code": codes[0]}
    assert client.submit(f"{HERE}/end", typed).status_code == 409
    with app.app_context():
        set_settings({"staff_second_factor": "no"}, user_id=None)
    assert client.submit(f"{HERE}/end", {**typed, "code": ""}).status_code == 422
    assert client.submit(f"{HERE}/end", typed).status_code == 303
    assert enter(app).get("/admin/").status_code == 200
    assert mails()[-1]["Subject"] == "Two-factor sign-in is off"
    with app.app_context():
        assert db.session.scalar(select(func.count(RecoveryCode.id))) == 0


def test_staff_without_it_are_led_to_it_where_the_shop_asks(app: Flask, packer: User) -> None:
    with app.app_context():
        set_settings({"staff_second_factor": "yes"}, user_id=None)
    client = enter(app)
    for path in ("/admin/", "/admin/orders"):
        assert client.get(path).location == HERE, path
    assert "then the desks open" in client.get(HERE).text
    set_up(app, packer)
    again = enter(app)
    again.submit("/login/code", {"code": code_of(app, packer)})
    assert again.get("/admin/orders").status_code == 200


def test_forms_of_another_state_change_nothing(app: Flask, packer: User) -> None:
    client = enter(app)
    typed = {"password": PASSWORD, "code": "000000"}
    for path in (HERE, f"{HERE}/recovery-codes", f"{HERE}/end"):
        assert client.submit(path, typed).status_code == 409, path
    client.submit(f"{HERE}/setup")
    assert client.submit(f"{HERE}/end", {**typed, "code": code_of(app, packer)}).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(SecondFactor.confirmed_at)).one() is None


def test_customers_have_no_such_page(app: Flask) -> None:
    with app.app_context():
        make_user("ada@example.com")
    client = enter(app, "ada@example.com")
    assert client.get(HERE).status_code == 404
    assert client.submit(f"{HERE}/setup").status_code == 404


def test_who_has_lost_the_role_keeps_it_and_may_turn_it_off(app: Flask, packer: User) -> None:
    _client, codes = set_up(app, packer)
    with app.app_context():
        set_settings({"staff_second_factor": "yes"}, user_id=None)
        hand_role(packer.email, None)
    client = enter(app)
    client.submit("/login/code", {"code": codes[0]})
    assert HERE in client.get("/account/security").text
    page = client.get(HERE).text
    assert "Turn it off" in page
    assert "The shop asks all staff" not in page
    typed = {"password": PASSWORD, "code": codes[1]}
    assert client.submit(f"{HERE}/end", typed).status_code == 303
    assert client.get(HERE).status_code == 404
    assert HERE not in client.get("/account/security").text


@both_engines
def test_who_has_lost_the_device_is_helped_by_an_owner_or_a_command(
    app: Flask, packer: User, mails: Callable[[], list[EmailMessage]]
) -> None:
    client, _codes = set_up(app, packer)
    with app.app_context():
        make_user("owner@example.com", is_owner=True)
    owner = enter(app, "owner@example.com")
    assert "Reset it: device lost" in owner.get(f"/admin/staff/{packer.id}").text
    answer = owner.submit(f"/admin/staff/{packer.id}/second-factor/reset")
    assert answer.status_code == 303
    assert client.get("/admin/").status_code == 302
    assert enter(app).get("/admin/").status_code == 200
    assert mails()[-1]["Subject"] == "Two-factor sign-in is off"
    set_up(app, packer)
    run = app.test_cli_runner().invoke
    result = run(args=["staff", "reset-second-factor", "Packer@example.com"])
    assert result.exit_code == 0
    assert "the password alone" in result.output
    again = run(args=["staff", "reset-second-factor", "packer@example.com"])
    assert (again.exit_code, "has no two-factor" in again.output) == (1, True)
    assert run(args=["staff", "reset-second-factor", "nobody@example.com"]).exit_code == 1
    with app.app_context():
        resets = select(AuditEntry).where(AuditEntry.action == "staff.reset_second_factor")
        entries = db.session.scalars(resets.order_by(AuditEntry.id)).all()
        assert [entry.actor for entry in entries] == ["", "cli"]
        assert {str(entry.before) for entry in entries} == {"{'second_factor': True}"}
