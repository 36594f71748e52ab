"""A backup taken while the shop sells comes back whole; anything else is refused."""

import io
import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.core import clock
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.jobs.services import mark_worker_seen
from shop.media.services import store_picture
from shop.models import Order, Setting, ShopState
from shop.operations.dumps import differences
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.factories import make_product
from tests.operations.test_migrations import counts
from tests.orders import kit


def picture() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (900, 1100), (180, 140, 90)).save(file, "PNG")
    return file.getvalue()


def run(app: Flask, *args: str) -> tuple[int, str]:
    """Run a command as the shell would: outside any context of the test."""
    runner: Any = app.test_cli_runner()
    result = runner.invoke(args=list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def sold(app: Flask) -> Flask:
    """A shop that has sold something and has a picture."""
    with app.app_context():
        kit.open_shop()
        store_picture(picture())
        product = make_product(stock=50)
        _, ref = kit.to_payment(kit.fill_cart(product, quantity=2))
        kit.pay(ref)
        drain()
        db.session.remove()
    return app


@both_engines
def test_everything_comes_back(sold: Flask, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.gz"
    with sold.app_context():
        before = counts()
    code, said = run(sold, "backup", str(file))
    assert code == 0, said
    assert "nothing is missing" in said
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.glob("*.part")] == []
    pictures = sorted((tmp_path / "media").rglob("*.webp"))
    shutil.rmtree(tmp_path / "media")
    with sold.app_context(), transaction() as session:
        session.execute(sa.delete(Setting))
        session.add(Setting(key="name", value="Another shop"))
        session.execute(sa.update(Order).values(customer_note="spoiled"))
    code, said = run(sold, "restore", str(file), "--replace")
    assert code == 0, said
    with sold.app_context():
        assert counts() == before
        assert db.session.scalar(sa.select(Order.customer_note)) == ""
        assert db.session.get(Setting, "name") is None
    assert sorted((tmp_path / "media").rglob("*.webp")) == pictures != []


def test_no_page_of_the_time_after_the_backup_is_found_again(sold: Flask, tmp_path: Path) -> None:
    """Pages kept in Redis outlive the restoration; they are kept under stamps."""
    file = tmp_path / "shop.tar"
    assert run(sold, "backup", str(file), "--no-media")[0] == 0
    seen = set()
    for name in ("One", "Two", "Three"):
        with sold.app_context():
            set_setting("name", name, user_id=None)
            seen.add(db.session.scalar(sa.select(ShopState.settings_stamp)))
    for _ in range(2):
        assert run(sold, "restore", str(file), "--replace")[0] == 0
        for name in ("Four", "Five"):
            with sold.app_context():
                set_setting("name", name, user_id=None)
                stamp = db.session.scalar(sa.select(ShopState.settings_stamp))
            assert stamp not in seen
            seen.add(stamp)


@both_engines
def test_it_is_one_moment_of_a_shop_that_goes_on_selling(sold: Flask, tmp_path: Path) -> None:
    stop = threading.Event()

    def sell() -> None:
        with sold.app_context():
            n = 0
            while not stop.is_set():
                with transaction() as session:
                    session.add(Setting(key=f"a{n}", value=1))
                    session.flush()
                    session.add(Setting(key=f"b{n}", value=1))
                n += 1
            db.session.remove()

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        code, said = run(sold, "backup", str(tmp_path / "shop.tar"))
    finally:
        stop.set()
        seller.join()
    assert code == 0, said
    run(sold, "restore", str(tmp_path / "shop.tar"), "--replace")
    with sold.app_context():
        keys = set(db.session.scalars(sa.select(Setting.key)))
    assert {key[1:] for key in keys if key[0] == "a"} == {key[1:] for key in keys if key[0] == "b"}


def test_pictures_may_be_left_out_and_that_is_said(sold: Flask, tmp_path: Path) -> None:
    code, said = run(sold, "backup", str(tmp_path / "shop.tar"), "--no-media")
    assert (code, "no pictures" in said) == (0, True)
    with tarfile.open(tmp_path / "shop.tar") as archive:
        assert not [name for name in archive.getnames() if name.startswith("media")]


def test_nothing_is_overwritten_by_accident(sold: Flask, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar"
    run(sold, "backup", str(file))
    assert "exists already" in run(sold, "backup", str(file))[1]
    code, said = run(sold, "restore", str(file))
    assert (code, "--replace overwrites" in said) == (1, True)
    assert "no folder" in run(sold, "backup", str(tmp_path / "x" / "y.tar"))[1]


def test_a_shop_at_work_is_not_replaced(sold: Flask, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar"
    run(sold, "backup", str(file))
    with sold.app_context():
        mark_worker_seen()
        db.session.remove()
    code, said = run(sold, "restore", str(file), "--replace")
    assert (code, "The shop is running" in said) == (1, True)
    clock.move(31)
    assert run(sold, "restore", str(file), "--replace")[0] == 0


def rewrite(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest of an archive."""
    with tarfile.open(file) as archive:
        members = [(m.name, archive.extractfile(m).read()) for m in archive]  # type: ignore[union-attr]
    with tarfile.open(file, "w") as archive:
        for name, data in members:
            if name == "manifest.json":
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()  # noqa: PLW2901
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def refusal(sold: Flask, file: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """Return why a backup with a changed manifest is refused; it may change nothing."""
    run(sold, "backup", str(file), "--no-media")
    rewrite(file, change)
    with sold.app_context(), transaction() as session:
        session.add(Setting(key="since", value=1))
    code, said = run(sold, "restore", str(file), "--replace")
    assert code == 1, said
    with sold.app_context():
        assert db.session.get(Setting, "since") is not None
    return said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m.update(revision="9999"), "newer version"),
        (lambda m: m.update(format=2), "newer version"),
        (lambda m: m.pop("counts"), "not a backup"),
    ],
)
def test_a_backup_of_another_version_is_refused_and_changes_nothing(
    sold: Flask, tmp_path: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    assert reason in refusal(sold, tmp_path / "shop.tar", change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m["counts"].update(orders=7), "not whole"),
        (lambda m: m.update(database="database.other"), "same kind of database"),
    ],
)
@both_engines
def test_a_backup_that_does_not_fit_is_refused_and_changes_nothing(
    sold: Flask, tmp_path: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    assert reason in refusal(sold, tmp_path / "shop.tar", change)


def test_something_else_is_no_backup(sold: Flask, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    other.write_bytes(b"hello")
    code, said = run(sold, "restore", str(other), "--replace")
    assert (code, "is not a backup" in said) == (1, True)


@both_engines
def test_a_damaged_copy_is_noticed(sold: Flask, tmp_path: Path) -> None:
    with sold.app_context():
        if db.engine.dialect.name != "sqlite":
            damaged, message = b"PGDMP nonsense", "pg_restore failed"
        else:
            path = tmp_path / "damaged.sqlite3"
            sqlite3.connect(path).execute("CREATE TABLE a (b)").connection.close()
            data = bytearray(path.read_bytes())
            data[100:108] = b"\xff" * 8
            damaged, message = bytes(data), "is not a backup"
    file = tmp_path / "shop.tar"
    run(sold, "backup", str(file), "--no-media")
    with tarfile.open(file) as archive:
        manifest = archive.extractfile("manifest.json").read()  # type: ignore[union-attr]
        name = json.loads(manifest)["database"]
    with tarfile.open(file, "w") as archive:
        for member, content in (("manifest.json", manifest), (name, damaged)):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    code, said = run(sold, "restore", str(file), "--replace")
    assert code == 1
    assert message in said or "damaged" in said, said
    with sold.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1


def test_differences_name_the_table() -> None:
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == [
        "b: 3 instead of 2",
        "c: 4 instead of 0",
    ]
