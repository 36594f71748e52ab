"""The desk of stock: what is typed is saved whole or not at all, once, and never over a sale."""

import csv
import random
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.models import MovementKind, Product, ProductVariant, StockMovement, StockPolicy
from shop.settings.services import set_setting
from shop.stock.low import low_level, low_products, low_variants, runs_low
from shop.stock.services import adjust_stock
from tests.admin.kit import paid_order, shown, sign_in, trail, twice
from tests.admin.test_list_costs import plan_of
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import fresh, make_product
from tests.sql import counted

URL = "/admin/stock"


@pytest.fixture
def pieces(app: Flask) -> list[int]:
    """Return the ids of two variants of 5 pieces, AMB-S and AMB-M."""
    sizes = [{"option_values": [size], "sku": f"AMB-{size}"} for size in ("S", "M")]
    with app.app_context():
        return [variant.id for variant in make_product("Ambre", variants=sizes, stock=5).variants]


def filled(client: ShopClient, url: str = URL, **typed: str) -> dict[str, str]:
    return shown(client.get(url).text, f'method="post" action="{URL}"') | typed


def state(app: Flask, pieces: list[int]) -> list[tuple[int, int | None]]:
    with app.app_context():
        fresh()
        found = [db.session.get_one(ProductVariant, one) for one in pieces]
        return [(variant.stock_on_hand, variant.low_stock_level) for variant in found]


@both_engines
def test_numbers_are_typed_through_once(app: Flask, owner: ShopClient, pieces: list[int]) -> None:
    small, medium = pieces
    typed = {f"on_hand-{small}": "12", f"on_hand-{medium}": "0", f"level-{medium}": "7"}
    form = filled(owner, **typed, kind="correction", reason="Found =1 behind")
    assert form[f"seen-{small}"] == "5"
    answers = twice(owner, URL, form)
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [(303, URL)] * 2
    assert state(app, pieces) == [(12, None), (0, 7)]
    assert "Not changed" not in owner.get(URL).text
    with app.app_context():
        moved = select(StockMovement).where(StockMovement.kind == MovementKind.CORRECTION)
        found = [(m.variant_id, m.quantity, m.reason) for m in db.session.scalars(moved)]
        assert found == [(small, 7, "Found =1 behind"), (medium, -5, "Found =1 behind")]
        (entry,) = trail()
        assert entry.before
        assert entry.after
        assert (entry.action, entry.object_type) == ("stock.set", "stock")
        assert entry.before == {"on_hand": {"AMB-S": 5, "AMB-M": 5}, "level": {"AMB-M": None}}
        assert entry.after["on_hand"] == {"AMB-S": 12, "AMB-M": 0}
        assert entry.after["level"] == {"AMB-M": 7}
    form = filled(owner, f"{URL}/{medium}", **{f"level-{medium}": ""})
    assert owner.post(URL, data=form).headers["Location"] == f"{URL}/{medium}"
    assert state(app, pieces)[1] == (0, None)


@both_engines
def test_who_was_overtaken_sees_both_numbers_and_wins_the_second_time(
    app: Flask, owner: ShopClient, pieces: list[int]
) -> None:
    small, medium = pieces
    form = filled(owner, **{f"on_hand-{small}": "9", f"level-{small}": "2", f"level-{medium}": "4"})
    with app.app_context():
        adjust_stock(small, -1, MovementKind.CORRECTION, "", None)
        fresh()
        with transaction():
            level = update(ProductVariant).where(ProductVariant.id == small)
            changed(level.values(low_stock_level=1))
    answer = owner.post(URL, data=form)
    assert answer.status_code == 409
    assert "It is 4 now" in answer.text
    assert "It is 1 now" in answer.text
    assert state(app, pieces) == [(4, 1), (5, None)], "nothing half done"
    again = shown(answer.text, f'action="{URL}"')
    assert (again[f"on_hand-{small}"], again[f"seen-{small}"]) == ("9", "4")
    assert owner.post(URL, data=again).status_code == 303
    assert state(app, pieces) == [(9, 2), (5, 4)]


