"""`flask coupons`: what is made, what is refused with its reason, CSV out."""

import csv
import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.models import Coupon, CouponCategory, CouponProduct
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.factories import make_category, make_product


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["coupons", *arguments])
    return result.exit_code, result.output


def only(app: Flask) -> Coupon:
    with app.app_context():
        return db.session.scalars(select(Coupon)).one()


@both_engines
def test_a_percentage_with_all_its_terms(app: Flask) -> None:
    code, out = run(
        app, "create", "Winter 20", "--percent", "12.5", "--limit", "100", "--per-customer", "1",
        "--minimum", "50", "--starts", "2026-12-01", "--ends", "2026-12-31", "--first-order",
    )  # fmt: skip
    assert code == 0
    assert out.startswith("Winter 20 · 12.5 % · used 0 of 100")
    made = only(app)
    assert (made.code_key, made.percent_bp, made.minimum_amount) == ("WINTER20", 1250, 5000)
    # Days of the shop, Europe/Paris; the last one counts whole.
    assert made.starts_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert made.ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert made.is_first_order_only
    assert out.strip().endswith(
        "· 1 each · from €50.00 · starts 2026-12-01 · ends 2026-12-31 · first order"
    )
    assert run(app, "list") == (0, out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say one of"),
        (["--percent", "10", "--free-delivery"], "Say one of"),
        (["--percent", "0"], "percentage"),
        (["--percent", "101"], "percentage"),
        (["--percent", "-5"], "percentage"),
        (["--percent", "10.123"], "percentage"),
        (["--percent", "NaN"], "percentage"),
        (["--percent", "ten"], "percentage"),
        (["--percent", "1e999999"], "percentage"),
        (["--amount", "0"], "--amount"),
        (["--amount", "9.999"], "--amount"),
        (["--amount", "-1"], "--amount"),
        (["--percent", "10", "--limit", "0"], "--limit"),
        (["--percent", "10", "--per-customer", "-1"], "--per-customer"),
        (["--percent", "10", "--minimum", "x"], "--minimum"),
        (["--percent", "10", "--starts", "2026-12-02", "--ends", "2026-12-01"], "--ends"),
        (["--percent", "10", "--ends", "2001-01-01"], "--ends"),
        (["--percent", "1_0"], "percentage"),
        (["--percent", "١٠"], "percentage"),
        (["--percent", "10", "--first-order", "--per-customer", "5"], "--per-customer"),
        (["--percent", "10", "--holder", "@"], "--holder"),
        (["--percent", "10", "--holder", "a@example.org\nb"], "--holder"),
        (["--percent", "10", "--holder", "ada"], "--holder"),
    ],
)
def test_wrong_terms_are_refused_and_change_nothing(
    app: Flask, arguments: list[str], said: str
) -> None:
    refused(app, arguments, said)


# What a column cannot hold, or what is looked for and not there.
@both_engines
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--percent", "10", "--limit", "99999999999"], "--limit"),
        (["--percent", "10", "--ends", "9999-12-31"], "--ends"),
        (["--percent", "10", "--starts", "0001-01-01"], "--starts"),
        (["--percent", "10", "--holder", "\udcff@example.org"], "UTF-8"),
        (["--percent", "10", "--category", "\udcff"], "UTF-8"),
        (["--percent", "10", "--product", "\udcff"], "UTF-8"),
        (["--percent", "10", "--category", "nowhere"], "nowhere"),
        (["--percent", "10", "--product", "nothing"], "nothing"),
    ],
)
def test_terms_beyond_the_database_are_refused_and_change_nothing(
    app: Flask, arguments: list[str], said: str
) -> None:
    refused(app, arguments, said)


def refused(app: Flask, arguments: list[str], said: str) -> None:
    code, out = run(app, "create", "X", *arguments)
    assert code != 0
    assert said in out
    assert "Traceback" not in out
    with app.app_context():
        assert db.session.scalars(select(Coupon)).all() == []


@both_engines
def test_a_code_twice(app: Flask) -> None:
    assert run(app, "create", "SENT", "--free-delivery")[0] == 0
    code, out = run(app, "create", "sent", "--percent", "5")
    assert code == 1
    assert out == "Error: CODE: There is a coupon SENT already.\n"


