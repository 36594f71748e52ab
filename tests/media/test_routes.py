"""How stored pictures are served."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import event

from shop.core.config import config
from shop.core.db import db
from shop.media.services import StoredPicture, store_picture
from tests.client import ShopClient
from tests.media.test_store_picture import drawn, saved


@pytest.fixture
def stored(app: Flask) -> StoredPicture:
    with app.app_context():
        return store_picture(saved(drawn()))


def test_serves_a_picture_for_ever(client: ShopClient, stored: StoredPicture) -> None:
    answer = client.get(f"/media/{stored.key}-400.webp")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data[:4] == b"RIFF"
    assert "Vary" not in answer.headers


def test_answers_304_to_who_has_it(client: ShopClient, stored: StoredPicture) -> None:
    url = f"/media/{stored.key}-800.webp"
    tag = client.get(url).headers["ETag"]
    again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.head(url).status_code == 200


def test_asks_neither_the_database_nor_the_session(
    app: Flask, client: ShopClient, stored: StoredPicture
) -> None:
    client.set_cookie("session", "broken")
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for name in (f"{stored.key}-120.webp", "nothing.webp"):
        assert "Set-Cookie" not in client.get(f"/media/{name}").headers
    assert statements == []


@pytest.mark.parametrize(
    "name",
    [
        "0" * 64 + "-400.webp",
        "../../etc/passwd",
        "..%2f..%2fshop.sqlite3",
        "{key}-401.webp",
        "{key}-801.webp",
        "{key}.webp",
        "{KEY}-400.webp",
        "{key}-400.webp%0a",
        "{key}-400.webp/x.css",
        "{key}-٤00.webp",
    ],
)
def test_knows_no_other_names(client: ShopClient, stored: StoredPicture, name: str) -> None:
    name = name.format(key=stored.key, KEY=stored.key.upper())
    if "/x.css" in name or "../" in name or "%2f" in name:
        return assert_404_of_the_map(client, name)
    answer = client.get(f"/media/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")
    return None


def test_makes_a_size_that_an_older_shop_lacks(app: Flask, client: ShopClient) -> None:
    """Pictures were kept up to 800 and in 1600 pixels once; nobody uploads them again."""
    with app.app_context():
        large = store_picture(saved(drawn(1700, 2125), "JPEG"))
        small = store_picture(saved(drawn()))
        path = config().media_path / large.key[:2] / f"{large.key}-1200.webp"
    path.unlink()
    with ThreadPoolExecutor(4) as pool:
        urls = [f"/media/{large.key}-1200.webp"] * 4
        answers = list(pool.map(lambda url: app.test_client().get(url), urls))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.data for answer in answers} == {path.read_bytes()}
    with Image.open(path) as made:
        assert made.size == (1200, 1500)
    # None is enlarged: the largest there is takes the place.
    whole = client.get(f"/media/{small.key}-800.webp").data
    assert [client.get(f"/media/{small.key}-{w}.webp").data for w in (1200, 1600)] == [whole] * 2
    assert sorted(p.name[65:] for p in path.parent.parent.rglob(f"{small.key}*")) == [
        "120.webp",
        "400.webp",
        "800.webp",
    ]


def assert_404_of_the_map(client: ShopClient, name: str) -> None:
    """The path has more segments than a picture's, so no view of ours is even asked."""
    adapter = client.application.url_map.bind("localhost")
    assert not adapter.test(f"/media/{name.replace('%2f', '/')}", "GET")
