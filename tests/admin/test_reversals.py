"""Entries that are taken back: once, as an edit, never over what has moved on since."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.admin.staff_actions import Staff
from shop.admin.trail.services import take_back
from shop.core.db import db
from shop.core.errors import NotPermitted
from shop.models import (
    AuditEntry,
    Category,
    Collection,
    DeliveryMethod,
    MailText,
    MovementKind,
    Page,
    Product,
    ProductVariant,
    StockMovement,
)
from shop.settings.queries import shop_settings
from tests.admin.kit import sign_in, trail, twice
from tests.admin.staff_walk import Walk
from tests.admin.trail_walk import REQUESTS
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_category, product_again
from tests.orders import kit


@pytest.fixture
def walk(app: Flask, owner: ShopClient) -> Walk:
    return Walk(app, owner)


def newest(walk: Walk) -> AuditEntry:
    with walk.app.app_context():
        return trail()[-1]


def change(walk: Walk, page: str, action: str, **typed: Any) -> str:
    """Send a form of the desks; return the page of the entry that it left."""
    walk.do(walk.form(page, action, **typed))
    return f"/admin/trail/{newest(walk).id}"


def revert(walk: Walk, entry: str) -> tuple[int, str]:
    """Press the button of an entry's page; return status and page."""
    url, form = walk.form(entry, "/reversal")
    answer = walk.client.post(url, data=form, follow_redirects=True)
    return answer.status_code, answer.text


def row(walk: Walk, model: type, **columns: Any) -> Any:
    """Return the columns of the only row of a table."""
    with walk.app.app_context():
        found = db.session.scalars(select(model).filter_by(**columns)).one()
        db.session.close()
        return found


@both_engines
def test_a_text_is_taken_back_once_and_that_can_be_taken_back_too(walk: Walk) -> None:
    page = walk.product(summary="Warm.")
    entry = change(walk, page, page, name="Ambre nuit", summary="Cold <b>and</b> dark.")
    shown = walk.client.get(entry).text
    assert "Cold &lt;b&gt;and&lt;/b&gt; dark." in shown
    assert f'href="{page}"' in shown
    url, form = walk.form(entry, "/reversal")
    first, second = twice(walk.client, url, form)
    assert (first.status_code, first.location) == (303, second.location)
    assert (row(walk, Product).name, row(walk, Product).summary) == ("Ambre", "Warm.")
    made = newest(walk)
    assert (made.action, made.reverts_id) == ("products.update", int(entry.rsplit("/", 1)[1]))
    assert made.after == {"name": "Ambre", "summary": "Warm."}
    after = walk.client.get(entry).text
    assert "This was reverted." in after
    assert "/reversal" not in after
    other = sign_in(walk.app, is_owner=True)
    again = other.submit(url, {"form_token": "o" * 20}, page=entry)
    assert (again.status_code, "reverted before" in again.text) == (409, True)
    assert "Reverts an earlier change" in walk.client.get("/admin/trail").text
    assert revert(walk, first.location)[0] == 200
    assert row(walk, Product).name == "Ambre nuit"


def test_what_has_moved_on_stays_and_both_are_shown(walk: Walk) -> None:
    page = walk.product()
    entry = change(walk, page, page, name="Ambre nuit")
    url, form = walk.form(entry, "/reversal")
    change(walk, page, page, name="Ambre noir")
    shown = walk.client.get(entry).text
    assert "moved on since" in shown
    assert "/reversal" not in shown
    late = walk.client.post(url, data=form)
    assert late.status_code == 409
    assert "Ambre noir" in late.text
    assert "This change left: Ambre nuit" in late.text
    assert row(walk, Product).name == "Ambre noir"
    change(walk, page, page, name="Ambre nuit", description="Also.")
    assert revert(walk, entry)[0] == 200, "another value of it may have moved on"
    assert (row(walk, Product).name, row(walk, Product).description) == ("Ambre", "Also.")


@both_engines
def test_prices_are_taken_back_and_stock_as_a_movement(walk: Walk) -> None:
    page = walk.product(price=14800, stock=10)
    variant = walk.variant(page)
    price = change(walk, page, f"/variants/{variant}", **{f"v{variant}-price": "99.00"})
    assert "€99.00" in walk.client.get(price).text
    assert revert(walk, price)[0] == 200
    more = change(walk, page, "/stock", delta="+5", reason="Delivery")
    with walk.app.app_context():
        kit.pay(kit.to_payment(kit.fill_cart(product_of(page), quantity=8))[1])
    assert revert(walk, more)[0] == 200
    found = row(walk, ProductVariant)
    assert (found.unit_amount, found.stock_on_hand) == (14800, 2), "8 were sold, 5 taken away"
    with walk.app.app_context():
        booked = db.session.scalars(select(StockMovement).order_by(StockMovement.id.desc())).first()
        assert booked
        assert (booked.quantity, booked.kind) == (-5, MovementKind.WRITE_OFF)
        assert "Reverts entry" in booked.reason
    grid = change(
        walk, f"{page}/grid", "/grid", **{f"price-{variant}": "12.00", f"stock-{variant}": "9"}
    )
    assert newest(walk).action == "products.grid"
    with walk.app.app_context():
        kit.pay(kit.to_payment(kit.fill_cart(product_of(page), quantity=4))[1])
    assert "moved on" in walk.client.get(grid).text, "of 7 that were added 5 are left"
    walk.do(walk.form(page, "/stock", delta="+2"))
    assert revert(walk, grid)[0] == 200
    found = row(walk, ProductVariant)
    assert (found.unit_amount, found.stock_on_hand) == (14800, 0)


