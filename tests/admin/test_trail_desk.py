"""The trail: found by person, desk, thing and day, and as cheap with many entries."""

import re
from datetime import timedelta
from pathlib import Path

from flask import Flask

import shop
from shop.admin.trail.queries import TRAIL_DESKS
from shop.core.clock import now
from shop.core.db import transaction
from shop.models import AuditEntry
from tests.admin.kit import sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_user
from tests.sql import counted

SHOP = Path(shop.__file__).parent


def write(app: Flask) -> str:
    """Write three entries; return the address of who made the first."""
    with app.app_context():
        ada = make_user("ada@example.com", permissions=["orders.view"])
        with transaction() as session:
            session.add_all([
                AuditEntry(user_id=ada.id, action="products.price", object_type="product",
                           object_id="12", before={"unit_amount": 100},
                           after={"unit_amount": 200}, created_at=now() - timedelta(days=9)),
                AuditEntry(user_id=ada.id, action="orders.note", object_type="order",
                           object_id="7", before={}, after={"is_kept": True}),
                AuditEntry(actor="cli", action="settings.change", object_type="setting",
                           object_id="name", before={"value": "<b>Old</b>"},
                           after={"value": "New"}),
            ])  # fmt: skip
    return ada.email


@both_engines
def test_entries_are_found_by_person_desk_thing_and_day(app: Flask, owner: ShopClient) -> None:
    email = write(app)
    page = owner.get("/admin/trail").text
    assert page.index("Settings: change") < page.index("Orders: note") < page.index("Products:")
    assert "&lt;b&gt;Old&lt;/b&gt; → New" in page
    assert "<b>Unit amount</b>: €1.00 → €2.00" in page
    assert "– → yes" in page
    week = (now() - timedelta(days=7)).date()
    for query, wanted in {
        f"person={email}": "12 7",
        "person=cli": "name",
        "person=nobody@example.com": "",
        "desk=orders": "7",
        "thing=product+12": "12",
        "thing=product+1": "",
        f"from={week}": "7 name",
        f"to={week}": "12",
        f"person={email}&to={week}": "12",
        "from=yesterday&below=x": "12 7 name",
    }.items():
        text = owner.get(f"/admin/trail?{query}").text
        found = [name for name in ("12", "7", "name") if f"thing={_kind(name)}%20{name}" in text]
        assert " ".join(found) == wanted, query
    assert "Clear the filters" in owner.get("/admin/trail?thing=cat").text


def _kind(name: str) -> str:
    return {"12": "product", "7": "order", "name": "setting"}[name]


def test_every_desk_that_writes_can_be_chosen() -> None:
    writes = re.compile(r'(?:audited|write_audit_entry|begin_audit_entry)\(\s*"([a-z]+)\.')
    written = {word for path in SHOP.rglob("*.py") for word in writes.findall(path.read_text())}
    assert written <= set(TRAIL_DESKS)
    assert len(written) > 5


def test_it_is_for_owners_alone(app: Flask, owner: ShopClient) -> None:
    assert "Nothing was changed yet" in owner.get("/admin/trail").text
    assert sign_in(app, ["settings.edit", "orders.view"]).get("/admin/trail").status_code == 403


@both_engines
def test_pages_begin_below_an_entry(app: Flask, owner: ShopClient) -> None:
    with app.app_context(), transaction() as session:
        session.add_all(
            AuditEntry(actor="cli", action="jobs.retry", object_type="job", object_id=str(n),
                       created_at=now()) for n in range(120)
        )  # fmt: skip
    owner.get("/admin/trail")
    with counted(app) as statements:
        first = owner.get("/admin/trail").text
    assert len(statements) <= 6
    assert (first.count("Jobs: retry"), "Newest" in first) == (50, False)
    ids = [int(part.split('"')[0]) for part in first.split("below=")[1:]]
    last = owner.get(f"/admin/trail?below={ids[0] - 50}").text
    assert (last.count("Jobs: retry"), "Older" in last) == (20, False)
