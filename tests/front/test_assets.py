"""Static files: hashed names kept for ever, compressed copies, headers, no session."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.test import Client

from shop.web import assets
from shop.web.assets import Assets
from tests.client import ShopClient


@pytest.fixture
def core_css(app: Flask) -> str:
    url: str = app.extensions["assets"].url("css/core.css")
    return url


def _plain(environ: object, start: object) -> list[bytes]:
    start("404 NOT FOUND", [("Content-Type", "text/plain")])  # type: ignore[operator]
    return [b"application"]


def test_hashed_name_is_kept_for_ever(client: ShopClient, core_css: str) -> None:
    answer = client.get(core_css, buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert b"@layer reset, tokens" in answer.data


@pytest.mark.parametrize(("name", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_compressed_copy_is_chosen(
    client: ShopClient, core_css: str, name: str, unpack: Callable[[bytes], bytes]
) -> None:
    answer = client.get(core_css, headers={"Accept-Encoding": f"deflate, {name}"}, buffered=True)
    assert answer.headers["Content-Encoding"] == name
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"@layer reset, tokens" in unpack(answer.data)


def test_unchanged_file_is_304(client: ShopClient, core_css: str) -> None:
    etag = client.get(core_css, buffered=True).headers["ETag"]
    answer = client.get(core_css, headers={"If-None-Match": etag}, buffered=True)
    assert (answer.status_code, answer.data) == (304, b"")


def test_hash_of_another_release_gets_the_present_file_unkept(client: ShopClient) -> None:
    answer = client.get("/static/css/core.0123456789.css", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/static/css/core.css",
        "/static/compressed.json",
        "/static/css/core.css.br",
        "/static/../config.py",
        "/static/css/../../../config.0123456789.py",
        "/static/css/nothing.0123456789.css",
    ],
)
def test_nothing_else_is_served(path: str) -> None:
    answer = Client(Assets(_plain, watch=False, headers={})).get(path, buffered=True)
    assert (answer.status_code, answer.data) == (404, b"application")


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_icons_asked_for_without_a_page(client: ShopClient, path: str) -> None:
    assert client.get(path, buffered=True).status_code == 200


def test_post_goes_to_the_application(core_css: str) -> None:
    answer = Client(Assets(_plain, watch=False, headers={})).post(core_css)
    assert answer.data == b"application"


def test_https_shop_says_hsts_on_files(make_app: Callable[..., Flask]) -> None:
    app = make_app(SITE_URL="https://shop.example")
    url = app.extensions["assets"].url("css/core.css")
    assert (
        "max-age" in app.test_client().get(url, buffered=True).headers["Strict-Transport-Security"]
    )


def test_changed_file_gets_a_new_name_while_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(assets.STATIC, tmp_path / "static")
    monkeypatch.setattr(assets, "STATIC", tmp_path / "static")
    monkeypatch.setattr(assets, "LOOK_AGAIN", -1)
    watching = Assets(_plain, watch=True, headers={})
    before = watching.url("css/core.css")
    (tmp_path / "static/css/core.css").write_text("body { color: red }")
    after = watching.url("css/core.css")
    assert before != after
    # The committed .br belongs to the old text and is left alone.
    answer = Client(watching).get(after, headers={"Accept-Encoding": "br"}, buffered=True)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == b"body { color: red }"


def test_unknown_name_is_an_error(app: Flask) -> None:
    with pytest.raises(KeyError):
        app.extensions["assets"].url("css/missing.css")
