"""Who may do what: nothing is done without permission, and nothing that is refused is offered."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule

from shop.auth.guard import ANY_STAFF
from shop.auth.permissions import OWNERS_ONLY, PERMISSIONS
from shop.auth.sessions import open_session
from shop.catalog.input_types import CollectionFields
from shop.catalog.services import create_collection
from shop.core.db import Base, changed, db, transaction
from shop.models import (
    Customer,
    MailMessage,
    OrderItem,
    PageRole,
    ProductVariant,
    User,
    UserSession,
)
from shop.orders.services import RefundLine, refund_order
from shop.pages.services import begin_sample, publish_page
from tests.admin.kit import paid_order, sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.contact.test_contact import write_message
from tests.coupons.kit import coupon
from tests.factories import make_brand, make_category, make_user

SEEN = {"user_session"}  # who looks at a page moves it


def contents(app: Flask) -> dict[str, list[object]]:
    """Return every row of the shop."""
    with app.app_context():
        found = {
            table.name: [tuple(row) for row in db.session.execute(select(table))]
            for table in Base.metadata.sorted_tables
            if table.name not in SEEN
        }
        db.session.close()
    return found


def staff_posts(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin") and "POST" in (rule.methods or ())
    ]


@pytest.fixture
def things(app: Flask, owner: ShopClient) -> dict[str, str]:
    """Things that are there, by the names they have in addresses."""
    number = paid_order(app)
    with app.app_context():
        variant = db.session.scalars(select(ProductVariant)).first()
        mail = db.session.scalars(select(MailMessage.id)).first()
        item = db.session.scalars(select(OrderItem)).first()
        assert variant
        assert item
        lines = [RefundLine(item.id, 1, 100)]
        refund_id = refund_order(item.order_id, 100, form_token="x" * 24, lines=lines).id
        db.session.rollback()
        with transaction():
            page = begin_sample(PageRole.TERMS)
            publish_page(page, user_id=None)
            page_id = str(page.id)
        message_id = write_message("x" * 24)
        section_id = str(make_category().id)
        assert str(make_brand().id) == section_id
        assert str(create_collection(CollectionFields(name="Gifts"))) == section_id
        coupon_id = str(coupon("OPEN").id)
        colleague = make_user(permissions=["orders.view"])
        guests = select(Customer.id).where(Customer.user_id.is_(None))
        customer_id = db.session.scalars(guests).one()
        with transaction():
            open_session(colleague.id)
        session_id = db.session.scalars(
            select(UserSession.id).where(UserSession.user_id == colleague.id)
        ).one()
    return {
        "number": number,
        "product_id": str(variant.product_id),
        "section_id": section_id,
        "block_key": "1",
        "variant_id": str(variant.id),
        "mail_id": str(mail),
        "job_id": "1",
        "page_id": page_id,
        "nth": "1",
        "message_id": message_id,
        "method_id": "1",
        "zone_id": "1",
        "carrier_id": "1",
        "slug": "shop",
        "kind": "order_paid",
        "theme": "light",
        "refund_id": refund_id,
        "view_id": "1",
        "user_id": str(colleague.id),
        "customer_id": str(customer_id),
        "invitation_id": "1",
        "role_id": str(colleague.role_id),
        "session_id": str(session_id),
        "shipment_id": "1",
        "coupon_id": coupon_id,
        "count_id": "1",
        "item": f"item-{item.id}",
        "entry_id": "1",
        "row_id": "1",
    }


def address(rule: Rule, things: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: things[found[1]], rule.rule)


def test_without_the_permission_a_valid_form_changes_nothing(
    app: Flask, things: dict[str, str]
) -> None:
    everything = {
        "note": "x", "delta": "5", "variant_id": things["variant_id"], things["item"]: "1",
        "status": "archived", "product_id": things["product_id"], "name": "x", "to": "a@b.example",
        "country": "FR", "tax_class": "standard", "remove": "1", "act": "remove-1",
        "title": "x", "source": "x", "slug": "x", "section": "help", "position": "1",
        "role": "privacy",
    }  # fmt: skip
    rules = staff_posts(app)
    assert len(rules) > 20
    for rule in rules:
        needed = app.view_functions[rule.endpoint].needed_permission  # type: ignore[attr-defined]
        if needed == ANY_STAFF:
            continue
        client = sign_in(app, sorted(PERMISSIONS - {needed, "staff.edit"}))
        form = {**everything, "csrf_token": client.token("/cart")}
        before = contents(app)
        answer = client.post(address(rule, things), data=form)
        assert answer.status_code == 403, rule.rule
        assert contents(app) == before, rule.rule


def test_each_permission_opens_exactly_its_pages(app: Flask, things: dict[str, str]) -> None:
    """The map of addresses, walked by somebody who has one permission; then by one who lost it."""
    rules = [
        (address(rule, things), app.view_functions[rule.endpoint].needed_permission)  # type: ignore[attr-defined]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or ())
    ]
    assert len(rules) > 50
    for permission in sorted(PERMISSIONS - OWNERS_ONLY):
        client = sign_in(app, [permission])
        its = {url for url, needed in rules if needed in (ANY_STAFF, permission)}
        its -= {f"/admin/mails/{things['mail_id']}/body"}  # needs the order’s permission, too
        assert {url for url, _ in rules if client.get(url).status_code != 403} == its, permission
        with app.app_context(), transaction():
            changed(update(User).values(role_id=None))
        assert {client.get(url).status_code for url in its} == {403}, permission


def pages(client: ShopClient) -> Iterator[str]:
    """Follow every link of the staff pages from the first one on; yield each with its answer."""
    known = set()
    waiting = ["/admin/", *(f"/admin/find?q={text}" for text in ("", "Iris", "zzz", "a@b.example"))]
    while waiting:
        url = waiting.pop()
        if url in known:
            continue
        known.add(url)
        answer = client.get(url)
        if answer.status_code == 302:
            waiting.append(answer.location)
        elif answer.status_code == 200:
            found = re.findall(r'href="(/admin[^"#]*)', answer.text)
            waiting += [link.replace("&amp;", "&") for link in found]
        yield f"{answer.status_code} {url}"


@pytest.mark.parametrize(
    "permissions",
    [
        [],
        ["orders.view"],
        ["products.view"],
        ["stock.edit", "products.view"],
        ["settings.edit"],
        ["jobs.view"],
        ["pages.edit"],
        ["messages.answer"],
        ["coupons.edit"],
        ["orders.ship", "orders.view", "orders.note"],
        ["orders.refund"],
        sorted(PERMISSIONS - {"products.view", "staff.edit"}),
        sorted(PERMISSIONS - {"orders.view", "staff.edit"}),
    ],
    ids=lambda found: "+".join(found)[:40] or "none",
)
def test_no_link_leads_to_a_refusal(
    app: Flask, things: dict[str, str], permissions: list[str]
) -> None:
    seen = list(pages(sign_in(app, permissions)))
    assert [line for line in seen if not line.startswith(("200", "302"))] == []
    assert len(seen) > 3


@both_engines
def test_every_page_of_the_desks_comes(owner: ShopClient, things: dict[str, str]) -> None:
    seen = list(pages(owner))
    assert [line for line in seen if not line.startswith(("200", "302"))] == []
    assert len(seen) > 15