def test_counts_and_levels_are_taken_back_all_or_none(walk: Walk) -> None:
    page = walk.product(stock=4)
    variant = walk.variant(page)
    typed = {f"on_hand-{variant}": "9", f"level-{variant}": "2"}
    entry = change(walk, "/admin/stock", "/stock", **typed)
    assert f'href="/admin/stock/{variant}"' in walk.client.get(entry).text
    change(walk, "/admin/stock", "/stock", **{f"on_hand-{variant}": "7"})
    assert revert(walk, entry)[0] == 200
    found = row(walk, ProductVariant)
    assert (found.stock_on_hand, found.low_stock_level) == (2, None)
    change(walk, "/admin/stock", "/stock", **{f"level-{variant}": "5"})
    again = change(walk, "/admin/stock", "/stock", **{f"on_hand-{variant}": "8"})
    change(walk, "/admin/stock", "/stock", **{f"on_hand-{variant}": "3"})
    assert "moved on since" in walk.client.get(again).text


def product_of(page: str) -> Product:
    return product_again(int(page.rsplit("/", 1)[1]))


def test_what_is_gone_says_so(walk: Walk) -> None:
    page = walk.product(variants=({"option_values": ["A"]}, {"option_values": ["B"]}))
    variant = walk.variant(page)
    price = change(walk, page, f"/variants/{variant}", **{f"v{variant}-price": "99.00"})
    url, form = walk.form(price, "/reversal")
    walk.do(walk.form(page, f"/variants/{variant}/archive"))
    late = walk.client.post(url, data=form)
    assert (late.status_code, "is not there any more" in late.text) == (409, True)
    text = walk.page()
    written = change(walk, text, text, title="Other", section="help", position="1", source="New.",
                     but="preview publish")  # fmt: skip
    walk.do(walk.form(f"{text}/deletion", "/deletion"))
    shown = walk.client.get(written).text
    assert "not there any more" in shown
    assert f'href="{text}"' not in shown
    for endpoint in ("admin.orders.note", "admin.products.create"):
        walk.do(REQUESTS[endpoint](walk))
        entry = f"/admin/trail/{newest(walk).id}"
        assert "/reversal" not in walk.client.get(entry).text
        assert walk.client.submit(f"{entry}/reversal", {}).status_code == 409


def test_pages_sections_settings_and_delivery_are_taken_back(walk: Walk) -> None:
    typed = {"section": "help", "position": "1", "but": "preview publish"}
    text = walk.page()
    entry = change(walk, text, text, title="Elsewhere", source="New.", **typed)
    assert revert(walk, entry)[0] == 200
    assert row(walk, Page).title == "Returns"
    assert "Version 1" in row(walk, Page).source
    house = walk.section(make_category, "categories", "Home")
    entry = change(walk, house, house, name="House", description="Warm.")
    assert revert(walk, entry)[0] == 200
    assert (row(walk, Category).name, row(walk, Category).description) == ("Home", "")
    page = walk.collection()
    ruled = {"kind": "rule", "max_price": "50", "in_stock": "y", "seo_title": "Gifts to fifty"}
    first = change(walk, page, page, but="is_reduced in_menu picture", **ruled)
    second = change(walk, page, page, but="in_stock in_menu picture", is_reduced="y", name="Sale")
    assert revert(walk, second)[0] == 200
    assert row(walk, Collection).rule == {"max_price": 5000, "in_stock": True}
    assert revert(walk, first)[0] == 200
    assert (row(walk, Collection).kind, row(walk, Collection).seo_title) == ("hand", "")
    entry = change(walk, "/admin/settings/shop", "/shop", name="Atelier")
    shown = walk.client.get(entry).text
    assert 'href="/admin/settings/shop#name"' in shown
    assert entry in walk.client.get("/admin/trail?thing=settings+shop").text
    assert entry not in walk.client.get("/admin/trail?thing=settings+orders").text
    assert revert(walk, entry)[0] == 200
    with walk.app.app_context():
        assert shop_settings().name != "Atelier"
        method = db.session.scalars(
            select(DeliveryMethod.id).where(DeliveryMethod.code == "tracked")
        )
        method_id = method.one()
    page = f"/admin/settings/delivery/methods/{method_id}"
    entry = change(walk, page, page, price="7.00", free_from="")
    assert revert(walk, entry)[0] == 200
    back = row(walk, DeliveryMethod, id=method_id)
    assert (back.unit_amount, back.free_from) == (600, 15000)
    bands = {"rates": "weight", "end_0": "500", "step_0": "3"}
    entry = change(walk, page, page, price="", **bands)
    assert revert(walk, entry)[0] == 200
    assert row(walk, DeliveryMethod, id=method_id).unit_amount == 600
    page = "/admin/settings/mail/order_paid"
    entry = change(walk, page, page, but="as", greeting="Merci!")
    assert f'href="{page.rsplit("/", 1)[0]}"' in walk.client.get(entry).text
    assert revert(walk, entry)[0] == 200
    assert row(walk, MailText).greeting == ""


def test_it_needs_the_permission_of_the_desk(walk: Walk) -> None:
    page = walk.product()
    entry = int(change(walk, page, page, name="Ambre nuit").rsplit("/", 1)[1])
    with walk.app.app_context(), pytest.raises(NotPermitted):
        take_back(entry, may=lambda name: name != "products.edit", staff=Staff(None))
    assert row(walk, Product).name == "Ambre nuit"
    staff = sign_in(walk.app, ["products.edit", "products.view"])
    for url in (f"/admin/trail/{entry}", f"/admin/trail/{entry}/reversal"):
        method = staff.get if url.endswith(str(entry)) else staff.submit
        assert method(url).status_code == 403
