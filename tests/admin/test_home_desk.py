"""The desk of the home page: a draft of blocks that everybody sees once it is published."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.blocks import DEFAULT, Block
from shop.catalog.input_types import CollectionFields, PictureFields
from shop.catalog.services import choose_products, create_collection, delete_section
from shop.catalog.services.home import draft_blocks, draft_mark, update_block
from shop.core.db import db
from shop.models import BlockKind, Collection, HomeBlock, PieceSource
from tests.admin.kit import picture, shown, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_category, make_product
from tests.sql import counted

DESK = "/admin/home"


def block_form(client: ShopClient, page: str, action: str, **typed: Any) -> dict[str, Any]:
    """Return what the form of a block sends, `typed` over it."""
    text = client.get(page).text
    picked = r'<select[^>]*name="source".*?<option selected value="(\w+)"'
    chosen = re.search(picked, text, re.DOTALL)
    source = {"source": chosen[1]} if chosen else {}
    return shown(text, f'action="{action}"') | source | typed


def add(client: ShopClient, kind: str, **typed: Any) -> int:
    form = block_form(client, f"{DESK}/blocks/new?kind={kind}", f"{DESK}/blocks", **typed)
    answers = twice(client, f"{DESK}/blocks", form)
    assert [answer.status_code for answer in answers] == [303, 303], answers[0].text
    return int(answers[0].headers["Location"].rpartition("-")[2])


def order_form(client: ShopClient, act: str = "") -> dict[str, Any]:
    text = client.get(DESK).text
    keys = re.findall(r'name="piece" value="(\d+)"', text)
    return {**shown(text, 'id="order"'), "piece": keys} | ({"act": act} if act else {})


def main_part(client: ShopClient) -> str:
    return client.get("/").text.partition("<main")[2].partition("</main>")[0]


def publish(client: ShopClient) -> int:
    form = shown(client.get(DESK).text, f'action="{DESK}/publication"')
    return client.post(f"{DESK}/publication", data=form).status_code


@both_engines
def test_a_draft_is_composed_looked_at_and_published(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
        ids = [
            make_product(
                f"Lamp {n}", category=home, pictures=[PictureFields(str(n) * 64, 800, 1000)]
            ).id
            for n in range(5)
        ]
        gifts = create_collection(CollectionFields(name="Gifts", is_active=True))
        choose_products(gifts, ids[3:])
    before = main_part(owner)
    story = add(owner, "story", title="Why we do it", text="One.\n\nTwo.", link_text="Read",
                link_url="/pages/about")  # fmt: skip
    row = add(
        owner, "pieces", title="To give", source="collection", collection=str(gifts), amount="2"
    )
    assert (story, row) == (7, 8)
    for act in (f"up-{row}", f"up-{row}", "drop-6", f"top-{row}"):
        assert owner.post(DESK, data=order_form(owner, act)).status_code == 303
    hero = block_form(owner, f"{DESK}/blocks/1", f"{DESK}/blocks/1", title="Autumn <b>sale</b>")
    hero["upload"] = (picture(), "hero.png")
    assert owner.post(f"{DESK}/blocks/1", data=hero).status_code == 303
    hidden = block_form(owner, f"{DESK}/blocks/5", f"{DESK}/blocks/5", is_hidden="y")
    assert owner.post(f"{DESK}/blocks/5", data=hidden).status_code == 303
    assert main_part(owner) == before
    preview = owner.get(f"{DESK}/preview").text
    assert "This is the draft" in preview
    assert publish(owner) == 303
    text = owner.get("/").text
    assert "This is the draft" not in text
    for page in (preview, text):
        assert re.findall(r'<h[12] id="b(\d)"', page) == ["8", "1", "2", "3", "7"]
        assert "Autumn &lt;b&gt;sale&lt;/b&gt;" in page
        assert "<p>One.</p><p>Two.</p>" in page
        assert re.findall(r'<h3><a href="/products/(lamp-\d)', page)[:2] == ["lamp-3", "lamp-4"]
        assert len(re.findall(r"<h1", page)) == 1
    with app.app_context():
        assert set(db.session.scalars(select(HomeBlock.is_live))) == {True}
        actions = [entry.action for entry in trail()]
        assert actions.count("home.create") == 2
        assert actions[-1] == "home.publish"
    assert publish_again(owner) == 409
    with app.app_context():
        delete_section(Collection, gifts)
    assert "Shows nothing" in owner.get(DESK).text
    assert "To give" not in owner.get("/").text


def publish_again(client: ShopClient) -> int:
    """Publish where nothing was changed: the page has no form for it."""
    form = shown(client.get(DESK).text, 'id="order"')
    with client.application.app_context():
        form["mark"] = draft_mark()
    return client.post(f"{DESK}/publication", data=form).status_code


@both_engines
def test_who_was_overtaken_publishes_nothing_unseen(app: Flask, owner: ShopClient) -> None:
    add(owner, "story", title="Ours", text="Text.")
    seen = shown(owner.get(DESK).text, f'action="{DESK}/publication"')
    order = order_form(owner, "up-7")
    form = block_form(owner, f"{DESK}/blocks/7", f"{DESK}/blocks/7", title="Mine", text="Text.")
    with app.app_context():
        update_block(7, Block(kind=BlockKind.STORY, title="Theirs", text="Text."))
    late = owner.post(f"{DESK}/publication", data=seen)
    assert late.status_code == 409
    assert "Look at it once more" in late.text
    late = owner.post(f"{DESK}/blocks/7", data=form)
    assert late.status_code == 409
    assert "It says now: Theirs" in late.text
    add(owner, "promises")
    late = owner.post(DESK, data=order)
    assert late.status_code == 409
    assert "Theirs" not in owner.get("/").text
    discard = shown(owner.get(DESK).text, f'action="{DESK}/discard"')
    assert owner.post(f"{DESK}/discard", data=discard).status_code == 303
    with app.app_context():
        assert draft_blocks() == list(DEFAULT)


def test_nonsense_is_refused(app: Flask, owner: ShopClient) -> None:
    for kind, typed, sentence in [
        ("story", {"title": "", "text": "x"}, "needs a title and a text"),
        ("hero", {"title": "x" * 121}, "at most 120 characters"),
        ("hero", {"link_url": "//evil.example", "link_text": "x"}, "Enter a path of the shop"),
        ("hero", {"link_url": "javascript:alert(1)", "link_text": "x"}, "Enter a path"),
        ("hero", {"link_url": "/products"}, "Enter both"),
        ("pieces", {"amount": "13"}, "1 to 12 pieces"),
        ("pieces", {"amount": "x"}, "Enter a number"),
        ("pieces", {"source": "stars"}, "Choose which pieces."),
        ("pieces", {"source": "collection", "collection": ""}, "Choose a collection."),
        ("hero", {"picture": "c" * 64}, "Choose the picture again."),
    ]:
        form = block_form(owner, f"{DESK}/blocks/new?kind={kind}", f"{DESK}/blocks", **typed)
        answer = owner.post(f"{DESK}/blocks", data=form)
        assert answer.status_code == 422, typed
        assert sentence in answer.text, typed
    assert owner.get(f"{DESK}/blocks/new?kind=carousel").status_code == 422
    assert owner.get(f"{DESK}/blocks/99").status_code == 404
    for _ in range(6):
        add(owner, "promises")
    form = block_form(owner, f"{DESK}/blocks/new?kind=promises", f"{DESK}/blocks")
    assert owner.post(f"{DESK}/blocks", data=form).status_code == 422
    empty = order_form(owner) | {"piece": []}
    assert owner.post(DESK, data=empty).status_code == 422
    with app.app_context():
        assert len(draft_blocks()) == 12


@pytest.mark.parametrize("source", list(PieceSource))
def test_rows_of_pieces_cost_a_statement_or_two(
    app: Flask, owner: ShopClient, source: PieceSource
) -> None:
    with app.app_context():
        home = make_category("Home")
        for n in range(4):
            make_product(f"Lamp {n}", category=home)
    owner.get("/")
    with counted(app) as usual:
        owner.get(f"{DESK}/preview")
    choice = {"category": str(home.id)} if source is PieceSource.CATEGORY else {}
    if source is PieceSource.COLLECTION:
        with app.app_context():
            made = create_collection(CollectionFields(name="Gifts", is_active=True))
            choice = {"collection": str(made)}
    add(owner, "pieces", source=source.value, amount="3", **choice)
    with counted(app) as more:
        assert owner.get(f"{DESK}/preview").status_code == 200
    assert len(more) - len(usual) <= 2
    with counted(app) as desk:
        owner.get(DESK)
    assert len(desk) <= 8, desk
