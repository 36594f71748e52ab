"""Logo and accent: put up, seen on pages, mails and slips, taken down; nothing hostile is taken."""

import io
import re

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shop.core.db import db
from shop.mail.samples import sample_mail
from shop.models import Logo
from tests.admin.kit import fill_in, paid_order, picture, sign_in, trail
from tests.client import ShopClient
from tests.conftest import both_engines

ROOM = "/admin/settings/look"
SHEET = re.compile(r'<link rel="stylesheet" href="(/theme\.css\?v=[0-9a-f]{10})">')


def logo(colour: tuple[int, ...] = (20, 20, 20, 128)) -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGBA", (800, 200), colour).save(data, "PNG")
    data.seek(0)
    return data


def put_up(client: ShopClient, theme: str, file: io.BytesIO, name: str = "logo.png") -> int:
    url = f"/admin/settings/logo/{theme}"
    form = fill_in(client, ROOM, url, picture=(file, name))
    return client.post(url, data=form, content_type="multipart/form-data").status_code


def sheet_of(client: ShopClient, page: str = "/cart") -> str:
    found = SHEET.search(client.get(page).text)
    return client.get(found[1]).text if found else ""


@both_engines
def test_a_logo_is_seen_everywhere_and_taken_down(
    app: Flask, client: ShopClient, owner: ShopClient
) -> None:
    number = paid_order(app)
    assert sheet_of(client) == ""
    assert put_up(owner, "light", logo()) == 303
    with app.app_context():
        row = db.session.scalars(select(Logo)).one()
        assert (row.width, row.height) == (800, 200)
        key = row.picture
        assert f"/media/{key}-400.webp" in sample_mail("order_paid", "en").html
    slips = f"/admin/orders/slips?order={number}"
    for page, reader in (("/", client), ("/cart", client), (slips, owner), (ROOM, owner)):
        assert f'src="/media/{key}-400.webp" alt="' in reader.get(page).text, page
    assert 'width="160" height="40"' in client.get("/").text
    assert "on-dark" not in client.get("/").text
    assert put_up(owner, "dark", logo((250, 250, 250, 255))) == 303
    home = client.get("/").text
    assert home.count('alt="Maison Flux"') == 2, "each ground has its own, one of them is shown"
    assert "prefers-color-scheme" in sheet_of(client, "/")
    url = "/admin/settings/logo/light/removal"
    form = fill_in(owner, ROOM, url)
    assert [owner.post(url, data=dict(form)).status_code for _ in range(2)] == [303, 303]
    assert "/media/" not in client.get("/cart").text
    assert sheet_of(client) == ""
    with app.app_context():
        assert [entry.action for entry in trail()] == ["settings.logo"] * 3


def test_a_style_sheet_is_kept_for_ever_under_its_own_name_alone(
    client: ShopClient, owner: ShopClient
) -> None:
    assert owner.submit(ROOM, {"accent": "#1D5A8A"}, page=ROOM).status_code == 303
    found = SHEET.search(client.get("/").text)
    assert found
    kept = client.get(found[1])
    assert kept.mimetype == "text/css"
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--accent:#1d5a8a" in kept.text
    for other in ("/theme.css", "/theme.css?v=0123456789"):
        assert client.get(other).headers["Cache-Control"] == "no-cache"
    again = client.get(found[1], headers={"If-None-Match": kept.headers["ETag"]})
    assert again.status_code == 304
    assert owner.submit(ROOM, {"accent": ""}, page=ROOM).status_code == 303
    assert SHEET.search(client.get("/").text) is None, "pages that were kept are not shown any more"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a picture."),
        (b'<?xml version="1.0"?><SVG xmlns="x" onload="alert(1)"/>', "This is an SVG"),
        (b"MZ" + bytes(64), "Choose a JPEG, PNG"),
        (picture(size=(1200, 100)).getvalue(), "5 times as long"),
    ],
)
def test_what_is_no_logo_is_refused_at_its_field(
    app: Flask, owner: ShopClient, content: bytes, said: str
) -> None:
    url = "/admin/settings/logo/dark"
    file = (io.BytesIO(content), "logo.png" if content else "")
    form = fill_in(owner, ROOM, url, picture=file)
    answer = owner.post(url, data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert re.search(rf'id="dark-picture-error"[^\n]*{re.escape(said)}', answer.text), said
    with app.app_context():
        assert db.session.scalars(select(Logo)).all() == []


def test_a_colour_that_cannot_be_read_is_refused(owner: ShopClient) -> None:
    answer = owner.submit(ROOM, {"accent": "#ffd700"}, page=ROOM)
    assert answer.status_code == 422
    assert re.search(r'id="accent-error".*nearest that can be read is #[0-9a-f]{6}', answer.text)
    assert sheet_of(owner) == ""


def test_others_may_not(owner: ShopClient, app: Flask) -> None:
    seller = sign_in(app, ["products.edit"])
    assert seller.get(ROOM).status_code == 403
    assert seller.submit("/admin/settings/logo/light/removal", page="/cart").status_code == 403
    assert owner.submit("/admin/settings/logo/sepia/removal", page="/cart").status_code == 404
