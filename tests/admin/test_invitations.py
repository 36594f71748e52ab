"""Invitations: a link that works once, for who reads the mail, while it may be sent at all."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.admin.staff.invitations import invite_colleague, send_invitation_again
from shop.admin.staff.services import give_role
from shop.admin.staff_actions import Staff
from shop.auth.services import accept_invitation, invitation, sign_in, token_of_invitation
from shop.auth.sessions import open_session
from shop.core import clock
from shop.core.config import config
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, NotPermitted
from shop.jobs import drain
from shop.mail.transport import mail_folder
from shop.models import AuditEntry, MailMessage, Role, StaffInvitation, User, UserSession
from shop.operations.retention import forget_invitations
from shop.web.log_lines import without_secrets
from tests.admin.kit import fill_in, trail, twice
from tests.admin.kit import sign_in as sign_in_as
from tests.auth.conftest import HERE
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user
from tests.races.race_kit import in_app, together

NEW = "paula@example.org"
GOOD = "violet harbour lantern"


@pytest.fixture
def role(app: Flask, owner: ShopClient) -> int:
    """The role of packers."""
    with app.app_context(), transaction() as session:
        made = Role(name="Packers", permissions=["orders.view"])
        session.add(made)
        session.flush()
        return made.id


def invite(client: ShopClient, role_id: int, email: str = NEW) -> int:
    page, action = "/admin/staff/invitations/new", "/admin/staff/invitations"
    form = fill_in(client, page, action, email=email, role=str(role_id))
    return client.post(action, data=form).status_code


def link(app: Flask) -> str:
    """Return the path of the link in the newest mail."""
    with app.app_context():
        drain()
        newest = max(mail_folder(config()).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        text = newest.read_text().replace("=\n", "").replace("=3D", "=")
    return re.findall(r"/invite/[\w-]{43}", text)[-1]


def press(client: ShopClient, action: str) -> int:
    return client.post(action, data=fill_in(client, "/admin/staff", action)).status_code


def accept(client: ShopClient, path: str, **typed: str) -> int:
    form = {"name": "Paula Packer", "password": GOOD, **typed}
    return client.post("/invite", data=fill_in(client, path, "/invite", **form)).status_code


@both_engines
def test_a_newcomer_becomes_staff_once(app: Flask, owner: ShopClient, role: int) -> None:
    assert invite(owner, role) == 303
    path, client = link(app), app.test_client()
    assert isinstance(client, ShopClient)
    page = client.get(path)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Packers" in page.text
    assert "Role is gone" not in owner.get("/admin/staff").text
    for wrong in ({"name": ""}, {"password": "short"}, {"password": NEW}):
        assert accept(client, path, **wrong) == 422
    form = fill_in(client, path, "/invite", name="Paula Packer", password=GOOD)
    answers = twice(client, "/invite", form)
    assert [a.location for a in answers] == ["/login?next=/admin/"] * 2
    assert client.get(path).location == "/login?next=/admin/"  # another tab
    other = twice(client, "/invite", {**form, "password": "another fine password"})
    assert other[0].status_code == 303
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email_key == NEW)).one()
        assert (user.name, user.role_id, bool(user.email_verified_at)) == (
            "Paula Packer",
            role,
            True,
        )
        assert sign_in(NEW, GOOD, HERE)
        entries = [entry for entry in trail() if entry.action == "staff.accept_invitation"]
        assert [entry.user_id for entry in entries] == [user.id]
        rows = db.session.scalars(select(StaffInvitation)).one()
        token = path.rpartition("/")[2]
        kept = str([getattr(rows, c.key) for c in StaffInvitation.__table__.columns])
        bodies = db.session.scalars(select(MailMessage.text_body)).all()
        assert token not in kept + str(bodies) + str([(e.before, e.after) for e in trail()])
    assert token not in without_secrets(f"GET {path} 200")
    assert "Open invitations" not in owner.get("/admin/staff").text


@both_engines
def test_an_account_gets_the_role_and_nothing_tells_that_it_is_there(
    app: Flask, owner: ShopClient, role: int
) -> None:
    with app.app_context():
        squatter = make_user(NEW)
        token = open_session(squatter.id)
        other = make_user("somebody@example.org")
    assert invite(owner, role) == 303
    assert invite(owner, role, "nobody@example.org") == 303
    theirs, stranger = link_of(app, NEW), app.test_client()
    unknown = link_of(app, "nobody@example.org")
    pages = [stranger.get(path).text for path in (theirs, unknown)]
    plain = [re.sub(r'value="[^"]*"|[a-z]+@example.org', "", page) for page in pages]
    assert plain[0] == plain[1]
    assert isinstance(stranger, ShopClient)
    assert accept(stranger, theirs) == accept(stranger, unknown) == 303
    with app.app_context():
        assert db.session.scalars(select(UserSession.user_id)).all().count(squatter.id) == 0
        with pytest.raises(BadInput):  # whoever had registered the address before
            sign_in(NEW, PASSWORD, HERE)
        assert sign_in(NEW, GOOD, HERE)
        assert db.session.get_one(User, other.id).role_id is None
    with stranger.session_transaction() as cookie:
        cookie["sid"] = token
    assert stranger.get("/admin/orders").status_code == 302


def link_of(app: Flask, email: str) -> str:
    """Return the path of the newest link of an address."""
    with app.app_context():
        seed = select(StaffInvitation.seed).where(StaffInvitation.email_key == email)
        return f"/invite/{token_of_invitation(db.session.scalars(seed).one())}"


def test_who_is_signed_in_keeps_name_and_password(app: Flask, owner: ShopClient, role: int) -> None:
    with app.app_context():
        user = make_user(NEW, name="Paula")
        tokens = [open_session(who.id) for who in (user, make_user("x@example.org"))]
    invite(owner, role)
    path = link_of(app, NEW)
    mine, other = app.test_client(), app.test_client()
    for client, token in zip((mine, other), tokens, strict=True):
        with client.session_transaction() as cookie:
            cookie["sid"] = token
    assert 'type="password"' in other.get(path).text
    assert 'type="password"' not in mine.get(path).text
    assert isinstance(mine, ShopClient)
    answers = twice(mine, "/invite", fill_in(mine, path, "/invite"))
    assert [answer.location for answer in answers] == ["/login?next=/admin/"] * 2
    with app.app_context():
        found = db.session.get_one(User, user.id)
        assert (found.role_id, found.name) == (role, "Paula")
        assert sign_in(NEW, PASSWORD, HERE)


@both_engines
def test_links_end_with_time_withdrawal_role_and_right(
    app: Flask, owner: ShopClient, role: int
) -> None:
    client = app.test_client()
    invite(owner, role)
    first = link_of(app, NEW)
    assert invite(owner, role) == 422  # there is an open one
    with app.app_context():
        (invitation_id,) = db.session.scalars(select(StaffInvitation.id)).all()
    assert press(owner, f"/admin/staff/invitations/{invitation_id}/mail") == 303
    second = link_of(app, NEW)
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)

    def gone(value: dict[str, object], model: type = StaffInvitation) -> tuple[int, int]:
        """Return the answers of page and form while something is different."""
        form = fill_in(client, second, "/invite", name="Paula", password=GOOD)
        with app.app_context():
            before = {c: getattr(db.session.scalars(select(model)).first(), c) for c in value}
            with transaction():
                changed(update(model).values(value))
        found = client.get(second).status_code, client.post("/invite", data=form).status_code
        with app.app_context(), transaction():
            changed(update(model).values(before))
        return found

    assert isinstance(client, ShopClient)
    assert gone({"expires_at": clock.now() - timedelta(seconds=1)}) == (410, 410)
    assert gone({"ended_at": clock.now()}) == (410, 410)
    assert gone({"role_id": None}) == (410, 410)
    assert gone({"invited_by_id": None}) == (410, 410)
    assert gone({"is_owner": False}, Role) == (410, 410)
    assert gone({"is_active": False}, User) == (410, 410)
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id)).where(User.email_key == NEW)) == 0
    assert press(owner, f"/admin/staff/invitations/{invitation_id}/end") == 303
    assert client.get(second).status_code == client.get("/invite").status_code == 410
    assert client.get("/invite/nonsense").status_code == 410
    assert invite(owner, role) == 303
    with app.app_context(), transaction():
        late = clock.now() - timedelta(seconds=1)
        changed(update(StaffInvitation).values(expires_at=late))
    assert "Too old" in owner.get("/admin/staff").text
    assert invite(owner, role) == 303  # what is too old is in nobody's way
    assert "Too old" not in owner.get("/admin/staff").text


def test_only_owners_invite_and_no_colleague_is_invited(
    app: Flask, owner: ShopClient, role: int
) -> None:
    with app.app_context():
        packer = make_user("packer@example.org", permissions=["orders.view"])
        king = db.session.scalars(select(User.id).join(Role).where(Role.is_owner)).one()
        with pytest.raises(NotPermitted):
            invite_colleague(NEW, role, "192.0.2.1", staff=Staff(packer.id))
        for email in ("packer@example.org", "", "no address"):
            with pytest.raises(BadInput):
                invite_colleague(email, role, "192.0.2.1", staff=Staff(king))
        with pytest.raises(BadInput):
            invite_colleague(NEW, 9999, "192.0.2.1", staff=Staff(king))
        invitation_id = int(invite_colleague(NEW, role, "192.0.2.1", staff=Staff(king)))
        with pytest.raises(NotPermitted):
            send_invitation_again(invitation_id, "192.0.2.1", staff=Staff(packer.id))
        made = make_user(NEW)
        give_role(made.id, role, staff=Staff(king))
    assert app.test_client().get(link_of(app, NEW)).status_code == 410
    with app.app_context():
        assert forget_invitations(clock.now() + timedelta(days=8)) == 1
    clerk = sign_in_as(app, ["orders.view", "customers.view"])
    assert clerk.get("/admin/staff/invitations/new").status_code == 403
    form = {"csrf_token": clerk.token("/admin/orders"), "email": NEW, "role": str(role)}
    assert clerk.post("/admin/staff/invitations", data=form).status_code == 403


def test_tries_are_limited(app: Flask, owner: ShopClient, role: int) -> None:
    client = app.test_client()
    assert isinstance(client, ShopClient)
    invite(owner, role)
    path = link_of(app, NEW)
    assert [accept(client, path, password="short") for _ in range(10)] == [422] * 10
    assert accept(client, path) == 429


@both_engines
def test_accepted_twice_at_once_it_makes_one_colleague(app: Flask) -> None:
    with app.app_context():
        king = make_user(is_owner=True)
        with transaction() as session:
            session.add(Role(name="Packers", permissions=["orders.view"]))
        role_id = db.session.scalars(select(Role.id).where(Role.name == "Packers")).one()
        invite_colleague(NEW, role_id, "192.0.2.1", staff=Staff(king.id))
    token = link_of(app, NEW).rpartition("/")[2]
    passwords = [f"{GOOD} {n}" for n in range(3)]
    ended = together(
        [in_app(app, accept_invitation, token, "Paula", word, "192.0.2.1") for word in passwords]
    )
    with app.app_context():
        assert sorted(type(one).__name__ for one in ended) == [
            "InvitationAccepted", "InvitationAccepted", "NoneType",
        ]  # fmt: skip
        assert sign_in(NEW, passwords[ended.index(None)], HERE)
        accepted = select(func.count(AuditEntry.id)).where(
            AuditEntry.action == "staff.accept_invitation"
        )
        assert db.session.scalar(accepted) == 1


def test_control_without_the_one_update_everybody_passes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        king, made = make_user(is_owner=True), []
        role_id = king.role_id or 0
        invite_colleague(NEW, role_id, "192.0.2.1", staff=Staff(king.id))
    token = link_of(app, NEW).rpartition("/")[2]
    monkeypatch.setattr(invitation, "changed", lambda _statement: 1)
    monkeypatch.setattr(invitation, "_make_staff", lambda *_values: made.append(1))
    with app.app_context():
        for _ in range(2):
            accept_invitation(token, "Paula", GOOD, "192.0.2.1")
    assert len(made) == 2


def test_guessing_is_answered_as_a_dead_link_however_often(app: Flask) -> None:
    client = ShopClient(app)
    form = {"name": "Eve", "password": GOOD, "token": "x" * 43}
    answers = [client.submit("/invite", form, page="/login") for _ in range(33)]
    assert {answer.status_code for answer in answers} == {410}
    assert [bool(answers[n].headers.get("Retry-After")) for n in (0, -1)] == [False, True]