@both_engines
def test_for_one_holder_and_some_pieces(app: Flask) -> None:
    with app.app_context():
        home, piece = make_category("Home"), make_product("Lamp")
        expected = {home.id}, {piece.id}
    code, out = run(
        app, "create", "ADA", "--percent", "10", "--holder", " Ada@Example.org",
        "--category", "home", "--product", piece.slug,
    )  # fmt: skip
    assert code == 0
    assert "for ada@example.org" in out
    with app.app_context():
        categories = set(db.session.scalars(select(CouponCategory.category_id)))
        products = set(db.session.scalars(select(CouponProduct.product_id)))
    assert (categories, products) == expected


@both_engines
@pytest.mark.parametrize("code", ["\udcff", "A" * 41, "A " * 30])
def test_what_is_no_code(app: Flask, code: str) -> None:
    for arguments in (["create", code, "--free-delivery"], ["disable", code]):
        exit_code, out = run(app, *arguments)
        assert exit_code in {1, 2}, arguments
        assert "Error: " in out
        assert "Traceback" not in out


@both_engines
def test_listed_and_switched_off(app: Flask) -> None:
    run(app, "create", "FIVE", "--amount", "5")
    assert run(app, "list")[1].strip() == "FIVE · €5.00 · used 0"
    assert run(app, "disable", "five")[1].strip().endswith("off")
    assert not only(app).is_active
    assert run(app, "disable", "NONE")[0] == 1


@both_engines
def test_a_batch_as_csv(app: Flask) -> None:
    code, out = run(app, "batch", "Fair, spring", "25", "--percent", "10")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len({row["code"] for row in rows}) == 25
    assert {row["batch"] for row in rows} == {"Fair, spring"}
    with app.app_context():
        assert {c.usage_limit for c in db.session.scalars(select(Coupon))} == {1}
    code, out = run(app, "batch", "X", "0", "--percent", "10")
    assert (code, out) == (1, "Error: NUMBER: Make 1 to 10000 codes at once.\n")


def test_amounts_are_typed_as_the_shop_writes_them_and_said(app: Flask) -> None:
    with app.app_context():
        set_setting("locale", "de_DE", user_id=None)
    _, out = run(app, "create", "TEN", "--amount", "1.250", "--minimum", "2000,50")
    assert "1.250,00\xa0€" in out
    assert "from 2.000,50\xa0€" in out
    assert (only(app).amount_off, only(app).minimum_amount) == (125000, 200050)
    _, out = run(app, "batch", "Fair", "1", "--amount", "12,5")
    assert "Each takes off: 12,50\xa0€" in out
    code, out = run(app, "create", "BAD", "--amount", "12,500")
    assert code == 1
    assert "--amount: “12,500” can be read in two ways. Write 12,50 or 12.500,00." in out


@pytest.mark.parametrize("name", ["=1+1", " =1+1", "＝1+1"])
def test_a_batch_that_a_spreadsheet_does_not_compute(app: Flask, name: str) -> None:
    _, out = run(app, "batch", name, "1", "--percent", "10")
    assert out.splitlines()[1].startswith('"\'=1+1","'), "NFKC has made plain signs of wide ones"


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "NAME"), ("  ", "NAME"), ("\n=1", "NAME"), ("\udcff", "UTF-8"), ("A" * 121, "NAME")],
)
def test_what_is_no_name_of_a_batch(app: Flask, name: str, said: str) -> None:
    code, out = run(app, "batch", name, "1", "--percent", "10")
    assert code != 0
    assert said in out
    assert "Traceback" not in out


@both_engines
def test_the_codes_of_a_batch_can_be_listed_again(app: Flask) -> None:
    run(app, "create", "OTHER", "--percent", "10")
    _, out = run(app, "batch", "Fair", "2", "--percent", "10")
    made = {row["code"] for row in csv.DictReader(io.StringIO(out))}
    _, listed = run(app, "list", "--batch", "Fair")
    assert {line.split(" · ")[0] for line in listed.splitlines()} == made


@both_engines
def test_the_newest_of_many(app: Flask) -> None:
    run(app, "batch", "Fair", "3", "--percent", "10")
    run(app, "create", "LAST", "--percent", "10")
    assert run(app, "list", "--limit", "1")[1].startswith("LAST")
    for number in ("0", "-1", "9" * 30):
        code, out = run(app, "list", "--limit", number)
        assert code == 2
        assert "--limit" in out