@pytest.mark.parametrize(
    ("cell", "typed", "kind", "sentence"),
    [
        ("on_hand", "-1", "correction", "Enter a number of pieces"),
        ("on_hand", "", "correction", "Enter a number of pieces"),
        ("on_hand", "1e3", "correction", "Enter a number of pieces"),
        ("on_hand", "9999999", "correction", "at most 1000000"),
        ("on_hand", "4", "restock", "A delivery adds pieces to the 5"),
        ("on_hand", "6", "write_off", "takes pieces from the 5"),
        ("level", "few", "correction", "Enter a number of pieces"),
        ("level", "9999999", "correction", "at most 1000000"),
        ("seen", "x", "correction", "Enter a number of pieces"),
    ],
)
def test_nonsense_is_said_at_its_field_and_nothing_is_saved(
    app: Flask,
    owner: ShopClient,
    pieces: list[int],
    cell: str,
    typed: str,
    kind: str,
    sentence: str,
) -> None:
    small, medium = pieces
    form = filled(owner, **{f"level-{small}": "9", f"{cell}-{medium}": typed}, kind=kind)
    answer = owner.post(URL, data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert cell == "seen" or f'id="{cell}-{medium}-error"' in answer.text
    assert 'value="9" maxlength="7"' in answer.text, "what was typed stays"
    assert state(app, pieces) == [(5, None), (5, None)]


def test_foreign_and_withdrawn_rows_are_no_rows(app: Flask, owner: ShopClient) -> None:
    gone = {"on_hand-4711": "5", "seen-4711": "1", "on_hand-x": "1", "form_token": "t" * 24}
    form = {"csrf_token": owner.token("/cart"), **gone}
    assert owner.post(URL, data=form).status_code == 404
    assert owner.get(f"{URL}/4711").status_code == 404
    assert owner.get(f"{URL}?page=0").status_code == 404


def test_who_may_only_look_sees_numbers(app: Flask, pieces: list[int]) -> None:
    looker = sign_in(app, ["products.view"])
    for url in (URL, f"{URL}/{pieces[0]}"):
        assert 'name="on_hand' not in looker.get(url).text
    form = {"csrf_token": looker.token("/cart"), f"on_hand-{pieces[0]}": "1"}
    assert looker.post(URL, data=form).status_code == 403
    assert sign_in(app, ["orders.view"]).get(URL).status_code == 403


@both_engines
def test_the_list_is_searched_narrowed_and_exported(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        for number in range(60):
            stock, code = (number, f"40{number:011}")
            sku = {"sku": f"S-{number:02}", "stock": stock, "barcode": code, "option_values": []}
            make_product(f"Néroli {number}", variants=[sku])
        make_product("=Gift", variants=[{"sku": "Z", "stock_policy": StockPolicy.UNTRACKED}])
        make_product("Draft", variants=[{"sku": "A-DRAFT", "stock": 0}], is_active=False)
    first, second = owner.get(URL).text, owner.get(f"{URL}?page=2").text
    skus = re.findall(r'class="muted">([A-Z0-9-]+)</span>', first + second)
    assert skus == ["A-DRAFT", *(f"S-{number:02}" for number in range(60)), "Z"]
    assert "62 in all" in first
    low = owner.get(f"{URL}?view=low").text
    assert re.findall(r'class="muted">(S-\d+)</span>', low) == ["S-00", "S-01", "S-02", "S-03"]
    for query in ("neroli 59", "S-59", "4000000000059"):
        found = owner.get(f"{URL}?q={query}").text
        assert re.findall(r'class="muted">(S-\d+)</span>', found) == ["S-59"], query
    assert "No piece matches" in owner.get(f"{URL}?q=zzz").text
    for query in ("", "?view=low", "?q=neroli", "?page=2"):
        with counted(app) as statements:
            assert owner.get(f"{URL}{query}").status_code == 200
        assert len(statements) <= 6, statements
    exported = list(csv.DictReader(owner.get(f"{URL}/stock.csv").text.splitlines()))
    assert [row["sku"] for row in exported] == skus
    assert exported[2] == {
        "sku": "S-01", "product": "Néroli 1", "options": "", "barcode": f"40{1:011}",
        "on_hand": "1", "reserved": "0", "available": "1", "low_at": "3", "is_low": "yes",
        "is_on_sale": "yes", "when_used_up": "deny",
    }  # fmt: skip
    assert exported[-1]["product"] == "'=Gift"
    assert len(owner.get(f"{URL}/stock.csv?view=low").text.splitlines()) == 5
    assert len(owner.get(f"{URL}/stock.csv?q=neroli").text.splitlines()) == 61


@pytest.mark.no_audit("what is on sale is made up beside its copies")
@both_engines
def test_every_way_to_ask_what_runs_low_gives_the_same(app: Flask) -> None:
    chance = random.Random(3)
    with app.app_context():
        set_setting("low_stock_threshold", "5", user_id=None)
        for _ in range(12):
            policies = [StockPolicy.DENY, StockPolicy.DENY, *StockPolicy]
            made = [
                {"stock": chance.randrange(12), "stock_policy": chance.choice(policies)}
                for _ in range(3)
            ]
            make_product(variants=made, is_active=chance.random() < 0.8)
        with transaction():
            for variant in db.session.scalars(select(ProductVariant)):
                variant.low_stock_level = chance.choice([None, None, 0, 2, 9])
                variant.is_active = variant.is_active and chance.random() < 0.9
        rows = db.session.execute(select(ProductVariant, Product.is_active).join(Product)).all()
        low = {
            variant.id: is_shown
            for variant, is_shown in rows
            if variant.is_active
            and variant.stock_policy is StockPolicy.DENY
            and variant.stock_on_hand <= low_level(variant.low_stock_level)
        }
        assert set(db.session.scalars(select(ProductVariant.id).where(runs_low()))) == set(low)
        found = db.session.execute(select(low_variants(100))).all()
        assert {row.id for row in found} == {one for one, is_shown in low.items() if is_shown}
        assert [row.available for row in found] == sorted(row.available for row in found)
        assert len(db.session.execute(select(low_variants(3))).all()) == 3
        products = {v.product_id for v, _ in rows if v.id in low}
        assert set(db.session.scalars(low_products())) == products
        assert 3 < len(products) < 12


def test_lists_are_read_by_their_indexes(app: Flask, owner: ShopClient, pieces: list[int]) -> None:
    for query, indexes in [
        ("", {"sqlite_autoindex_product_variant"}),
        ("?view=low", {"ix_product_variant_left", "ix_product_variant_low"}),
    ]:
        with counted(app) as statements:
            owner.get(f"{URL}{query}")
        (rows,) = [each for each in statements if "product_variant.barcode" in each]
        with app.app_context():
            steps = "\n".join(plan_of(rows))
        assert all(index in steps for index in indexes), steps
        assert "SCAN product\n" not in steps


@both_engines
def test_the_ledger_sums_every_movement_whatever_is_left_out(
    app: Flask, owner: ShopClient, pieces: list[int]
) -> None:
    chance = random.Random(5)
    number = paid_order(app, quantity=2)
    with app.app_context():
        sold = db.session.scalars(
            select(StockMovement.variant_id).where(StockMovement.kind == MovementKind.SALE)
        ).one()
        start = clock.now()
        for nth in range(70):
            kind = chance.choice([MovementKind.RESTOCK, MovementKind.CORRECTION])
            adjust_stock(sold, chance.randrange(1, 9), kind, f"no {nth}", None)
            if nth == 40:
                clock.move(86_400 * 2)
            adjust_stock(pieces[0], 1, MovementKind.CORRECTION, "another", None)
        db.session.rollback()
        columns = StockMovement.id, StockMovement.quantity, StockMovement.kind
        mine = select(*columns).where(StockMovement.variant_id == sold).order_by(StockMovement.id)
        sums, total = {}, 0
        for row in db.session.execute(mine).all():
            total += row.quantity
            sums[row.id] = (row.quantity, total, row.kind)

    owner = sign_in(app, is_owner=True)  # the former sign-in is days ago

    def read(query: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        url: str | None = f"{URL}/{sold}{query}"
        while url:
            with counted(app) as statements:
                page = owner.get(url).text
            assert len(statements) <= 6
            cells = re.findall(r'<td class="r num">\+?(-?\d+)</td>\s*<td.*?</span>(\d+)</td>', page)
            found += [(int(quantity), int(after)) for quantity, after in cells]
            older = re.search(r'href="([^"]*below=\d+)" rel="next"', page)
            url = older[1].replace("&amp;", "&") if older else None
        return found

    newest = list(reversed(sums.values()))
    assert read("") == [(quantity, after) for quantity, after, _ in newest]
    assert read("?kind=restock") == [(q, after) for q, after, kind in newest if kind == "restock"]
    later = start + timedelta(days=2)
    assert len(read(f"?from={later:%Y-%m-%d}")) == 29
    assert len(read(f"?to={start:%Y-%m-%d}&kind=nonsense")) == len(sums) - 29
    page = owner.get(f"{URL}/{sold}?kind=sale").text
    assert f"/admin/orders/{number}" in page
    assert "No movement matches" in owner.get(f"{URL}/{sold}?kind=write_off").text


def test_a_level_decides_what_today_and_the_products_say(
    app: Flask, owner: ShopClient, pieces: list[int]
) -> None:
    assert "Running low" not in owner.get("/admin/").text
    owner.post(URL, data=filled(owner, **{f"level-{pieces[0]}": "6"}))
    assert "5 left" in owner.get("/admin/").text
    assert "Ambre" in owner.get("/admin/products?stock=low").text
    assert "5 left" in owner.get(f"/admin/products/{1}").text
    with app.app_context():
        assert db.session.execute(text("SELECT few_left FROM product")).all() == [(None,)]
