"""How many came how far: each visitor once a day, without cookies, by hashes that are forgotten."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.config import config
from shop.core.db import db
from shop.models import Product, Visit, VisitSalt, VisitSum
from shop.operations.retention import forget_visits
from shop.shared import visits
from shop.shared.visits import Seen, store_visits
from tests.admin.kit import sign_in
from tests.checkout.test_pages import add
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together
from tests.sql import counted

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1"


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=30)


def look(app: Flask, product: Product, agent: str = FIREFOX, address: str = "192.0.2.7") -> None:
    """Open the product's page as somebody who has no cookie."""
    page = app.test_client().get(
        f"/products/{product.slug}",
        headers={"User-Agent": agent},
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert page.status_code == 200
    page.close()  # as a server does once all is sent


def store(app: Flask) -> None:
    app.extensions["visits"].store()


def sums(app: Flask) -> dict[str, int]:
    """Return the visitors of all days by stage."""
    with app.app_context():
        found: dict[str, int] = {}
        for row in db.session.scalars(select(VisitSum)):
            found[row.stage.value] = found.get(row.stage.value, 0) + row.visitors
        return found


@both_engines
def test_each_visitor_counts_once_a_day_and_stage(app: Flask, product: Product) -> None:
    guest = app.test_client()
    assert isinstance(guest, ShopClient)
    guest.environ_base["HTTP_USER_AGENT"] = FIREFOX
    for _ in range(2):
        guest.get(f"/products/{product.slug}")
        add(guest, product)
        assert guest.get("/checkout").status_code == 200
        store(app)
    assert sums(app) == {"seen": 1, "bag": 1, "checkout": 1}
    look(app, product, SAFARI)
    look(app, product, address="192.0.2.8")
    store(app)
    assert sums(app) == {"seen": 3, "bag": 1, "checkout": 1}
    clock.move(86400)
    look(app, product, SAFARI)
    store(app)
    assert sums(app)["seen"] == 4
    with app.app_context():
        salts = db.session.scalars(select(VisitSalt.salt)).all()
        assert len(set(salts)) == len(salts) == 2
        hashes = db.session.scalars(select(Visit.visitor).where(Visit.stage == "seen")).all()
        assert len(set(hashes)) == 4  # whoever came again is another one to us


def test_a_household_of_ipv6_is_told_by_its_network(app: Flask, product: Product) -> None:
    for address in ("2001:db8:1:2::7", "2001:db8:1:2:aa::9", "2001:db8:1:3::7"):
        look(app, product, address=address)
    store(app)
    assert sums(app) == {"seen": 2}


def test_programs_and_staff_are_not_counted(app: Flask, product: Product) -> None:
    owner = sign_in(app, is_owner=True)
    owner.environ_base["HTTP_USER_AGENT"] = FIREFOX
    assert owner.get(f"/products/{product.slug}").status_code == 200
    for agent in ("", "Googlebot/2.1", "Mozilla/5.0 (compatible; bingbot/2.0)"):
        look(app, product, agent)
    client = app.test_client()
    client.get(f"/products/{product.slug}", headers={"Sec-Purpose": "prefetch"})
    client.head(f"/products/{product.slug}", headers={"User-Agent": FIREFOX})
    store(app)
    assert sums(app) == {}


def test_no_page_waits_for_it(
    app: Flask, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(app, product)
    with counted(app) as statements:
        look(app, product, SAFARI)
    assert not [each for each in statements if "visit" in each.replace("visitor", "")]
    monkeypatch.setattr(visits, "PATIENCE", 0.0)
    look(app, product, address="192.0.2.8")
    assert sums(app) == {"seen": 3}


@both_engines
def test_what_cannot_be_stored_waits(
    app: Flask, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(app, product)
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(visits, "_hash", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            app.extensions["visits"].buffer.store()
        assert db.session.scalars(select(VisitSalt)).all() == []
    store(app)
    assert sums(app) == {"seen": 1}


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
def test_processes_that_store_the_same_at_once_count_it_once(app: Flask) -> None:
    with app.app_context():
        day = clock.today(config().timezone)
    seen = [
        Seen(day, stage, (f"192.0.2.{n}", FIREFOX)) for n in range(40) for stage in ("seen", "bag")
    ]
    new = together([in_app(app, store_visits, seen) for _ in range(4)])
    assert sum(new) == 80
    assert sums(app) == {"seen": 40, "bag": 40}


def test_the_day_after_nobody_can_tell_who_it_was(app: Flask, product: Product) -> None:
    look(app, product)
    store(app)
    clock.move(2 * 86400)
    look(app, product)
    store(app)
    with app.app_context():
        today = clock.today(config().timezone)
        assert forget_visits(today - timedelta(days=1)) == 1
        assert db.session.scalars(select(VisitSalt.day)).all() == [today]
        assert sums(app) == {"seen": 2}
        late = Seen(today - timedelta(days=2), "seen", ("192.0.2.7", FIREFOX))
        assert store_visits([late]) == 0
        assert sums(app) == {"seen": 2}
