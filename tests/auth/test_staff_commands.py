"""`flask staff`: roles given and taken at the command line, with clear refusals."""

import pytest
from flask import Flask

from shop.core.db import db
from shop.models import AuditEntry, UserSession
from tests.admin.kit import sign_in
from tests.conftest import both_engines
from tests.factories import make_user


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Run `flask staff …`; return its exit code and what it said."""
    result = app.test_cli_runner().invoke(args=["staff", *words])
    return result.exit_code, result.output


@both_engines
def test_roles_are_made_given_and_taken(app: Flask) -> None:
    assert "Nobody yet" in run(app, "list")[1]
    made = app.test_cli_runner().invoke(args=["create-admin", "boss@example.com", "--generate"])
    assert "/admin/" in made.output
    with app.app_context():
        make_user("anna@example.com")
    assert run(app, "add-role", "Packer", "orders.view", "orders.ship")[0] == 0
    assert run(app, "give", "Anna@example.com", "packer")[0] == 0
    assert run(app, "list")[1] == "anna@example.com · Packer\nboss@example.com · Owner\n"
    assert "Packer: orders.ship, orders.view" in run(app, "roles")[1]
    assert run(app, "take", "anna@example.com")[0] == 0
    assert "anna" not in run(app, "list")[1]
    with app.app_context():
        actions = list(db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)))
        assert actions[1:] == ["staff.create_role", "staff.give_role", "staff.give_role"]
        assert not db.session.scalars(db.select(UserSession)).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("give", "boss@example.com", "Pope"), "There is no role called Pope. There are: Owner."),
        (("give", "nobody@example.com", "Owner"), "There is no account with the address nobody@"),
        (("take", "boss@example.com"), "This is the last owner."),
        (("take", "nobody@example.com"), "There is no account"),
        (("add-role", "Owner", "orders.view"), "There is a role called Owner already."),
        (("add-role", "Clerk", "orders.fly"), "There is no permission orders.fly to give."),
        (("add-role", "Clerk", "staff.edit"), "There is no permission staff.edit to give."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    app: Flask, words: tuple[str, ...], said: str
) -> None:
    app.test_cli_runner().invoke(args=["create-admin", "boss@example.com", "--generate"])
    code, output = run(app, *words)
    assert code == 1
    assert said in output
    assert run(app, "list")[1] == "boss@example.com · Owner\n"


def test_the_shop_leads_staff_to_their_pages_and_nobody_else(app: Flask) -> None:
    for is_owner, is_led in ((True, True), (False, False)):
        client = sign_in(app, is_owner=is_owner)
        for path in ("/", "/account", "/menu"):
            assert ('href="/admin/"' in client.get(path).text) is is_led, path
    assert 'href="/admin/"' not in app.test_client().get("/").text
