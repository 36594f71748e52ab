"""The delivery desk: zones and their methods, made, changed, put in order and deleted."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from shop.core.db import db, transaction
from shop.delivery.queries import list_countries, list_methods
from shop.models import Carrier, DeliveryMethod, DeliveryZone, DeliveryZoneCountry
from shop.shared.page_versions import bump_settings
from tests.admin.kit import paid_order, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_method, make_zone
from tests.sql import counted

HOME = "/admin/settings/delivery"
COURIER = {"name": "Courier", "price": "25", "min_days": "1", "max_days": "2", "is_active": "y"}


def form_of(client: ShopClient, page: str, action: str, **typed: Any) -> MultiDict[str, str]:
    """Return what the form sends, `typed` over it; `countries` is a list."""
    kept = shown(client.get(page).text, f'action="{action}"')
    kept.pop("countries", None)
    return MultiDict({**kept, **typed})


def make(client: ShopClient, **typed: Any) -> Any:
    form = form_of(client, f"{HOME}/zones/new", f"{HOME}/zones", **typed)
    return client.post(f"{HOME}/zones", data=form)


def zones() -> dict[str, list[str]]:
    """Return the countries of each zone."""
    db.session.close()
    names = db.session.scalars(select(DeliveryZone.name))
    found: dict[str, list[str]] = {name: [] for name in names}
    for row in db.session.execute(
        select(DeliveryZone.name, DeliveryZoneCountry.country)
        .join(DeliveryZoneCountry, DeliveryZoneCountry.zone_id == DeliveryZone.id)
        .order_by(DeliveryZoneCountry.country)
    ):
        found[row.name].append(row.country)
    return found


@both_engines
def test_a_zone_with_its_method_opens_a_country(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        assert "BR" not in list_countries()
    south = {"name": "South", "countries": ["BR", "AR"]}
    form = form_of(owner, f"{HOME}/zones/new", f"{HOME}/zones", **south)
    first, again = (owner.post(f"{HOME}/zones", data=form) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    with app.app_context():
        assert zones()["South"] == ["AR", "BR"]
        assert "BR" not in list_countries(), "nothing is sent there yet"
    new = first.location
    form = form_of(owner, new, f"{HOME}/methods", **COURIER, zone_id=new.partition("=")[2])
    answers = twice(owner, f"{HOME}/methods", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert list_countries()[-2:] == ("AR", "BR")
        assert [method.name for method in list_methods("BR")] == ["Courier"]
        assert [entry.action for entry in trail()] == ["settings.zone", "settings.delivery_method"]
        assert trail()[0].after["countries"] == "Argentina, Brazil"
    page = owner.get(HOME).text
    assert "Argentina, Brazil" in page
    assert "€25" in page


@both_engines
def test_a_country_is_of_one_zone(app: Flask, owner: ShopClient) -> None:
    page = owner.get(f"{HOME}/zones/new").text
    assert 'value="FR" disabled' in page
    assert 'name="countries" value="BR" disabled' not in page
    answer = make(owner, name="South", countries=["BR", "FR"])
    assert answer.status_code == 422
    assert "France belongs to the zone FR-DE." in answer.text
    with app.app_context():
        assert "South" not in zones()
        with pytest.raises(IntegrityError), transaction() as session:
            session.add(DeliveryZoneCountry(country="FR", zone_id=make_zone("JP")))


@both_engines
def test_the_rest_of_the_world_is_one_zone(app: Flask, owner: ShopClient) -> None:
    assert make(owner, name="World", is_rest="y").status_code == 303
    answer = make(owner, name="Moon", is_rest="y")
    assert answer.status_code == 422
    assert "Another zone has everywhere else already." in answer.text
    with app.app_context():
        make_method("Ship", 4000)
        assert [method.name for method in list_methods("BR")] == ["Ship"]
        assert [method.name for method in list_methods("FR")] == ["Tracked parcel"]
        assert {"BR", "FR", "US"} <= set(list_countries())
        with transaction() as session:  # a country of a zone without methods is not elsewhere
            session.get_one(DeliveryMethod, 1).is_active = False
            bump_settings()
        assert list_methods("FR") == []
        assert not {"FR", "DE"} & set(list_countries())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "countries": ["BR"]}, "Enter a name"),
        ({"name": "x" * 101, "countries": ["BR"]}, "Enter a name"),
        ({"name": "South"}, "Choose at least one country"),
        ({"name": "South", "countries": ["XX", "BR"]}, "Choose countries of the list."),
        ({"name": "South", "countries": ["’; DROP"]}, "Choose countries of the list."),
    ],
)
def test_zones_that_cannot_be(owner: ShopClient, typed: dict[str, Any], sentence: str) -> None:
    answer = make(owner, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Enter a name"),
        ({"price": "-1"}, 'id="price-error"'),
        ({"price": "1,2,3"}, 'id="price-error"'),
        ({"zone_id": "99"}, "Choose a zone."),
        ({"carrier_id": "x"}, "Choose a carrier."),
        ({"min_days": "9"}, "Enter days like 2 and 4."),
        ({"min_days": "１"}, None),  # digits of another width are made plain
        ({"max_days": "100"}, "Enter days like 2 and 4."),
        ({"description": "d" * 256}, "Use at most 255 characters."),
    ],
)
def test_methods_that_cannot_be(
    owner: ShopClient, typed: dict[str, str], sentence: str | None
) -> None:
    form = form_of(owner, f"{HOME}/methods/new?zone=1", f"{HOME}/methods", zone_id="1", **COURIER)
    answer = owner.post(f"{HOME}/methods", data={**form, **typed})
    if sentence is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert sentence in answer.text


@both_engines
def test_who_was_overtaken_sees_both(app: Flask, owner: ShopClient) -> None:
    page = f"{HOME}/methods/1"
    form = form_of(owner, page, page, price="7.00", zone_id="1", carrier_id="1")
    with app.app_context(), transaction() as session:
        session.get_one(DeliveryMethod, 1).unit_amount = 900
    stale = owner.post(page, data=form)
    assert stale.status_code == 409
    assert "It says now: 9.00" in stale.text
    assert 'value="7.00"' in stale.text
    again = {**shown(stale.text, f'action="{page}"'), "zone_id": "1", "carrier_id": "1"}
    assert owner.post(page, data=again).status_code == 303
    zone = f"{HOME}/zones/1"
    first = form_of(owner, zone, zone, countries=["FR", "BE"])
    late = form_of(owner, zone, zone, countries=["FR", "DE", "IT"])
    assert owner.post(zone, data=first).status_code == 303
    stale = owner.post(zone, data=late)
    assert stale.status_code == 409
    assert "It says now: Belgium, France" in stale.text
    assert 'value="IT" checked' in stale.text
    with app.app_context():
        assert zones()["FR-DE"] == ["BE", "FR"]
        assert db.session.get_one(DeliveryMethod, 1).unit_amount == 700
        assert db.session.scalars(select(Carrier.id)).all() == [1]


@both_engines
def test_order_is_the_merchants_and_overtakes_nobody(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        second = make_method("Courier", 2500, to=["FR"], position=1)
    page = f"{HOME}/methods/1"
    form = form_of(owner, page, page, name="Post", zone_id="1")
    for what in (f"methods/{second.id}", "zones/2"):
        place = f"{HOME}/{what}/place"
        for _ in range(2):  # once more than there is room
            answer = owner.post(place, data=form_of(owner, HOME, place) | {"step": "-1"})
            assert answer.status_code == 303
    assert owner.post(page, data=form).status_code == 303, "being moved is no change"
    with app.app_context():
        assert [method.name for method in list_methods("FR")] == ["Courier", "Post"]
        assert list_countries() == ("FR", "JP", "CH", "DE")
        assert trail()[0].before == {"place": 2}
        assert trail()[0].after == {"place": 1}
    wrong = owner.post(place, data=form_of(owner, HOME, place) | {"step": "7"})
    assert wrong.status_code == 422


@both_engines
def test_only_what_nothing_depends_on_is_deleted(app: Flask, owner: ShopClient) -> None:
    paid_order(app)
    sold, zone, unsold = f"{HOME}/methods/1", f"{HOME}/zones/2", f"{HOME}/methods/2"

    def delete(page: str) -> Any:
        return owner.post(f"{page}/deletion", data=form_of(owner, page, f"{page}/deletion"))

    refused = delete(sold)
    assert refused.status_code == 409
    assert "Stop offering it instead." in refused.text
    full = delete(zone)
    assert full.status_code == 409
    assert "still has methods" in full.text
    form = form_of(owner, unsold, f"{unsold}/deletion")
    assert [a.status_code for a in twice(owner, f"{unsold}/deletion", form)] == [303, 303]
    assert delete(zone).status_code == 303
    assert owner.get(zone).status_code == 404
    with app.app_context():
        assert list(zones()) == ["FR-DE"]
        assert list_countries() == ("FR", "DE")
        assert [e.action for e in trail()][-2:] == [
            "settings.delivery_method_delete", "settings.zone_delete",
        ]  # fmt: skip


@both_engines
def test_of_two_zones_made_at_once_one_gets_the_country(app: Flask, owner: ShopClient) -> None:
    clients = [sign_in(app, is_owner=True) for _ in range(2)]
    forms = [
        form_of(client, f"{HOME}/zones/new", f"{HOME}/zones", name=f"Zone {n}", countries=["BR"])
        for n, client in enumerate(clients)
    ]
    statuses: list[int] = []
    ready = threading.Barrier(2)

    def send(client: ShopClient, form: MultiDict[str, str]) -> None:
        ready.wait()
        statuses.append(client.post(f"{HOME}/zones", data=form).status_code)

    pairs = zip(clients, forms, strict=True)
    threads = [threading.Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 422]
    with app.app_context():
        assert sum("BR" in countries for countries in zones().values()) == 1


def test_the_room_takes_few_statements_and_needs_its_permission(
    app: Flask, owner: ShopClient
) -> None:
    owner.get(HOME)
    with counted(app) as few:
        owner.get(HOME)
    with app.app_context():
        for number in range(20):
            make_method(f"Method {number}", 100, to=["FR"], position=number)
    owner.get(HOME)
    with counted(app) as many:
        owner.get(HOME)
    assert len(many) == len(few) <= 6, many
    other = sign_in(app, ["orders.view", "products.edit"])
    for path in (HOME, f"{HOME}/zones/new", f"{HOME}/zones/1", f"{HOME}/methods/1"):
        assert other.get(path).status_code == 403


@both_engines
def test_prices_are_entered_in_steps(app: Flask, owner: ShopClient) -> None:
    page = f"{HOME}/methods/1"
    typed = {
        "zone_id": "1", "carrier_id": "", "price": "", "rates": "weight",
        "end_0": "1000 g", "step_0": "6.90", "end_1": "5000", "step_1": "12.90",
        "end_2": "", "step_2": "29",
    }  # fmt: skip
    form = form_of(owner, page, page, **typed)
    assert owner.post(page, data=form).status_code == 303
    with app.app_context():
        method = db.session.get_one(DeliveryMethod, 1)
        assert method.bands == [[1000, 690], [5000, 1290], [None, 2900]]
        assert (method.rates, method.unit_amount) == ("weight", 0)
        assert trail()[-1].after["bands"] == [[1000, 690], [5000, 1290], [None, 2900]]
    shown_again = owner.get(page).text
    for value in ('name="end_1"', 'value="5000"', 'value="12.90"', 'name="step_5"'):
        assert value in shown_again
    assert "to 1000 g: €6.90" in owner.get(HOME).text
    late = form_of(owner, page, page, **{**typed, "version": "1", "step_1": "13"})
    stale = owner.post(page, data=late)
    assert stale.status_code == 409
    assert "Steps say now: up to 1000 g: 6.90; up to 5000 g: 12.90; more: 29.00" in stale.text
    amounts = {**typed, "rates": "amount", "end_0": "50", "end_1": "99.50"}
    assert owner.post(page, data=form_of(owner, page, page, **amounts)).status_code == 303
    with app.app_context():
        assert db.session.get_one(DeliveryMethod, 1).bands == [
            [5000, 690],
            [9950, 1290],
            [None, 2900],
        ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Enter at least one step"),
        ({"end_0": "x", "step_0": "1"}, "Enter whole grams"),
        ({"end_0": "1.5", "step_0": "1"}, "Enter whole grams"),
        ({"end_0": "100"}, "Enter an amount"),
        ({"end_0": "100", "step_0": "1", "end_1": "50", "step_1": "2"}, "above the one before"),
        ({"step_0": "1", "end_1": "50", "step_1": "2"}, "Only the last step"),
        ({"end_0": "999999999", "step_0": "1"}, "below what can be entered"),
    ],
)
def test_steps_that_cannot_be(owner: ShopClient, typed: dict[str, str], sentence: str) -> None:
    page = f"{HOME}/methods/1"
    form = form_of(owner, page, page, zone_id="1", rates="weight", **typed)
    answer = owner.post(page, data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
