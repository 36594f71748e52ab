"""`flask seed`: what people type, what they read, and the exit code."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select, update

from shop.core.db import changed, db, transaction
from shop.media.storage import storage
from shop.models import (
    Category,
    DeliveryMethod,
    PriceChange,
    Product,
    ProductImage,
    ProductVariant,
    TaxRate,
)
from shop.seed.commands import Show
from tests.conftest import both_engines
from tests.seed.kit import own_row


def run(app: Flask, *args: str) -> Result:
    """Run `flask seed …` in its own context, as a shell does."""
    return app.test_cli_runner().invoke(args=["seed", *args])


@both_engines
def test_the_demo_is_filled_once_and_then_checked(app: Flask) -> None:
    first = run(app, "demo", "--products", "3")
    assert first.exit_code == 0
    assert first.stdout.startswith("3 pieces made, 0 were there, in ")
    assert "pictures: " in first.stderr
    assert "pieces: 3 of 3" in first.stderr
    again = run(app, "demo")
    assert (again.exit_code, "filled before" in again.stdout) == (0, True)
    checked = run(app, "check")
    assert checked.exit_code == 0, checked.output
    assert checked.stdout.startswith("3 pieces on sale from €24.00 to €148.00")
    assert "Every piece can be bought" in checked.stdout


@pytest.mark.parametrize("count", ["0", "-1", "many", "300000"])
def test_senseless_numbers_are_refused(app: Flask, count: str) -> None:
    assert run(app, "demo", "--products", count).exit_code == 2


def test_another_currency_is_explained(app: Flask, make_app: object) -> None:
    assert callable(make_app)
    run(app, "demo", "--products", "1")
    result = run(make_app(CURRENCY="JPY"), "demo", "--products", "2")
    assert result.exit_code == 1
    assert "Set CURRENCY=EUR" in result.stderr


def test_many_pieces(app: Flask) -> None:
    result = run(app, "random", "4")
    assert result.stdout.startswith("4 pieces made, 0 were there")


def test_a_file_is_imported_and_what_was_wrong_is_told(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "pieces.json"
    path.write_text(
        json.dumps(
            [
                own_row(slug="a", price="1,250.00"),
                own_row(name=None),
                {"id": 1, "image_link": ""},
                own_row(slug="b", price="1.250"),
            ]
        )
    )
    result = run(app, "json", str(path), "--no-fetch")
    assert result.exit_code == 0
    assert "row 2: name is missing" in result.stderr
    assert "row 3: name is missing" in result.stderr
    assert "row 4: price: “1.250” can be read in two ways" in result.stderr
    assert "“1,250.00” was read as €1,250.00" in result.stderr
    assert result.stdout.startswith("1 made, 0 changed, 0 unchanged, 3 left out")


def test_a_file_of_bad_rows_alone_fails(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "pieces.json"
    path.write_text("[1, 2]")
    result = run(app, "json", str(path))
    assert result.exit_code == 1
    assert "row 2: it is not an object with fields" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.json"], "There is no file nothing.json."),
        (["http://files.example/a.json"], "Only https addresses are fetched."),
        (["https://127.0.0.1/a.json"], "is not on the public internet"),
        (["{path}", "--rate", "USD"], "Write a rate like USD=0.92"),
        (["{path}", "--rate", "USD=0"], "Write a rate like USD=0.92"),
        (["{path}", "--rate", "DOLLAR=1"], "Write a rate like USD=0.92"),
        (["{path}"], "The file is not JSON in UTF-8."),
    ],
)
def test_what_cannot_be_imported_is_explained(
    app: Flask, tmp_path: Path, arguments: list[str], said: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    result = run(app, "json", *(each.format(path=path) for each in arguments))
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_rates_and_drawn_pictures_are_told(app: Flask, tmp_path: Path) -> None:
    row = {
        "id": 1,
        "name": "Pencil",
        "price": "5",
        "currency": "USD",
        "image_link": "https://images.example/1.png",
    }
    path = tmp_path / "makeup.json"
    path.write_text(json.dumps([row]))
    result = run(app, "json", str(path), "--no-fetch", "--stock", "7")
    assert "drawn instead of https://images.example/1.png" in result.stderr
    assert "prices in USD were taken as EUR" in result.stderr
    with app.app_context():
        assert db.session.scalars(select(ProductVariant.stock_on_hand)).one() == 7


# -- the check -----------------------------------------------------------------------------------


def break_nothing() -> None:
    """Leave the shop as it is."""


def break_variants() -> None:
    changed(update(ProductVariant).values(is_active=False))


def break_prices() -> None:
    changed(update(ProductVariant).values(unit_amount=0, compare_at_amount=None))


def break_history() -> None:
    changed(delete(PriceChange))


def break_stock() -> None:
    changed(update(ProductVariant).values(stock_on_hand=ProductVariant.stock_on_hand + 1))


def break_pictures() -> None:
    changed(delete(ProductImage))


def break_files() -> None:
    key = db.session.scalars(select(ProductImage.storage_key)).first()
    path = storage()._path(f"{key}-1600.webp")
    path.unlink()


def break_sections() -> None:
    changed(update(Category).values(is_active=False))


def break_copies() -> None:
    changed(update(Product).values(price_from=1, compare_at=None))


def break_delivery() -> None:
    changed(delete(DeliveryMethod))


def break_taxes() -> None:
    changed(delete(TaxRate))


def break_everything() -> None:
    changed(update(Product).values(is_active=False))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (break_nothing, None),
        (break_variants, "cannot be bought: no variant is on sale"),
        (break_prices, "have a variant without a price"),
        (break_history, "have a price without a history"),
        (break_stock, "have stock that no movement explains"),
        (break_pictures, "have no picture"),
        (break_files, "have a picture whose file is gone"),
        (break_sections, "stand on no shelf that is shown"),
        (break_copies, "show something else in lists"),
        (break_delivery, "no delivery method is active"),
        (break_taxes, "no tax rate is known"),
        (break_everything, "nothing is on sale"),
    ],
)
@pytest.mark.no_audit("breaks the shop to see whether the check finds it")
def test_the_check_finds_what_is_broken(app: Flask, damage: object, complaint: str | None) -> None:
    assert callable(damage)
    run(app, "demo", "--products", "1")
    with app.app_context():
        with transaction():
            damage()
        db.session.remove()
    result = run(app, "check")
    assert result.exit_code == (1 if complaint else 0), result.output
    assert complaint is None or complaint in result.stderr


def test_progress_on_a_terminal_moves_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    show = Show()
    show("pieces", 2, 2)
    assert capsys.readouterr().err == "\rpieces: 2 of 2\x1b[K\n"
    assert show.seconds >= 0
