"""Finished pages: shared between visitors, filled per visitor, bounded, made once at a time."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from flask import Flask, g

from shop.core import clock
from shop.core.db import db, transaction
from shop.customers.booking import follow_account
from shop.models import User, UserSession
from shop.settings.services import set_setting
from shop.web import page_cache
from shop.web.holes import hole
from shop.web.page_cache import OVERHEAD, PageCache, PageStore, finished_page
from shop.web.visitor import hashed
from tests.client import ShopClient
from tests.conftest import IN_CI
from tests.factories import make_product


def sign_in(app: Flask, client: ShopClient, name: str) -> None:
    """Give the client a session of an account called `name`."""
    token = uuid4().hex
    with app.app_context(), transaction() as session:
        user = User(email=f"{name}@x.y", email_key=f"{name}@x.y", password_hash="", name=name)
        session.add(user)
        session.flush()
        follow_account(user.id)
        session.add(
            UserSession(
                token_hash=hashed(token),
                user_id=user.id,
                expires_at=clock.now().replace(year=2099),
            )
        )
    with client.session_transaction() as cookie:
        cookie["sid"] = token


def answer(key: str, render: Callable[[], str]) -> str:
    """Return the text of the finished page under `key`."""
    return finished_page((key,), render).get_data(as_text=True)


def kept(app: Flask) -> list[str]:
    """Return the texts of all pages that `app` keeps."""
    cache: PageCache = app.extensions["pagecache"]
    return [b"\x01".join(e.pieces).decode() for e in cache.store.entries.values()]


def test_visitors_share_a_page_and_see_their_own_names_and_bags(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        variant = make_product(slug="x").variants[0]
    ada, bob = app.test_client(), app.test_client()
    sign_in(app, ada, "Ada")
    sign_in(app, bob, "Bob")
    ada.submit("/cart/items", {"variant_id": variant.id, "quantity": "3"}, page="/")
    for url in ("/", "/products", "/products/x"):
        pages = [client.get(url).text, ada.get(url).text, bob.get(url).text]
        size = len(kept(app))
        assert [("Ada" in page, "Bob" in page) for page in pages] == [
            (False, False),
            (True, False),
            (False, True),
        ]
        assert ["Bag, 3 items" in page for page in pages] == [False, True, False]
        assert len(kept(app)) == size
    assert not any("Ada" in page or "Bag, 3 items" in page for page in kept(app))


def test_a_page_is_the_same_whoever_asked_for_it_first(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(slug="x")
    cache: PageCache = app.extensions["pagecache"]
    ada = app.test_client()
    sign_in(app, ada, "Ada")
    ada.submit("/preferences", {"theme": "dark"}, page="/menu")
    first = {}
    for visitor in (client, ada):
        for url in ("/", "/products", "/products/x"):
            visitor.get(url)
        found = {key: entry.pieces for key, entry in cache.store.entries.items()}
        first = first or found
        assert found == first
        cache.store = PageStore()


def test_every_visitor_has_a_token_of_their_own(app: Flask, client: ShopClient) -> None:
    other = app.test_client()
    tokens = {client.token("/"), other.token("/")}
    assert len(tokens) == 2
    assert client.submit("/preferences", {"theme": "dark"}, page="/").status_code == 303
    stolen = {"csrf_token": tokens.pop(), "theme": "dark"}
    answers = {one.post("/preferences", data=stolen).status_code for one in (client, other)}
    assert answers == {303, 400}


def test_finished_pages_are_private(app: Flask, client: ShopClient) -> None:
    for url in ("/", "/products"):
        headers = client.get(url).headers
        assert headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in headers["Vary"]
        assert "HX-Request" in headers["Vary"]


def test_only_plain_lists_are_kept(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product("Ambre", slug="ambre")
    for url in (
        "/products?q=ambre",
        "/products?min_price=5",
        "/products?sort=newest&in_stock=1",
        "/products?min_price=abc",
        "/products/ambre?variant=1",
    ):
        client.get(url)
    assert not any("<html" in page for page in kept(app))
    for n in range(50):
        client.get(f"/products?utm_source=x{n}")
    assert sum("<html" in page for page in kept(app)) == 1


def test_what_nobody_offers_makes_no_new_page(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product("Ambre", slug="ambre")
    plain = client.get("/products").text
    before = len(kept(app))
    for query in ("brand=x1", "brand=x2", "category=x3", "min_price=%C2%A0", "max_price=%E2%80%83"):
        assert client.get(f"/products?{query}").text.count("\u2003") == 0
        assert client.get("/products").text.count("\xa0") == plain.count("\xa0")
    assert len(kept(app)) == before


def test_a_setting_makes_every_page_new(app: Flask, client: ShopClient) -> None:
    assert "Maison Flux" in client.get("/").text
    with app.app_context():
        set_setting("name", "Maison Neuve", user_id=None)
    assert "Maison Neuve" in client.get("/").text


def test_a_flash_is_shown_once_and_not_kept(app: Flask, client: ShopClient) -> None:
    client.get("/")
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("error", "Only once <b>")]
    assert "Only once &lt;b&gt;" in client.get("/").text
    assert "Only once" not in client.get("/").text


def test_the_store_keeps_within_its_bytes_and_drops_what_nobody_wants() -> None:
    store = PageStore(budget=5 * (100 + OVERHEAD + 2))
    for n in range(5):
        store.put(f"k{n}", (b"x" * 100,))
    assert store.get("k0") is not None
    store.put("k5", (b"x" * 100,))
    assert [store.get(f"k{n}") is not None for n in range(6)] == [True, False, *[True] * 4]
    assert store.size <= store.budget
    store.put("k5", (b"x" * 10,))
    store.put("huge", (b"x" * page_cache.LARGEST,))
    assert store.get("huge") is None
    assert store.size == sum(entry.size for entry in store.entries.values())


def test_a_provisional_page_is_made_again_soon(app: Flask) -> None:
    made = []

    def render() -> str:
        made.append(1)
        g.page_is_provisional = len(made) == 1
        return f"page {len(made)}"

    with app.test_request_context():
        assert [answer("p", render) for _ in range(2)] == ["page 1"] * 2
        (entry,) = app.extensions["pagecache"].store.entries.values()
        assert 0 < entry.expires - clock.monotonic() <= 5
        entry.expires = clock.monotonic() - 1
        assert [answer("p", render) for _ in range(2)] == ["page 2"] * 2
        (entry,) = app.extensions["pagecache"].store.entries.values()
        assert entry.expires is None


def test_many_want_a_page_and_one_makes_it(app: Flask) -> None:
    started, go_on = threading.Event(), threading.Event()
    made: list[int] = []
    answers: list[str] = []

    def render() -> str:
        made.append(1)
        started.set()
        assert go_on.wait(10)
        return "page " + str(hole("cart_count"))

    def ask() -> None:
        with app.test_request_context():
            answers.append(answer("p", render))
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    threads[0].start()
    assert started.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert (len(made), answers) == (1, ["page "] * 8)


def test_a_failing_page_fails_alone_and_is_not_kept(app: Flask) -> None:
    def fail() -> str:
        raise ZeroDivisionError

    with app.test_request_context():
        with pytest.raises(ZeroDivisionError):
            finished_page(("p",), fail)
        assert g.get("page_recorder") is None
        assert answer("p", lambda: "well") == "well"


def test_a_marker_that_is_no_hole_is_never_kept(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(RuntimeError, match="no hole"):
        finished_page(("p",), lambda: "a \x01evil\x01 b")
    assert kept(app) == []


# -- Redis -----------------------------------------------------------------------------------------


@pytest.fixture
def redis_url() -> str:
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    try:
        redis.Redis.from_url(url).ping()
    except redis.RedisError as error:
        if IN_CI:
            raise
        pytest.skip(f"no Redis: {error}")
    return url


def test_nodes_share_pages_through_redis(make_app: Callable[..., Flask], redis_url: str) -> None:
    mark = uuid4().hex
    made: list[str] = []

    def render() -> str:
        made.append(f"{mark} {hole('cart_count')}.")
        return made[-1]

    one, other, third = (make_app(REDIS_URL=redis_url) for _ in range(3))
    for app in (one, other, other):
        with app.test_request_context():
            assert answer(mark, render) == f"{mark} ."
    assert made == [f"{mark} \x01cart_count\x01."]
    client = redis.Redis.from_url(redis_url)
    (key,) = (k for k in client.scan_iter("vitrine:page:*") if mark in str(client.get(k)))
    assert 0 < client.ttl(key) <= 600
    client.set(key, b"a \x01evil\x01 b")  # what cannot be filled is a miss
    with third.test_request_context():
        assert answer(mark, render) == f"{mark} ."
    client.delete(key)
    client.close()


def test_shops_that_share_a_redis_share_no_page(
    make_app: Callable[..., Flask], redis_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    mark, elsewhere = uuid4().hex, tmp_path / "other.sqlite3"
    shutil.copy(sqlite_template, elsewhere)
    one = make_app(REDIS_URL=redis_url)
    other = make_app(REDIS_URL=redis_url, DATABASE_URL=f"sqlite:///{elsewhere}")
    with one.test_request_context():
        assert answer(mark, lambda: "prices of one") == "prices of one"
    with other.test_request_context():
        assert answer(mark, lambda: "prices of the other") == "prices of the other"


def test_without_redis_pages_are_made_here_and_redis_is_left_alone_for_a_while(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    shared = app.extensions["pagecache"].shared
    with app.test_request_context():
        assert answer("p1", lambda: "page") == "page"
        until = shared.resting_until
        assert 0 < until - clock.monotonic() <= 5
        assert answer("p2", lambda: "page") == "page"
        assert shared.resting_until == until  # it was not asked again
        shared.resting_until = 0
        assert answer("p3", lambda: "page") == "page"
        assert shared.resting_until > until


def test_the_release_is_named_by_its_code(app: Flask) -> None:
    with app.app_context():
        assert page_cache._release() == page_cache._release()
        db.session.remove()
