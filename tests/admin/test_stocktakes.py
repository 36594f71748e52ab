"""The pages of a stocktake: typed, scanned, compared, booked; everything once."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.jobs import drain
from shop.models import ProductVariant, StockCountLine, StockPolicy
from shop.stock.stocktake import count_pieces
from tests.admin.kit import fill_in, paid_order, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import fresh, make_category, make_product
from tests.sql import counted

URL = "/admin/stock/counts"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def pieces(app: Flask) -> list[int]:
    """Return the ids of AMB-S, AMB-M (5 pieces, barcodes) and of a piece of another category."""
    sizes = [
        {"option_values": [size], "sku": f"AMB-{size}", "barcode": code}
        for size, code in (("S", "4006381333931"), ("M", "777"))
    ]
    with app.app_context():
        rings = make_category("Rings")
        ids = [
            v.id for v in make_product("Ambre", variants=sizes, stock=5, category=rings).variants
        ]
        other = make_product("Néroli", variants=[{"sku": "N-1", "barcode": "777"}])
        make_product("Gift", variants=[{"sku": "G", "stock_policy": StockPolicy.UNTRACKED}])
        return [*ids, other.variants[0].id]


def begun(client: ShopClient, scope: str = "all") -> str:
    form = fill_in(client, URL, URL, scope=scope)
    first, second = twice(client, URL, form)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    return str(first.headers["Location"])


def lines(app: Flask) -> dict[int, tuple[int, int]]:
    with app.app_context():
        fresh()
        rows = db.session.scalars(select(StockCountLine)).all()
        return {row.variant_id: (row.counted, row.version) for row in rows}


@both_engines
def test_it_is_typed_compared_and_booked(app: Flask, owner: ShopClient, pieces: list[int]) -> None:
    small, medium, other = pieces
    url = begun(owner)
    page = owner.get(url).text
    assert re.findall(r'name="counted-(\d+)"', page) == [str(medium), str(small), str(other)]
    form = shown(page, f'action="{url}/lines"') | {f"counted-{small}": "4"}
    assert [each.status_code for each in twice(owner, f"{url}/lines", form)] == [303, 303]
    form = shown(owner.get(url).text, f'action="{url}/lines"') | {f"counted-{medium}": "5"}
    answer = owner.post(f"{url}/lines", data=form, headers=SCRIPT)
    assert answer.status_code == 200
    assert f'id="state-{medium}" hx-swap-oob="true"' in answer.text
    assert lines(app) == {small: (4, 1), medium: (5, 1)}
    left = owner.get(f"{url}?view=left").text
    assert re.findall(r'name="counted-(\d+)"', left) == [str(other)]
    differs = owner.get(f"{url}?view=differs").text
    assert re.findall(r'name="counted-(\d+)"', differs) == [str(small)]
    assert "1 piece differs" in differs
    for query in ("", "?view=left", "?view=differs", "?q=ambre", "?q=777"):
        with counted(app) as statements:
            assert owner.get(f"{url}{query}").status_code == 200
        assert len(statements) <= 6, statements
    form = fill_in(owner, url, f"{url}/booking")
    assert [each.status_code for each in twice(owner, f"{url}/booking", form)] == [303, 303]
    with app.app_context():
        drain()
        fresh()
        variants = [db.session.get_one(ProductVariant, each) for each in pieces]
        assert [variant.stock_on_hand for variant in variants] == [4, 5, 10]
        assert [entry.action for entry in trail()] == [
            "stock.count_begin", "stock.count", "stock.count", "stock.count_book",
        ]  # fmt: skip
        assert (trail()[1].after or {})["counted"] == {"AMB-S": 4}
    assert "-1 booked" in owner.get(f"{url}?view=differs").text
    assert 'name="counted-' not in owner.get(url).text
    assert "All pieces" in owner.get(URL).text
    assert owner.post(f"{url}/lines", data=form | {f"counted-{small}": "1"}).status_code == 409


def test_a_colleague_who_counts_the_same_is_not_typed_over(
    app: Flask, owner: ShopClient, pieces: list[int]
) -> None:
    small, medium, _ = pieces
    url = begun(owner)
    form = shown(owner.get(url).text, f'action="{url}/lines"')
    with app.app_context():
        count_pieces(int(url.rpartition("/")[2]), small, 0, 3, None)
    both = form | {f"counted-{small}": "4", f"counted-{medium}": "4"}
    for headers in ({}, SCRIPT):
        answer = owner.post(f"{url}/lines", data=both, headers=headers)
        assert answer.status_code == 409
        assert "A colleague counted 3 meanwhile" in answer.text
    assert lines(app) == {small: (3, 1)}, "nothing half done"
    again = shown(owner.post(f"{url}/lines", data=both).text, f'action="{url}/lines"')
    assert owner.post(f"{url}/lines", data=again).status_code == 303
    assert lines(app) == {small: (4, 2), medium: (4, 1)}
    for typed in ("-1", "", "1.5", "12345678", "9999999"):
        bad = shown(owner.get(url).text, f'action="{url}/lines"')
        answer = owner.post(f"{url}/lines", data=bad | {f"counted-{small}": typed})
        assert answer.status_code == 422, typed
    assert lines(app)[small] == (4, 2)


@both_engines
def test_codes_are_scanned_each_time_one_more(
    app: Flask, owner: ShopClient, pieces: list[int]
) -> None:
    small, medium, _ = pieces
    url = begun(owner, "category-1")

    def scan(code: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        form = fill_in(owner, url, f"{url}/scans", code=code)
        first, second = (
            twice(owner, f"{url}/scans", form)
            if not headers
            else (owner.post(f"{url}/scans", data=form, headers=headers),) * 2
        )
        assert first.status_code == second.status_code
        return first.status_code, first.text

    assert scan("amb-s")[0] == 303
    assert scan("4006381333931")[0] == 303
    status, text = scan("AMB-S ", SCRIPT)
    assert (status, "3 counted" in text) == (200, True)
    assert scan(" AMB-M")[0] == 303
    assert lines(app) == {small: (3, 3), medium: (1, 1)}
    for code, sentence in {
        "777": "Several pieces have this code: AMB-M, N-1",
        "N-1": "N-1 is no part of this stocktake",
        "": "No piece has the code –",
        "G": "G is no part",
        "<b>": "No piece has the code &lt;b&gt;",
    }.items():
        for headers in (None, SCRIPT):
            status, text = scan(code, headers)
            assert (status, sentence in text) == (422, True), code
    assert lines(app) == {small: (3, 3), medium: (1, 1)}


def test_what_is_sold_and_unsent_is_to_be_left_out(app: Flask, owner: ShopClient) -> None:
    paid_order(app, quantity=2)
    assert "2 sold pieces wait to be sent" in owner.get(begun(owner)).text


def test_only_who_may_change_stock_counts(app: Flask, owner: ShopClient, pieces: list[int]) -> None:
    url = begun(owner)
    looker = sign_in(app, ["products.view"])
    assert looker.get(URL).status_code == looker.get(url).status_code == 403
    assert "Stocktake" not in looker.get("/admin/stock").text
    assert sign_in(app, ["stock.edit"]).get(url).status_code == 200
    assert owner.get(f"{URL}/4711").status_code == 404
    for scope in ("", "house", "category-x", "category-4711"):
        form = {"csrf_token": owner.token("/cart"), "scope": scope}
        assert owner.post(URL, data=form).status_code == 422, scope
    answer = owner.post(URL, data=form | {"scope": "all"})
    assert (answer.status_code, "Another stocktake is open" in answer.text) == (422, True)
    form = fill_in(owner, url, f"{url}/drop")
    assert [each.status_code for each in twice(owner, f"{url}/drop", form)] == [303, 303]
    assert "Dropped" in owner.get(URL).text
