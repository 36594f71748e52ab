"""Staff who publish and delete at once; orders that are placed meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from shop.admin.pages.services import delete_version
from shop.admin.staff_actions import Staff, new_form_token
from shop.core.clock import now
from shop.core.db import db, retried, transaction
from shop.core.errors import OrderError
from shop.models import OrderText, Page, PageRole, PageVersion
from shop.orders.checkout_details import CheckoutDetails
from shop.orders.place import place_order
from shop.pages.services import begin_sample, publish_page
from shop.seed.basics import ensure_demo_pages
from tests.conftest import both_engines, filled_by, nothing
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import attempted, count, in_app, together

pytestmark = both_engines


def terms() -> int:
    with transaction():
        page = begin_sample(PageRole.TERMS)
        publish_page(page, user_id=None)
        return page.id


@retried
def publish(page_id: int, source: str) -> int:
    with transaction() as session:
        page = session.get_one(Page, page_id, with_for_update=True)
        page.source = source
        return publish_page(page, user_id=None).number


def test_versions_that_are_published_at_once_follow_each_other(app: Flask) -> None:
    with app.app_context():
        page_id = terms()
    tasks = [in_app(app, publish, page_id, f"Text {number}.") for number in range(8)]
    assert sorted(together(tasks)) == list(range(2, 10))
    with app.app_context():
        public = select(PageVersion.number).where(PageVersion.is_public)
        assert db.session.scalars(public).all() == [9]


def test_the_demos_texts_are_published_once(app: Flask) -> None:
    assert together([in_app(app, ensure_demo_pages) for _ in range(4)]) == [None] * 4
    with app.app_context():
        assert len(db.session.scalars(select(Page.id)).all()) == len(PageRole) - 1


def test_a_version_goes_or_an_order_refers_to_it(shop: Flask) -> None:
    """Which of the two is first is up to chance; both is what must not be."""
    with shop.app_context():
        page_id, product = terms(), make_product(stock=99)
        carts = [kit.fill_cart(product) for _ in range(count(80))]
    for number, cart in enumerate(carts, 1):
        with shop.app_context():
            shown = db.session.scalars(select(PageVersion.id).where(PageVersion.is_public)).one()
            agreed = {"shown_versions": (shown,), "are_terms_accepted": True}
            details = kit.details(cart, email=f"{number}@example.org", **agreed)

        tasks = [in_app(shop, place, cart, details), in_app(shop, take_away, page_id, number)]
        placed, deleted = together(tasks)
        with shop.app_context():
            referred = db.session.scalars(
                select(OrderText.order_id).where(OrderText.page_version_id == shown)
            ).all()
            is_there = db.session.get(PageVersion, shown) is not None
            assert is_there == bool(referred), (placed, deleted)
            assert isinstance(deleted, OrderError) == bool(referred)


def place(cart_id: int, details: CheckoutDetails) -> Any:
    return attempted(place_order, cart_id, details)


def take_away(page_id: int, number: int) -> Any:
    publish(page_id, f"Text after {number}.")
    staff = Staff(None, new_form_token())
    return attempted(lambda: delete_version(page_id, number, staff=staff))


@filled_by(nothing)
@pytest.mark.no_audit("the guards are off")
def test_control_without_the_key_what_was_agreed_to_goes(
    shop: Flask, drop: Callable[..., None]
) -> None:
    drop("order_text", "fk_order_text_page_version_id_page_version")
    with shop.app_context():
        page_id, cart = terms(), kit.fill_cart(make_product())
        shown = db.session.scalars(select(PageVersion.id)).one()
        kit.place(cart, shown_versions=(shown,), are_terms_accepted=True)
        take_away(page_id, 1)
        assert db.session.get(PageVersion, shown) is None
        assert db.session.scalars(select(OrderText.page_version_id)).all() == [shown]


@filled_by(nothing)
def test_control_without_the_index_two_versions_are_public(
    shop: Flask, drop: Callable[..., None]
) -> None:
    with shop.app_context():
        page_id = terms()
        second = {"page_id": page_id, "number": 2, "title": "T", "description": "", "source": "S"}
        second |= {"html": "", "rules": 1, "is_public": True, "created_at": now()}
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(insert(PageVersion).values(**second))
    drop("page_version", indexes=["uq_page_version_public"])
    with shop.app_context(), transaction() as session:
        session.execute(insert(PageVersion).values(**second))
