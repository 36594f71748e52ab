"""An entry of the trail that several take back at once is taken back once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from shop.admin.products.variants import book_stock
from shop.admin.staff_actions import Staff
from shop.admin.trail import services
from shop.core.db import db
from shop.core.errors import StaleForm
from shop.models import AuditEntry, ProductVariant
from tests.conftest import both_engines, filled_by, nothing
from tests.factories import make_product, make_user
from tests.races.race_kit import in_app, together

pytestmark = both_engines


def take_back(entry_id: int, user_id: int) -> str:
    try:
        services.take_back(entry_id, may=lambda _name: True, staff=Staff(user_id))
    except StaleForm:
        return "late"
    return "done"


def race(app: Flask) -> tuple[list[str], int]:
    """Let three colleagues take 5 of 15 pieces back at once: what each saw, what is left."""
    with app.app_context():
        product = make_product(stock=10)
        variant_id = product.variants[0].id
        users = [make_user(is_owner=True).id for _ in range(3)]
        book_stock(product.id, variant_id, 5, "", staff=Staff(users[0]))
        of_it = AuditEntry.action == "stock.adjust"
        entry_id = db.session.scalars(select(AuditEntry.id).where(of_it)).one()
        db.session.close()
    saw = together([in_app(app, take_back, entry_id, user_id) for user_id in users])
    with app.app_context():
        return sorted(saw), db.session.get_one(ProductVariant, variant_id).stock_on_hand


def test_stock_is_taken_back_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert race(app) == (["done", "late", "late"], 10)


def test_the_index_alone_is_enough(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_done_before", lambda _entry_id, _staff: None)
    assert race(app) == (["done", "late", "late"], 10)


@filled_by(nothing)
def test_control_without_look_and_index_it_is_taken_back_each_time(
    app: Flask, drop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("audit_entry", indexes=["ix_audit_entry_reverts"])
    monkeypatch.setattr(services, "_done_before", lambda _entry_id, _staff: None)
    assert race(app) == (["done", "done", "done"], 0)
