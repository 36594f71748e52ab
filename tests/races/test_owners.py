"""The last owner stays, whoever takes roles at once: by commands, by the staff pages, by both."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.admin.staff.services import give_role
from shop.admin.staff_actions import Staff
from shop.auth.services import hand_role
from shop.core.db import arm_crash_points, db
from shop.models import Role, User
from tests.conftest import both_engines
from tests.factories import make_user
from tests.races.race_kit import attempted, count, in_app, together
from tests.races.unguarded import lock_no_owners, take_the_last_owner

pytestmark = both_engines


def owners() -> dict[int, str]:
    """Return who owns the shop and can sign in: addresses by id."""
    db.session.close()
    rows = select(User.id, User.email).join(Role, Role.id == User.role_id).where(Role.is_owner)
    return {row.id: row.email for row in db.session.execute(rows.where(User.is_active))}


def make_two() -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the ids and addresses of the two owners that there are from now on."""
    former = owners()
    made = [make_user(is_owner=True) for _ in range(2)]
    for email in former.values():
        hand_role(email, None)
    one, other = owners().items()
    assert {one[0], other[0]} == {user.id for user in made}
    return one, other


def take(app: Flask, email: str) -> Callable[[], Any]:
    return in_app(app, attempted, hand_role, email, None)


def demote(app: Flask, user_id: int, by: int) -> Callable[[], Any]:
    return in_app(app, partial(attempted, partial(give_role, user_id, None, staff=Staff(by))))


def test_of_two_owners_one_stays(app: Flask) -> None:
    arm_crash_points("owners-counted=0.02")
    try:
        for turn in range(max(3, count(60))):  # by commands, by pages, by both
            with app.app_context():
                (one, first), (other, second) = make_two()
            pages = [demote(app, one, other), demote(app, other, one)]
            hands = [[take(app, first), take(app, second)], pages, [take(app, first), pages[1]]]
            together(hands[turn % 3])
            with app.app_context():
                assert len(owners()) == 1, turn
    finally:
        arm_crash_points("")


def test_control_without_its_guard_nobody_stays(
    app: Flask, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQLite does not need is the lock: its transactions that write wait for one another."""
    with app.app_context():
        (_, first), (_, second) = make_two()
    if engine_name == "postgresql":
        lock_no_owners(monkeypatch, 2)
    else:
        take_the_last_owner(monkeypatch)
    together([take(app, first), take(app, second)])
    with app.app_context():
        assert not owners(), "the control left an owner"
