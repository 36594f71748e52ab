"""Filled databases: each test has a copy of its own, and none begins with wrong books."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.db import changed, db, transaction
from shop.models import Category, ShopState
from tests.conftest import both_engines, fill, filled_by, settings_for
from tests.factories import make_category


def shelves() -> None:
    for name in ("Perfume", "Scarves"):
        make_category(name)


def wrong_books() -> None:
    with transaction():
        changed(update(ShopState).values(paid_count=7))


@both_engines
@filled_by(shelves)
@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_writes_no_other_sees(ctx: Flask, time: str) -> None:
    assert db.session.scalar(select(func.count(Category.id))) == 2
    make_category(time)  # an id that is free: sequences are copied too
    assert db.session.scalar(select(func.count(Category.id))) == 3


def test_a_scene_with_wrong_books_is_refused(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "shop.sqlite3")
    with pytest.raises(AssertionError, match=r"wrong_books.*L2"):
        fill(settings_for(tmp_path), wrong_books)
