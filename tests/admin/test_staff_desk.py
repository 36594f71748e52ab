"""The desk of colleagues: roles as grids, who has which, where they are signed in."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from shop.admin.staff.roles import change_role, create_role, delete_role
from shop.admin.staff.services import give_role, reset_factor
from shop.admin.staff_actions import Staff
from shop.auth.services import sign_in
from shop.auth.sessions import open_session
from shop.core.db import db, transaction
from shop.core.errors import BadInput, NotFound, NotPermitted, OrderError, ShopError
from shop.customers.booking import follow_account
from shop.models import AuditEntry, Role, User, UserSession
from tests.admin.kit import fill_in, shown, trail, twice
from tests.admin.kit import sign_in as sign_in_as
from tests.auth.conftest import HERE
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user
from tests.sql import counted


@both_engines
def test_owners_make_roles_and_hand_them_out(ctx: Flask) -> None:
    owner, ada = make_user(is_owner=True), make_user("ada@example.com")
    role_id = int(create_role(" Packers ", ["orders.ship", "orders.view"], staff=Staff(owner.id)))
    sign_in("ada@example.com", PASSWORD, HERE)
    give_role(ada.id, role_id, staff=Staff(owner.id))
    assert db.session.scalars(select(UserSession)).all() == []
    db.session.expire_all()
    assert db.session.get_one(User, ada.id).role_id == role_id
    change_role(role_id, 1, "Packers", ["orders.view"], staff=Staff(owner.id))
    with pytest.raises(OrderError):
        delete_role(role_id, None, staff=Staff(owner.id))
    give_role(ada.id, None, staff=Staff(owner.id))
    delete_role(role_id, None, staff=Staff(owner.id))
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [
        "staff.create_role",
        "staff.give_role",
        "staff.change_role",
        "staff.give_role",
        "staff.delete_role",
    ]


@both_engines
def test_nobody_else_and_nobody_for_themselves(ctx: Flask) -> None:
    owner, packer = make_user(is_owner=True), make_user(permissions=["orders.ship"])
    customer = make_user()
    role_id = int(create_role("Packers", ["orders.ship"], staff=Staff(owner.id)))
    for by in (packer.id, customer.id):
        for act in (
            lambda by=by: create_role("Kings", [], staff=Staff(by)),
            lambda by=by: change_role(role_id, None, "Packers", [], staff=Staff(by)),
            lambda by=by: give_role(customer.id, owner.role_id, staff=Staff(by)),
            lambda by=by: delete_role(role_id, None, staff=Staff(by)),
        ):
            with pytest.raises(NotPermitted):
                act()
    with pytest.raises(OrderError):
        give_role(owner.id, None, staff=Staff(owner.id))
    with pytest.raises(OrderError):
        change_role(owner.role_id or 0, None, "Kings", [], staff=Staff(owner.id))
    for wrong, permissions in (
        ("", []),
        ("Packers", []),
        ("x" * 65, []),
        ("Kings", ["staff.edit"]),
    ):
        with pytest.raises(BadInput):
            create_role(wrong, permissions, staff=Staff(owner.id))
    for user_id, role in ((9999, role_id), (customer.id, 9999)):
        with pytest.raises(NotFound):
            give_role(user_id, role, staff=Staff(owner.id))
    with pytest.raises(NotFound):  # a customer is no colleague
        reset_factor(customer.id, staff=Staff(owner.id))


@both_engines
def test_two_owners_who_demote_each_other_leave_one(app: Flask) -> None:
    with app.app_context():
        first, second = make_user(is_owner=True), make_user(is_owner=True)
    barrier, refused = threading.Barrier(2), []

    def demote(user: User, by: User) -> None:
        with app.app_context():
            barrier.wait()
            try:
                give_role(user.id, None, staff=Staff(by.id))
            except ShopError as error:
                refused.append(error)

    threads = [
        threading.Thread(target=demote, args=pair) for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        owners = select(User.id).join(Role).where(Role.is_owner)
        assert len(db.session.scalars(owners).all()) == 1
    assert len(refused) == 1


@pytest.fixture
def role(app: Flask, owner: ShopClient) -> int:
    """The role of packers."""
    answer = make_role(owner, "Packers", "orders.view", "orders.ship")
    assert answer == "/admin/staff"
    with app.app_context():
        return db.session.scalars(select(Role.id).where(Role.name == "Packers")).one()


def make_role(client: ShopClient, name: str, *permissions: str) -> str:
    typed = {"name": name, "permission": list(permissions)}
    form = fill_in(client, "/admin/staff/roles/new", "/admin/staff/roles", **typed)
    return client.post("/admin/staff/roles", data=form).location


def role_now(role_id: int) -> Role:
    db.session.close()
    return db.session.get_one(Role, role_id)


def colleague(app: Flask, role_id: int) -> tuple[int, ShopClient]:
    """Return a colleague with the role and where they are signed in."""
    client = sign_in_as(app, ["orders.view"])
    with app.app_context():
        user = db.session.scalars(select(User).order_by(User.id.desc())).first()
        assert user
        user_id = user.id
        with transaction() as session:
            session.get_one(User, user_id).role_id = role_id
    return user_id, client


def press(client: ShopClient, page: str, action: str, **typed: str) -> int:
    return client.post(action, data=fill_in(client, page, action, **typed)).status_code


@both_engines
def test_a_role_is_a_grid_whose_ticks_count_from_the_next_click(
    app: Flask, owner: ShopClient, role: int
) -> None:
    _user_id, packer = colleague(app, role)
    assert packer.get("/admin/orders").status_code == 200
    assert packer.get("/admin/staff").status_code == 403
    here = f"/admin/staff/roles/{role}"
    assert "Send orders and note their delivery" in owner.get(here).text
    assert "staff.edit" not in owner.get(here).text
    form = fill_in(owner, here, here, name="Packers", permission=["products.view"])
    first, second = twice(owner, here, form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert packer.get("/admin/orders").status_code == 403
    assert packer.get("/admin/products").status_code == 200
    with app.app_context():
        entry = trail()[-1]
        assert entry.before == {"permissions": ["orders.ship", "orders.view"]}
        assert entry.after == {"permissions": ["products.view"]}
        assert [one.action for one in trail()] == ["staff.create_role", "staff.change_role"]


def test_two_owners_at_one_role_see_each_other(app: Flask, owner: ShopClient, role: int) -> None:
    here = f"/admin/staff/roles/{role}"
    mine = fill_in(owner, here, here, name="Mine", permission=["orders.view"])
    press(owner, here, here, name="Theirs", permission="products.view")
    answer = owner.post(here, data=mine)
    assert answer.status_code == 409
    assert "It says now: Theirs" in answer.text
    assert "products.view" in answer.text
    with app.app_context():
        assert role_now(role).name == "Theirs"
    again = shown(answer.text, f'action="{here}"') | {"permission": ["orders.view"]}
    assert owner.post(here, data=again).status_code == 303
    with app.app_context():
        assert role_now(role).name == "Mine"


@pytest.mark.parametrize(
    ("name", "permissions", "says"),
    [
        ("", ["orders.view"], "Enter a name"),
        ("Packers", ["orders.view"], "a role of this name"),
        ("Kings", ["staff.edit"], "There is no permission staff.edit to give."),
        ("Kings", ["orders.destroy"], "There is no permission"),
    ],
)
def test_a_role_that_cannot_be_changes_nothing(
    app: Flask, owner: ShopClient, role: int, name: str, permissions: list[str], says: str
) -> None:
    form = fill_in(owner, "/admin/staff/roles/new", "/admin/staff/roles",
                   name=name, permission=permissions)  # fmt: skip
    answer = owner.post("/admin/staff/roles", data=form)
    assert answer.status_code == 422
    assert says in answer.text
    with app.app_context():
        assert len(db.session.scalars(select(Role)).all()) == 2


@both_engines
def test_a_role_goes_when_its_people_have_another(app: Flask, owner: ShopClient, role: int) -> None:
    make_role(owner, "Readers", "orders.view")
    user_id, packer = colleague(app, role)
    page = f"/admin/staff/roles/{role}/deletion"
    assert "1 colleague has this role." in owner.get(page).text
    form = {"csrf_token": owner.token("/admin/staff"), "form_token": "x" * 20}
    for instead, status in (("", 409), (str(role), 422), ("1", 422), ("99999", 422)):
        assert owner.post(page, data={**form, "instead": instead}).status_code == status
    with app.app_context():
        other = db.session.scalars(select(Role.id).where(Role.name == "Readers")).one()
    assert owner.post(page, data={**form, "instead": str(other)}).status_code == 303
    assert packer.get("/admin/orders").location == "/login?next=/admin/orders"
    with app.app_context():
        assert db.session.get(Role, role) is None
        assert db.session.get_one(User, user_id).role_id == other
        entry = trail()[-1]
        assert entry.after == {"name": None, "permissions": None, "members": [user_id],
                               "role_id": other}  # fmt: skip
    assert owner.get(page).status_code == 404


@both_engines
def test_who_is_disabled_is_out_at_once_with_the_page_still_open(
    app: Flask, owner: ShopClient, role: int
) -> None:
    user_id, packer = colleague(app, role)
    here = f"/admin/staff/{user_id}"
    open_form = {"csrf_token": packer.token("/cart"), "note": "Half done"}
    assert press(owner, here, f"{here}/access", access="off") == 303
    assert packer.get("/admin/orders").location == "/login?next=/admin/orders"
    answer = packer.post("/admin/orders/1/notes", data=open_form)
    assert answer.status_code in {302, 400}
    with app.app_context():
        assert (
            db.session.scalars(select(UserSession).where(UserSession.user_id == user_id)).all()
            == []
        )
        assert (trail()[-1].before, trail()[-1].after) == (
            {"is_active": True},
            {"is_active": False},
        )
    assert "Disabled" in owner.get("/admin/staff?view=disabled").text
    assert press(owner, here, f"{here}/access", access="on") == 303
    with app.app_context():
        assert db.session.get_one(User, user_id).is_active


def test_a_colleague_is_signed_out_in_one_browser_or_in_all(
    app: Flask, owner: ShopClient, role: int
) -> None:
    user_id, packer = colleague(app, role)
    here = f"/admin/staff/{user_id}"
    with app.app_context(), transaction():
        open_session(user_id, "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    page = owner.get(here).text
    assert "Firefox on Windows" in page
    with app.app_context():
        first, second = db.session.scalars(
            select(UserSession.id).where(UserSession.user_id == user_id).order_by(UserSession.id)
        ).all()
    assert press(owner, here, f"{here}/sessions/{second}/end") == 303
    assert packer.get("/admin/orders").status_code == 200
    assert press(owner, here, f"{here}/sessions/end") == 303
    assert packer.get("/admin/orders").status_code == 302
    with app.app_context():
        assert [entry.after for entry in trail()[-2:]] == [{"sessions": 1}, {"sessions": 0}]
        assert first


def test_another_role_given_meanwhile_is_told(app: Flask, owner: ShopClient, role: int) -> None:
    user_id, packer = colleague(app, role)
    here = f"/admin/staff/{user_id}"
    late = fill_in(owner, here, f"{here}/role", role="none")
    make_role(owner, "Readers", "orders.view")
    with app.app_context():
        other = db.session.scalars(select(Role.id).where(Role.name == "Readers")).one()
    assert press(owner, here, f"{here}/role", role=str(other)) == 303
    assert packer.get("/admin/orders").status_code == 302
    assert owner.post(f"{here}/role", data=late).status_code == 409
    blind = {**fill_in(owner, here, f"{here}/role", role="none"), "was": ""}
    assert owner.post(f"{here}/role", data=blind).status_code == 409
    assert press(owner, here, f"{here}/role", role="nonsense") == 422
    assert press(owner, here, f"{here}/role", role="none") == 303
    assert owner.get(here).status_code == 404


def test_nobody_takes_their_own_role_or_access(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        user_id = db.session.scalars(select(User.id)).one()
    here = f"/admin/staff/{user_id}"
    assert f'action="{here}/role"' not in owner.get(here).text
    form = {"csrf_token": owner.token("/admin/staff"), "role": "none", "access": "off"}
    for action in ("role", "access"):
        assert owner.post(f"{here}/{action}", data=form).status_code == 409
    assert owner.get("/admin/staff").status_code == 200


def test_the_list_costs_as_much_with_many(app: Flask, owner: ShopClient, role: int) -> None:
    with app.app_context(), transaction() as session:
        colleagues = [
            User(email=f"c{n}@a.example", email_key=f"c{n}@a.example", password_hash="x",
                 name=f"Colleague {n}", role_id=role) for n in range(120)
        ]  # fmt: skip
        session.add_all(colleagues)
        session.flush()
        for one in colleagues:
            follow_account(one.id)
    with counted(app) as statements:
        page = owner.get("/admin/staff?page=2").text
    assert len(statements) <= 6
    assert "121 in all" in page
    assert "Colleague 77" in owner.get("/admin/staff?q=colleague+77").text
    assert "No colleague matches" in owner.get("/admin/staff?q=zzz").text
