"""The door of the staff pages, and how the first member of staff comes to be."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select, update

from shop.auth.guard import ANY_STAFF, guard_staff, needs
from shop.auth.permissions import DESKS, OWNERS_ONLY, PERMISSIONS, check_permissions
from shop.auth.services import sign_in
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput
from shop.models import AuditEntry, Role, User, UserSession
from tests.auth.conftest import HERE
from tests.client import ShopClient
from tests.conftest import settings_for
from tests.factories import PASSWORD, make_user


@pytest.fixture
def desk(app: Flask) -> Flask:
    """A staff blueprint with a view of each kind."""
    staff, inner = Blueprint("desk", __name__), Blueprint("inner", __name__)
    staff.before_request(guard_staff)
    staff.add_url_rule("/", view_func=needs(ANY_STAFF)(lambda: "today"), endpoint="today")
    staff.add_url_rule("/refund", view_func=needs("orders.refund")(lambda: "refunded"),
                       endpoint="refund", methods=["GET", "POST"])  # fmt: skip
    staff.add_url_rule("/roles", view_func=needs("staff.edit")(lambda: "roles"), endpoint="roles")
    staff.add_url_rule("/forgotten", view_func=lambda: "open", endpoint="forgotten")
    inner.add_url_rule("/nested", view_func=lambda: "open", endpoint="nested")
    staff.register_blueprint(inner)
    app.register_blueprint(staff, url_prefix="/desk")
    return app


def signed_in(app: Flask, **columns: object) -> ShopClient:
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        user = make_user(**columns)  # type: ignore[arg-type]
    client.submit("/login", {"email": user.email, "password": PASSWORD})
    return client


PATHS = ("/desk/", "/desk/refund", "/desk/roles", "/desk/forgotten", "/desk/nested")


def statuses(client: ShopClient) -> list[int]:
    return [client.get(path).status_code for path in PATHS]


def test_strangers_are_asked_to_sign_in(desk: Flask) -> None:
    client = desk.test_client()
    assert isinstance(client, ShopClient)
    assert statuses(client) == [302] * 5
    assert client.get("/desk/refund?n=1").location == "/login?next=/desk/refund?n%3D1"
    assert client.submit("/desk/refund").location == "/login?next=/admin"


def test_customers_are_refused(desk: Flask) -> None:
    assert statuses(signed_in(desk)) == [403] * 5


def test_staff_do_what_their_role_allows(desk: Flask) -> None:
    assert statuses(signed_in(desk, permissions=["orders.view"])) == [200, 403, 403, 403, 403]
    assert statuses(signed_in(desk, permissions=["orders.refund"])) == [200, 200, 403, 403, 403]


def test_owners_do_everything(desk: Flask) -> None:
    assert statuses(signed_in(desk, is_owner=True)) == [200] * 5


def test_roles_are_read_on_each_request(desk: Flask) -> None:
    client = signed_in(desk, permissions=["orders.refund"])
    assert client.get("/desk/refund").status_code == 200
    with desk.app_context(), transaction():
        changed(update(Role).values(permissions=["orders.view"]))
    assert client.get("/desk/refund").status_code == 403
    with desk.app_context(), transaction():
        changed(update(User).values(role_id=None))
    assert client.get("/desk/").status_code == 403


def test_a_permission_must_exist() -> None:
    with pytest.raises(ValueError, match="no such permission"):
        needs("orders.destroy")
    assert check_permissions(["stock.edit", "orders.view", "stock.edit"]) == [
        "orders.view",
        "stock.edit",
    ]
    for wrong in ("everything", *OWNERS_ONLY):
        with pytest.raises(BadInput):
            check_permissions([wrong])
    assert sum(len(desk) for desk in DESKS.values()) == len(PERMISSIONS)


def test_create_admin_makes_an_owner_with_a_password_of_its_own(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["create-admin", "Boss@Example.com"])
    assert result.exit_code == 0
    password = result.output.rsplit("Password: ", 1)[1].strip()
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        role = db.session.get_one(Role, user.role_id)
        assert (user.email, role.name, role.is_owner) == ("Boss@example.com", "Owner", True)
        assert sign_in("boss@example.com", password, HERE).user_id == user.id
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.actor) == ("staff.create_owner", "cli")
        assert password not in str(entry.after)


def test_create_admin_takes_the_account_from_whoever_registered_it(app: Flask) -> None:
    with app.app_context():
        squatter = make_user("boss@example.com", is_active=False)
        make_user("boss2@example.com")
        sign_in("boss2@example.com", PASSWORD, HERE)
    run = app.test_cli_runner().invoke
    for email in ("boss@example.com", "boss2@example.com"):
        assert "has become an owner" in run(args=["create-admin", email, "--generate"]).output
    with app.app_context():
        assert db.session.get_one(User, squatter.id).is_active
        assert db.session.scalars(select(UserSession)).all() == []
        assert len(db.session.scalars(select(Role)).all()) == 1
        with pytest.raises(BadInput):
            sign_in("boss@example.com", PASSWORD, HERE)


def test_create_admin_refuses_nonsense(app: Flask) -> None:
    failed = app.test_cli_runner().invoke(args=["create-admin", "nobody"])
    assert failed.exit_code == 1
    assert "Enter an email address" in failed.output


def test_create_admin_asks_for_the_password_at_a_terminal(app: Flask) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "create-admin", "boss@example.com"]
    environment = os.environ | settings_for(Path(app.instance_path))
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    said, prompts = b"", [b"Password: ", b"Repeat for confirmation: "]
    while process.poll() is None and b"Sign in at" not in said:
        said += os.read(master, 1024)
        if prompts and said.endswith(prompts[0]):
            os.write(master, b"a wandering teapot\n")
            prompts.pop(0)
    assert process.wait(20) == 0
    os.close(master)
    assert b"teapot" not in said
    with app.app_context():
        assert sign_in("boss@example.com", "a wandering teapot", HERE)
